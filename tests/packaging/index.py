"""A package index of the test's own, on loopback, with what is installed here. Used by `test_installing`.

Installed packages become wheels again: what their RECORD lists, zipped. So installers meet a real index (PEP 503), and
nothing is asked of any other.
"""

import functools
import http.server
import re
import threading
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def closure(names: Iterable[str]) -> set[str]:
    """These packages and all that they need here."""
    waiting = list(map(Requirement, names))
    seen: set[str] = set()
    while waiting:
        asked = waiting.pop()
        name = canonicalize_name(asked.name)
        if name in seen or (asked.marker and not asked.marker.evaluate({"extra": ""})):
            continue
        seen.add(name)
        waiting += map(Requirement, metadata.requires(name) or [])
    return seen


def repack(name: str, folder: Path) -> Path:
    """The installed package as a wheel in `folder`."""
    found = metadata.distribution(name)
    tags = re.findall(r"^Tag: (\S+)$", found.read_text("WHEEL") or "", re.MULTILINE)
    distribution = re.sub(r"[-_.]+", "_", found.metadata["Name"])
    wheel = folder / f"{distribution}-{found.version}-{_joined(tags)}.whl"
    kept = [file for file in found.files or () if file.suffix != ".pyc" and ".." not in file.parts]
    with zipfile.ZipFile(wheel, "w") as archive:
        for file in kept:
            archive.write(file.locate(), file.as_posix())
    return wheel


def _joined(tags: list[str]) -> str:
    """Tags as a file's name has them, each part with its alternatives."""
    parts = zip(*(tag.split("-") for tag in tags), strict=True)
    return "-".join(".".join(dict.fromkeys(part)) for part in parts)


@contextmanager
def served(wheels: Iterable[Path], folder: Path) -> Iterator[str]:
    """The address of an index that has these wheels; `folder` becomes its tree."""
    for wheel in wheels:
        home = folder / "simple" / canonicalize_name(wheel.name.partition("-")[0])
        home.mkdir(parents=True, exist_ok=True)
        (home / wheel.name).write_bytes(wheel.read_bytes())
    for home in [folder / "simple", *(folder / "simple").iterdir()]:
        links = "".join(
            f'<a href="{each.name}{"/" if each.is_dir() else ""}">{each.name}</a>\n' for each in home.iterdir()
        )
        (home / "index.html").write_text(f"<!DOCTYPE html><body>\n{links}</body>\n", encoding="utf-8")
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/simple/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
