"""The tutorial and the pages of how to do things work as they stand, typed line by line against a simulated vendor."""

import shutil
from pathlib import Path

import pytest

from reconciler.sandbox import Sandbox
from tests.docs.blocks import ROOT, blocks
from tests.docs.parcelhub import FOLDER as PARCELHUB
from tests.docs.parcelhub import practice_vendor
from tests.docs.played import PORT, dateless, fits, play, steps

PAGES = ("tutorial", "taking-over", "rotating", "locks", "fleet")
README = ROOT / "README.md"
ELSEWHERE = "whsync adopt ledger"
"""Is about an API that cannot be searched, so there is nothing to type it at in that page."""

SURROUNDINGS = {"CI_HOOK_SECRET": "anything-long-enough"}


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_a_page_works_as_it_stands(name: str, tmp_path: Path) -> None:
    """Each command ends well and prints what the page shows; what is not shown may be anything."""
    if not shutil.which("curl"):
        pytest.skip("the pages play a colleague with curl, which is not here")
    asked = [each for each in steps(ROOT / "docs" / f"{name}.md") if not each.command.startswith(ELSEWHERE)]
    folder = tmp_path / "folder"
    folder.mkdir()
    with Sandbox(("github",)) as box:
        github = box["github"]
        variables = {**SURROUNDINGS, "GITHUB_API_URL": github.url, "GITHUB_TOKEN": github.credentials["token"]}
        played = play(asked, folder, github.url, variables)
    assert len(asked) == len(played) > 5
    wrong = [
        f"{step.where}: {step.command} ended with {code}: {said}"
        for step, (code, said) in zip(asked, played, strict=True)
        if code or (step.shown and not fits((*map(dateless, step.shown), "…"), list(map(dateless, said))))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
def test_a_vendor_of_your_own_from_its_description_to_a_plan_without_changes(tmp_path: Path) -> None:
    """The page works as it stands, and what its reader has at the end is what the example's folder holds."""
    if not shutil.which("curl"):
        pytest.skip("the page plays a colleague with curl, which is not here")
    asked = steps(ROOT / "docs" / "your-vendor.md")
    folder = tmp_path / "folder"
    folder.mkdir()
    shutil.copy(PARCELHUB / "openapi.yaml", folder)
    with practice_vendor() as url:
        played = play(asked, folder, url, {"PARCELHUB_URL": f"{url}/v2"})
    wrong = [
        f"{step.where}: {step.command} ended with {code}: {said}"
        for step, (code, said) in zip(asked, played, strict=True)
        if code or (step.shown and not fits((*step.shown, "…"), said))
    ]
    assert not wrong, "\n".join(wrong)
    for name in ("parcelhub.yaml", "webhooks.yaml"):
        made = (folder / name).read_text(encoding="utf-8").replace(url, f"http://127.0.0.1:{PORT}")
        assert made.removeprefix("# webhooks.yaml\n") == (PARCELHUB / name).read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_lines_of_the_readme_work(tmp_path: Path) -> None:
    """Its file and its commands, from the first `validate` to the pipeline's last, end well at a simulated vendor."""
    (file,) = [block.text for block in blocks("yaml") if block.document == README]
    folder = tmp_path / "folder"
    folder.mkdir()
    typed = [step for step in steps(README) if step.command.startswith("whsync ") and step.command != "whsync demo"]
    asked = [
        step._replace(command=f"{step.command.partition('#')[0].rstrip()} --yes")
        if "asks for" in step.command
        else step
        for step in typed
    ]
    with Sandbox(("github",)) as box:
        github = box["github"]
        assert "github: {} " in file
        (folder / "webhooks.yaml").write_text(
            file.replace("{} ", f"{{base_url: '{github.url}'}} ", 1), encoding="utf-8"
        )
        variables = {**SURROUNDINGS, "GITHUB_TOKEN": github.credentials["token"]}
        played = play(asked, folder, github.url, variables)
        assert len(github.webhooks()) == 1
    assert len(asked) == len(played) == 9
    assert [
        f"{step.command} ended with {code}: {said}" for step, (code, said) in zip(asked, played, strict=True) if code
    ] == []
    assert {"plan.json", "comment.md", "findings.sarif"} <= {path.name for path in folder.iterdir()}


def test_the_tutorial_names_the_sandbox_as_it_is() -> None:
    """What a reader exports is what the sandbox accepts."""
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    assert f"export GITHUB_TOKEN={Sandbox(('github',))['github'].credentials['token']}\n" in text


def test_what_is_left_out_is_nothing_else() -> None:
    """`…` stands for lines, and a line that was not said is no part of what was."""
    assert fits(("a", "…", "c"), ("a", "b", "c"))
    assert fits(("…", "c"), ("c",))
    assert not fits(("a", "c"), ("a", "b", "c"))
    assert not fits(("…", "d"), ("a", "b", "c"))
