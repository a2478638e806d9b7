"""`whsync init`: a starter file that is valid as it stands, and nothing that exists is written over."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from reconciler.config.starter import Chosen, is_at_hand, starter
from reconciler.providers.registry import Registry, builtin_names
from tests.cli.conftest import Result, Run
from tests.manifests.every import SHAPES

NAMES = builtin_names()
ADDRESSES = {f"{re.sub('[^A-Z0-9]', '_', name.upper())}_URL": "https://api.vendor.test" for name in NAMES}
DEFAULTS = re.compile(r"^    # (settings:|  .*)$", re.MULTILINE)


def _text(folder: Path) -> str:
    return (folder / "webhooks.yaml").read_text(encoding="utf-8")


def _valid(run: Run, env: Mapping[str, str] = ADDRESSES) -> Result:
    result = run("validate", env=env)
    assert (result.exit, result.stderr) == (0, ""), result
    return result


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_valid_as_it_is_written(run: Run, tmp_path: Path, name: str) -> None:
    """For each vendor: the example webhook, and the settings that stand there as comments, too."""
    assert run("init", name).exit == 0
    assert "1 webhook, 1 provider: valid" in _valid(run).stdout
    text = _text(tmp_path)
    with_settings = DEFAULTS.sub(lambda line: f"    {line[1]}", text)
    (tmp_path / "webhooks.yaml").write_text(with_settings, encoding="utf-8")
    _valid(run)
    vendor = Registry().vendor(name, {}, ".")
    assert all(variable in text for variable in vendor.variables.values())
    assert ("    #   " in text) == bool(vendor.settings)


def test_all_vendors_in_one_file(run: Run, tmp_path: Path) -> None:
    """Each webhook names its provider where there are several, and no two mean the same."""
    assert run("init", *NAMES, NAMES[0]).exit == 0
    assert f"{len(NAMES)} webhooks, {len(NAMES)} providers: valid" in _valid(run).stdout
    assert max(map(len, _text(tmp_path).splitlines())) <= 120
    assert run("fmt", "--check").exit == 0


@pytest.mark.parametrize("path", SHAPES, ids=lambda path: path.stem)
def test_a_manifest_of_ones_own(run: Run, tmp_path: Path, path: Path) -> None:
    """Its path is what the entry has as `type`."""
    (tmp_path / "vendors").mkdir()
    (tmp_path / "vendors" / path.name).write_bytes(path.read_bytes())
    assert run("init", f"./vendors/{path.name}").exit == 0
    addresses = dict.fromkeys(re.findall(r"\$\{(\w+)\}", _text(tmp_path)), "https://api.vendor.test")
    _valid(run, env=addresses)


def test_what_can_be_applied_at_once(run: Run, tmp_path: Path) -> None:
    """The example of a simulated vendor is planned without a problem."""
    from reconciler.sandbox import Sandbox

    with Sandbox(["github"]) as box:
        env = {"GITHUB_TOKEN": box["github"].credentials["token"], "GITHUB_HOOK_SECRET": "quite a long secret"}
        assert run("init", env=env).exit == 0
        text = _text(tmp_path).replace("    type: github\n", f"    type: github\n    base_url: {box['github'].url}\n")
        (tmp_path / "webhooks.yaml").write_text(text)
        result = run("plan", "--format", "json", env=env)
        assert [change["action"] for change in json.loads(result.stdout)["changes"]] == ["create"]


def test_nothing_is_written_over(run: Run, tmp_path: Path) -> None:
    """A file that is there stays, a link to nothing, too."""
    (tmp_path / "webhooks.yaml").write_text("mine")
    refused = run("init", "github")
    assert (refused.exit, _text(tmp_path)) == (1, "mine")
    assert "is there already, and is not written over" in refused.stderr
    (tmp_path / "other.yaml").symlink_to("nowhere.yaml")
    assert run("init", "github", "-c", "other.yaml").exit == 1
    assert not (tmp_path / "nowhere.yaml").exists()


def test_another_name(run: Run, tmp_path: Path) -> None:
    """`-c` names the file, and the next steps name it, too; two files are too many, a missing folder is told."""
    result = run("init", "github", "-c", "live hooks.yaml")
    assert (tmp_path / "live hooks.yaml").is_file()
    assert "`whsync validate -c 'live hooks.yaml'`" in result.stderr
    assert run("init", "github", "-c", "a.yaml", "-c", "b.yaml").exit == 64
    assert "nowhere" in run("init", "github", "-c", "nowhere/a.yaml").stderr


def test_vendors_whose_tokens_are_at_hand_are_chosen(run: Run, tmp_path: Path) -> None:
    """Without a name, those whose usual variables are set, all of one way; no value is written."""
    env = {"GITHUB_TOKEN": "t0ken-value", "CRYPTOFUSE_CLIENT_ID": "half of two"}
    assert run("init", env=env).exit == 0
    text = _text(tmp_path)
    assert "type: github\n" in text
    assert "cryptofuse" not in text
    assert "t0ken-value" not in text
    vendor = Registry().vendor("cryptofuse", {}, ".")
    assert is_at_hand(vendor, {"CRYPTOFUSE_CLIENT_ID": "x", "CRYPTOFUSE_CLIENT_SECRET": "y"})
    assert not is_at_hand(vendor, {"CRYPTOFUSE_CLIENT_ID": "x", "CRYPTOFUSE_CLIENT_SECRET": ""})


def test_without_a_terminal_nothing_is_asked(run: Run, tmp_path: Path) -> None:
    """The error has commands that can be typed: one that is enough, one that lists all names."""
    result = run("init", stdin="github\n")
    assert (result.exit, os.listdir(tmp_path)) == (64, [])
    assert f"`whsync init {NAMES[0]}`; `whsync providers list` shows all" in result.stderr
    assert all(f"{name} " in run("providers", "list").stdout for name in NAMES)


def test_on_a_terminal_it_asks(run: Run, tmp_path: Path) -> None:
    """Names with commas or spaces between them; an empty answer writes nothing."""
    assert run("init", terminal=True, stdin="\n").exit == 64
    assert run("init", terminal=True, stdin="github, cryptofuse\n").exit == 0
    assert "cryptofuse-events:" in _text(tmp_path)


def test_an_unknown_vendor_gets_a_suggestion(run: Run, tmp_path: Path) -> None:
    """It is wrong usage, and nothing is written."""
    result = run("init", "githb")
    assert (result.exit, os.listdir(tmp_path)) == (64, [])
    assert "did you mean `github`?" in result.stderr


def test_next_steps(run: Run) -> None:
    """What to set, to type, to commit and to keep out of git; not where somebody wants quiet."""
    told = run("init", "cryptofuse").stderr
    for words in ("CRYPTOFUSE_TOKEN, or ", "CRYPTOFUSE_URL", "`whsync plan`", "webhooks.lock.json.*, secrets/"):
        assert words in told
    assert "what exists at the vendors: `whsync import --into webhooks.yaml`" in told
    assert "whsync import" not in run("init", "cryptopocket", "-c", "c.yaml").stderr  # it cannot be read
    assert run("init", "github", "-q", "-c", "b.yaml").stderr == ""


def test_odd_names_are_quoted() -> None:
    """Whatever a manifest holds stays what it is: a name that YAML takes for a boolean, a path with spaces."""
    vendor = Registry().vendor("github", {}, ".")
    text = starter([Chosen("on", "./my vendors/on.yaml", vendor), Chosen("github", "github", vendor)])
    assert '  "on":\n' in text
    assert '    type: "./my vendors/on.yaml"\n' in text
