"""`python -m releasing [FOLDER] [--tag TAG]`: make the files, into dist/ unless told otherwise; prints their names."""

import argparse
import sys
from pathlib import Path

from releasing.files import make, version


def main() -> int:
    """Make them as the command line says."""
    asked = argparse.ArgumentParser(prog="python -m releasing", description="Make the files of a release.")
    asked.add_argument("folder", nargs="?", type=Path, default=Path("dist"), help="where to; usually dist")
    asked.add_argument("--tag", help="the tag that is released; one that is not `v` and the version is an error")
    words = asked.parse_args()
    if words.tag is not None and words.tag != f"v{version()}":
        print(
            f"The tag is {words.tag}, and the version is {version()}: a release is tagged v{version()}.",
            file=sys.stderr,
        )
        return 1
    for file in make(words.folder):
        print(file.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
