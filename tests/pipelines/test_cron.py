"""examples/08-cron: silent nights, mails when somebody has to look, one look at a time; and the container file."""

import configparser
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.sandbox import Sandbox
from reconciler.sandbox.github import GitHub
from tests.pipelines import stubs
from tests.pipelines.conftest import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.skipif("sys.platform == 'win32'", reason="a shell of Unix")]
EXAMPLE = ROOT / "examples" / "08-cron"


class Night:
    """The folder of the example, and the simulated vendor."""

    def __init__(self, folder: Path, vendor: GitHub) -> None:
        self.vendor, self.folder = vendor, folder / "whsync"
        shutil.copytree(EXAMPLE, self.folder)
        stubs.install(folder / "stubs")
        self.env = {
            "PATH": f"{folder / 'stubs'}:{os.environ['PATH']}",
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "GITHUB_API_URL": vendor.url,
            "GITHUB_TOKEN": vendor.credentials["token"],
        }

    def __call__(self, *command: str) -> subprocess.CompletedProcess[str]:
        """The script, or another command there."""
        words = command or (str(self.folder / "nightly.sh"),)
        return subprocess.run(
            words, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False, timeout=60
        )


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    """See `Night`."""
    if shutil.which("flock") is None:
        pytest.skip("there is no flock here")
    with Sandbox(("github",)) as box:
        yield Night(tmp_path, box["github"])


def test_it_says_something_only_when_somebody_has_to_look(night: Night) -> None:
    """Cron mails whatever is said: nothing at 0; drift, an error and a refusal with the code that whsync ended with."""
    assert night("whsync", "apply", "--yes").returncode == 0
    quiet = night()
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    (hook,) = night.vendor.webhooks()
    night.vendor.edit(hook["id"], events=["push"])
    drifted = night()
    assert drifted.returncode == 2
    assert "release" in drifted.stdout
    assert "whsync drift ended with 2" in drifted.stdout
    night.env["GITHUB_TOKEN"] = "expired"
    failed = night()
    assert failed.returncode == 1
    assert "whsync drift ended with 1" in failed.stdout


def test_two_at_once_take_turns(night: Night) -> None:
    """A second look waits, and gives up with an error where the first does not end; the wait is cut short here."""
    script = night.folder / "nightly.sh"
    text = script.read_text(encoding="utf-8")
    assert "flock --wait 600 9" in text
    script.write_text(text.replace("--wait 600", "--wait 0"), encoding="utf-8")
    held = f"exec 9>{night.env['XDG_RUNTIME_DIR']}/whsync-nightly-{os.getuid()}.lock; flock 9; exec {script}"
    busy = night("sh", "-c", held.replace(f"exec {script}", f"{script} 9>&-"))
    assert (busy.returncode, "Another nightly look" in busy.stderr) == (1, True)


def test_the_table_of_cron_and_the_units_call_it() -> None:
    """Each has the script, the folder and the credentials' file; systemd finds no fault where it is here."""
    line = (EXAMPLE / "crontab").read_text(encoding="utf-8").splitlines()[-1]
    assert re.fullmatch(r"\d+ \d+ \* \* \* whsync cd /etc/whsync && set -a && \. \S+ && \./nightly\.sh", line)
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign] # keys keep their letters
    unit.read(EXAMPLE / "whsync-drift.service", encoding="utf-8")
    service = unit["Service"]
    assert (service["ExecStart"], service["WorkingDirectory"]) == ("/etc/whsync/nightly.sh", "/etc/whsync")
    assert unit["Unit"]["OnFailure"] == "whsync-mail@%n.service"
    assert (EXAMPLE / "whsync-mail@.service").exists()


def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    """Where it is here: with a program in the place of the script, which is not on this machine."""
    judge = shutil.which("systemd-analyze")
    if judge is None:
        pytest.skip("there is no systemd here")
    units = []
    for path in [*EXAMPLE.glob("*.service"), *EXAMPLE.glob("*.timer")]:
        units.append(tmp_path / path.name)
        units[-1].write_text(path.read_text(encoding="utf-8").replace("/etc/whsync/nightly.sh", "/bin/true"))
    done = subprocess.run(
        [judge, "verify", "--man=no", *units], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


COPIED = re.compile(r"^COPY (?!--from)(.+) \S+$", re.MULTILINE)


def container() -> str:
    """The container file."""
    return (ROOT / "Containerfile").read_text(encoding="utf-8")


def test_the_image_is_built_of_what_it_copies(tmp_path: Path) -> None:
    """The files that it names are all that a wheel of whsync needs."""
    for names in COPIED.findall(container()):
        for name in names.split():
            source = ROOT / name
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, tmp_path / name)
    build = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(tmp_path / "dist"),
        str(tmp_path),
    ]
    done = subprocess.run(build, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list((tmp_path / "dist").glob("whsync-*.whl"))


def test_the_image_is_pinned_and_not_roots() -> None:
    """Every package is checked by its hash, the build fetches nothing else, and the program is not root."""
    text = container()
    assert "--require-hashes --requirement requirements.lock" in text
    unasked = [line for line in text.splitlines() if "pip install" in line and "$EXTRAS" not in line]
    assert all("--require-hashes" in line or "--no-deps --no-build-isolation" in line for line in unasked)
    assert len(unasked) == 2
    assert not re.search(r"\b(ADD|curl|wget|apt-get)\b", text)
    assert re.findall(r"^USER (\d+)$", text, re.MULTILINE) == ["10001"]
    assert text.index("USER 10001") < text.index("ENTRYPOINT")
