"""A release's files are whole and the same from build to build; its workflow may do little, and does what it says."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler import __version__

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
WORKFLOW: dict[str, Any] = yaml.safe_load(TEXT)
SUMS = "SHA256SUMS"

pytestmark = pytest.mark.xdist_group("release")
slow = pytest.mark.slow


def _names(sdist: Path) -> list[str]:
    with tarfile.open(sdist) as archive:
        return archive.getnames()


def _program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def _steps(job: str, folder: Path, tag: str) -> subprocess.CompletedProcess[str]:
    """The `run:` steps of a job, as a runner runs them, in a folder with a `make` and a `gh` of the test's own."""
    programs, python = folder / "programs", f'exec "{sys.executable}" "$@"'
    _program(programs / "make", f'test "$*" = release-files && exec "{sys.executable}" -m releasing')
    _program(programs / "gh", f'printf "%s\\n" "$@" > "{folder}/asked"')
    _program(folder / ".venv" / "bin" / "python", python)
    (folder / "temp").mkdir(exist_ok=True)
    surroundings = {
        "PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "GITHUB_REF_NAME": tag,
        "GITHUB_REPOSITORY": "acme/whsync",
        "GITHUB_OUTPUT": str(folder / "output"),
        "RUNNER_TEMP": str(folder / "temp"),
        "SOURCE_DATE_EPOCH": "1700000000",
    }
    script = "\n".join(f"( {step['run']}\n)" for step in WORKFLOW["jobs"][job]["steps"] if "run" in step)
    command = ["bash", "-e", "-o", "pipefail", "-c", script]
    return subprocess.run(
        command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False, timeout=110
    )


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the workflow's first job leaves: it builds twice, and compares."""
    if find_spec("cyclonedx_py") is None:
        pytest.skip("needs the extra `release`")
    folder = tmp_path_factory.mktemp("runner")
    done = _steps("build", folder, f"v{__version__}")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@slow
def test_the_files_are_these_and_have_their_digests(released: Path) -> None:
    """Wheel, sdist and SBOM, each with its digest; two builds gave the same bytes, or the job would have failed."""
    files = sorted(path.name for path in (released / "dist").iterdir())
    name = f"whsync-{__version__}"
    assert files == sorted([SUMS, f"{name}-py3-none-any.whl", f"{name}.cdx.json", f"{name}.tar.gz"])
    lines = (released / "dist" / SUMS).read_text(encoding="utf-8").splitlines()
    told = {line.partition("  ")[2]: line.partition("  ")[0] for line in lines}
    assert told == {
        file: hashlib.sha256((released / "dist" / file).read_bytes()).hexdigest() for file in files if file != SUMS
    }
    assert (released / "output").read_text(encoding="utf-8") == f"version={__version__}\n"


@slow
def test_no_time_but_the_commits_is_in_them(released: Path) -> None:
    """Whoever builds the same commit tomorrow gets the same bytes."""
    (sdist,), (wheel,) = (released / "dist").glob("*.tar.gz"), (released / "dist").glob("*.whl")
    with tarfile.open(sdist) as archive:
        assert {member.mtime for member in archive} == {1700000000}
    assert {entry.date_time for entry in zipfile.ZipFile(wheel).infolist()} == {(2023, 11, 14, 22, 13, 20)}


@slow
def test_the_sdist_holds_all_that_is_in_the_repository(released: Path) -> None:
    """Who has it can build, test and read everything: each file that git knows is in it."""
    git = shutil.which("git")
    listed = subprocess.run([git or "git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if git is None or listed.returncode:
        pytest.skip("this is no checkout of git")
    (sdist,) = (released / "dist").glob("*.tar.gz")
    held = {name.partition("/")[2] for name in _names(sdist)}
    tracked = {name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()}
    assert sorted(tracked - held) == []
    assert tracked


@slow
def test_the_bill_of_materials_names_what_an_installation_is_made_of(released: Path) -> None:
    """Every package that whsync needs, as the lock pins it, and nothing that only tests or builds it."""
    (file,) = (released / "dist").glob("*.cdx.json")
    bill = json.loads(file.read_text(encoding="utf-8"))
    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "whsync")
    assert bill["metadata"]["component"]["version"] == __version__
    parts = {each["name"]: each for each in bill["components"]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    direct = {re.split(r"[^a-z0-9-]", line)[0] for line in project["dependencies"]}
    assert direct & set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE)) <= parts.keys()
    assert not parts.keys() & {"pytest", "hatchling", "sphinx", "mypy"}
    assert all(f"{name}=={each['version']}" in lock for name, each in parts.items())
    assert all(each["externalReferences"][0]["hashes"] for each in parts.values())


@slow
def test_a_tag_that_is_not_the_version_is_not_released(tmp_path: Path) -> None:
    """The run ends before it builds anything a second time, and says what the tag should be."""
    command = [sys.executable, "-m", "releasing", str(tmp_path / "dist"), "--tag", "v9.9.9"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"v{__version__}" in done.stderr
    assert not (tmp_path / "dist").exists()


@slow
def test_the_later_jobs_take_the_files_as_they_are(released: Path, tmp_path: Path) -> None:
    """Each sees that all arrived whole; the index gets wheel and sdist only, the release all of them."""
    for job in ("sign", "publish", "announce"):
        folder = tmp_path / job
        shutil.copytree(released / "dist", folder / "dist")
        done = _steps(job, folder, f"v{__version__}")
        assert done.returncode == 0, done.stdout + done.stderr
    published = sorted(path.suffix for path in (tmp_path / "publish" / "index").iterdir())
    assert published == [".gz", ".whl"]
    asked = (tmp_path / "announce" / "asked").read_text(encoding="utf-8").splitlines()
    assert asked[:3] == ["release", "create", f"v{__version__}"]
    assert "--verify-tag" in asked
    assert len([word for word in asked if word.startswith("dist/")]) == 4


@slow
@pytest.mark.parametrize("job", ["sign", "publish", "announce"])
def test_a_file_that_was_changed_on_its_way_ends_the_run(job: str, released: Path, tmp_path: Path) -> None:
    """Nothing is signed, published or put anywhere once a digest does not fit."""
    shutil.copytree(released / "dist", tmp_path / "dist")
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    wheel.write_bytes(wheel.read_bytes() + b"x")
    assert _steps(job, tmp_path, f"v{__version__}").returncode != 0
    assert not (tmp_path / "asked").exists()
    assert not (tmp_path / "index").exists()


def test_the_workflow_may_do_no_more_than_it_needs() -> None:
    """Nothing by default; signing and publishing get an identity, only the last job may write, no secret is used."""
    assert WORKFLOW["permissions"] == {}
    assert {name: job["permissions"] for name, job in WORKFLOW["jobs"].items()} == {
        "build": {"contents": "read"},
        "sign": {"id-token": "write", "attestations": "write"},
        "publish": {"id-token": "write"},
        "announce": {"contents": "write"},
    }
    assert "secrets." not in TEXT
    assert WORKFLOW["jobs"]["publish"]["environment"]["name"] == "pypi"


def test_actions_are_pinned_and_no_step_is_filled_in() -> None:
    """Each action is named by a commit, with its version beside it; no expression stands in a shell command."""
    uses = re.findall(r"uses: (.+)", TEXT)
    assert [each for each in uses if not re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)] == []
    assert len(uses) > 5
    scripts = [step["run"] for job in WORKFLOW["jobs"].values() for step in job["steps"] if "run" in step]
    assert [script for script in scripts if "${{" in script] == []


@pytest.mark.parametrize(
    "words",
    [
        ("zizmor", "--offline", "--no-progress", "--persona=pedantic"),
        ("check-jsonschema", "--builtin-schema", "vendor.github-workflows"),
    ],
    ids=lambda words: words[0],
)
def test_those_who_look_at_workflows_find_nothing(words: tuple[str, ...]) -> None:
    """Neither in what it may do, nor in how it is written."""
    program = Path(sys.executable).with_name(words[0])
    if not program.exists():
        pytest.skip(f"needs {words[0]}, of the extra `dev`")
    command = [str(program), *words[1:], str(ROOT / ".github" / "workflows" / "release.yml")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_job_waits_for_the_one_before() -> None:
    """What is published was signed, what was signed was built."""
    needs = {name: job.get("needs") for name, job in WORKFLOW["jobs"].items()}
    assert needs == {"build": None, "sign": "build", "publish": ["build", "sign"], "announce": "publish"}


def test_make_does_what_the_workflow_asks_of_it() -> None:
    """`make release-files` is `python -m releasing`, of the locked environment."""
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\nrelease-files: ")[2]
    assert recipe.splitlines()[1] == "\t$(BIN)/python -m releasing"
    assert recipe.startswith("$(VENV)/.installed-dev ")
