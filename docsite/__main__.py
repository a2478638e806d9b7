"""`python -m docsite [FOLDER] [--no-pictures]`: build the site, and end with 1 where anything in it is wrong."""

import argparse
import sys
from pathlib import Path

from docsite.build import BUILT, build


def main() -> int:
    """Build as the command line says."""
    asked = argparse.ArgumentParser(prog="python -m docsite", description="Build the documentation's website.")
    asked.add_argument("folder", nargs="?", type=Path, default=BUILT, help="where to; usually build/site")
    asked.add_argument("--no-pictures", action="store_true", help="start no vendor, no whsync and no browser")
    words = asked.parse_args()
    warnings = build(words.folder, pictures=not words.no_pictures)
    for warning in warnings:
        print(warning, file=sys.stderr)
    if warnings:
        return 1
    print(f"{words.folder / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
