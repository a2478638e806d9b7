"""pipelines/install.sh: what each pipeline begins with, against a pip that only looks at its words."""

import os
import subprocess
from pathlib import Path

import pytest

from reconciler import __version__
from tests.pipelines import stubs
from tests.pipelines.conftest import ROOT

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="a shell of Unix")


@pytest.mark.parametrize("words", [(), ("",), ("", "jwt,aws"), ("1.2.0rc1",), ("1.2.0rc1", "jwt")])
def test_it_is_installed_as_the_lock_says_or_by_a_release(tmp_path: Path, words: tuple[str, ...]) -> None:
    """What this checkout holds, each package by its hash; or a release. A second time, it is there already."""
    assert _installed(tmp_path, *words) == (0, f"{__version__}\n")
    assert _installed(tmp_path, *words) == (0, "")


@pytest.mark.parametrize("words", [("latest",), ("1.0 --pre",), ("../x",), ("", "jwt]; x"), ("", "JWT")])
def test_no_other_word_gets_to_pip(tmp_path: Path, words: tuple[str, ...]) -> None:
    """A version is a number, extras are names."""
    assert _installed(tmp_path, *words)[0] == 64


def _installed(folder: Path, *words: str) -> tuple[int, str]:
    stubs.install(folder / "stubs")
    env = {"PATH": f"{folder / 'stubs'}:{os.environ['PATH']}", "STUBS": str(folder / "stubs")}
    command = ["bash", str(ROOT / "pipelines" / "install.sh"), str(folder / "whsync"), *words]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout
