"""`make fuzz`: every target in turn, for FUZZ_SECONDS each (60 unless set); ends with 1 where one found something.

With atheris what the bytes reach is measured and followed. Without it the same targets get seeds that were changed at
random, and that is said: such a run looks less far.
"""

import importlib
import importlib.util
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

GUIDED = importlib.util.find_spec("atheris") is not None


def main() -> int:
    """Run every target in a process of its own."""
    from tests.fuzz.targets import TARGETS

    if not GUIDED:
        print(
            f"atheris is not installed (it has no files for Python {sys.version_info[0]}.{sys.version_info[1]} or its "
            "extra `fuzz` was not asked for): without it, nothing leads the bytes to new paths",
            file=sys.stderr,
        )
    seconds = os.environ.get("FUZZ_SECONDS", "60")
    command = [sys.executable, "-m", "tests.fuzz"]
    failed = [name for name in TARGETS if subprocess.run([*command, name, seconds], check=False).returncode]
    print("fuzz: " + (f"something was found by {', '.join(failed)}" if failed else "nothing was found"))
    return 1 if failed else 0


def one(name: str, seconds: int) -> None:
    """Run one target; what it finds is raised, with the bytes in a file that is named."""
    if GUIDED:
        _guided(name, seconds)
    from tests.fuzz.targets import TARGETS

    target, chance, runs = TARGETS[name], random.Random(), 0
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        data = mutated(chance.choice(target.seeds), chance)
        try:
            target(data)
        except BaseException:
            with tempfile.NamedTemporaryFile(prefix=f"whsync-fuzz-{name}-", delete=False) as kept:
                kept.write(data)
            print(f"{name}: found with the bytes in {kept.name}", file=sys.stderr)
            raise
        runs += 1
    print(f"{name}: {runs:,} inputs in {seconds} s, not guided")


def _guided(name: str, seconds: int) -> None:
    atheris: Any = importlib.import_module("atheris")  # untyped, and not where the tests run

    with atheris.instrument_imports(include=["reconciler"]):
        from tests.fuzz.targets import TARGETS
    target = TARGETS[name]

    def change(data: bytes, largest: int, seed: int) -> bytes:
        chance = random.Random(seed)
        return (mutated(data, chance) if chance.random() < 0.5 else bytes(atheris.Mutate(data, largest)))[:largest]

    with tempfile.TemporaryDirectory(prefix="whsync-fuzz-") as corpus:
        for number, seed in enumerate(target.seeds):
            Path(corpus, str(number)).write_bytes(seed)
        kept = f"-artifact_prefix={tempfile.gettempdir()}/whsync-fuzz-{name}-"
        how = [f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=2048", "-max_len=20000", "-verbosity=0"]
        atheris.Setup(["fuzz", *how, "-print_final_stats=1", kept, corpus], target, custom_mutator=change)
        print(f"{name}:", flush=True)
        atheris.Fuzz()


def mutated(seed: bytes, chance: random.Random) -> bytes:
    """The seed with a few bytes changed, or, where it is JSON, with another value in some places."""
    if chance.random() < 0.5:
        first, line, rest = seed.partition(b"\n") if chance.random() < 0.5 else (b"", b"", seed)
        try:
            return first + line + json.dumps(_other(json.loads(rest or seed), chance)).encode()
        except (ValueError, RecursionError):
            pass
    data = bytearray(seed)
    for _ in range(chance.randint(1, 8)):
        at = chance.randint(0, len(data))
        upto = min(len(data), at + chance.choice([0, 0, 1, 1, 4, 40]))
        data[at:upto] = chance.choice(
            [b"", bytes([chance.randrange(256)]), chance.choice(_WORDS), bytes(data[at:upto]) * 2]
        )
    return bytes(data)


_WORDS = [
    b"null",
    b"1e999",
    b"-1",
    b"[]",
    b"{}",
    b'""',
    b"true",
    b"NaN",
    b"\n",
    b": ",
    b"- ",
    b"&a *a",
    b"\xff",
    b"${",
    b"\\u0000",
]


def _other(tree: Any, chance: random.Random) -> Any:
    if chance.random() < 0.1:
        return chance.choice([None, True, 0, -1, 1.5, 10**30, "", "x", [], {}, [None], {"": None}, "\ud800", "\0"])
    if isinstance(tree, dict):
        return {key: _other(each, chance) for key, each in tree.items() if chance.random() > 0.02}
    return [_other(each, chance) for each in tree] if isinstance(tree, list) else tree


if __name__ == "__main__":
    if len(sys.argv) == 3:
        one(sys.argv[1], int(sys.argv[2]))
    else:
        sys.exit(main())
