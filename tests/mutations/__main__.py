"""`python -m tests.mutations [WORD …]`: take out what protects each promise, and see its tests fail.

With words, only mutations that have one of them in what they protect. Ends with 1 where one survives or does not apply.
"""

import sys
import tempfile
import time
from pathlib import Path

from tests.mutations.mutants import mutations, survives


def main(words: list[str]) -> int:
    """Run the table, and print a line for each mutation."""
    chosen = [each for each in mutations() if not words or any(word in each.protects for word in words)]
    survivors = 0
    for each in chosen:
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            trouble = survives(each, Path(folder))
        survivors += bool(trouble)
        seconds = time.monotonic() - begun
        print(f"{each.promise:>2}  {each.protects:<84} {trouble.upper() or 'caught'}  {seconds:.0f} s", flush=True)
    print(f"{len(chosen)} mutations, {survivors} not caught")
    return 1 if survivors or not chosen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
