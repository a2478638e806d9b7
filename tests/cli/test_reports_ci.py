"""Reports for people and CI, from every command that has something to tell, and what goes to a runner."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.world import World, hook, ledger, validate

DOCUMENTS = ("markdown", "github", "gitlab", "codequality", "junit", "sarif")


@pytest.fixture
def runner(world: World) -> Path:
    """A runner that takes outputs and a page; the folder of its files."""
    world.environment |= {"GITHUB_OUTPUT": "outputs", "GITHUB_STEP_SUMMARY": "page.md"}
    return world.folder


def _reports(*forms: str) -> list[str]:
    return [word for form in forms for word in ("--report", f"{form}=out.{form}")]


def test_one_run_writes_every_format(world: World) -> None:
    """A pipeline gets the comment, the tests, the findings and the counts from one run, beside the text."""
    world.write({"ci": hook(), "ledger": ledger()})
    done = world("plan", *_reports("json", "ndjson", *DOCUMENTS))
    assert (done.exit, "Plan: 2 to add" in done.stdout) == (0, True)
    told = {form: (world.folder / f"out.{form}").read_text() for form in ("json", "ndjson", *DOCUMENTS)}
    assert all(told.values())
    assert json.loads(told["gitlab"]) == {"create": 2, "update": 0, "delete": 0}
    assert ElementTree.fromstring(told["junit"]).attrib["tests"] == "2"
    validate("codequality", json.loads(told["codequality"]))
    assert "**Plan: 2 to add, 0 to change, 0 to destroy." in told["markdown"]


def test_drift_validate_and_show_write_reports(world: World) -> None:
    """Every command that shows a document also writes it, with its own exit code."""
    world.write({"ci": hook()})
    world.applied()
    assert world("drift", *_reports("markdown", "json")).exit == 0
    validate("drift", json.loads((world.folder / "out.json").read_text()))
    assert world("plan", "--out", "plan.json").exit == 0
    assert world("show", "plan.json", *_reports("markdown")).exit == 0
    assert "Saved plan: plan.json, made" in (world.folder / "out.markdown").read_text()
    world.write({"ci": hook(urll="x")})
    assert world("validate", *_reports("sarif", "gitlab")).exit == 1
    (result,) = json.loads((world.folder / "out.sarif").read_text())["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (result["ruleId"], place["artifactLocation"]["uri"]) == ("unknown-key", "webhooks.yaml")
    assert place["region"]["startLine"] > 1
    validate("codequality", json.loads((world.folder / "out.gitlab").read_text()))


def test_drift_stands_at_the_line_of_the_file(world: World) -> None:
    """Who reads a scanner's list is led to the webhook that somebody changed."""
    world.write({"ci": hook()})
    world.applied()
    world.box["github"].edit(world.box["github"].webhooks()[0]["id"], events=["push"])
    done = world("drift", "--format", "sarif")
    (result,) = json.loads(done.stdout)["runs"][0]["results"]
    assert (done.exit, result["ruleId"]) == (2, "drifted")
    lines = (world.folder / "webhooks.yaml").read_text().splitlines()
    line = result["locations"][0]["physicalLocation"]["region"]["startLine"]
    assert any("ci" in text for text in lines[line - 2 : line])


def test_after_an_apply_the_reports_have_its_result(world: World) -> None:
    """The comment that showed what would be done is followed by what was done; the JSON stays the plan."""
    world.write({"ci": hook()})
    done = world.apply(*_reports("markdown", "json", "gitlab"))
    assert done.exit == 0
    text = (world.folder / "out.markdown").read_text()
    assert text.startswith("<!-- whsync:apply -->\n")
    assert "**1 applied, 0 failed, 0 skipped.**" in text
    validate("plan", json.loads((world.folder / "out.json").read_text()))


def test_an_apply_can_tell_its_result_on_stdout(world: World) -> None:
    """`apply --format junit` is one document of the whole run, and nothing else is on stdout."""
    world.write({"ci": hook()})
    done = world.apply("--format", "junit")
    assert done.exit == 0
    assert ElementTree.fromstring(done.stdout).attrib["name"] == "whsync apply"


def test_a_refused_apply_tells_its_plan(world: World) -> None:
    """Where a guard said no, the document is the plan with the refusal in it, once."""
    world.write({"ci": hook(url="https://evil.example.com/x")}, policy={"allowed_hosts": ["*.acme.com"]})
    done = world.apply("--format", "markdown")
    assert done.exit == 3
    assert done.stdout.startswith("<!-- whsync:plan -->\n\n## whsync plan `webhooks.yaml`: refused\n")
    assert done.stdout.count("whsync:plan") == 1
    assert "`host-not-allowed`" in done.stdout


def test_a_run_that_fails_early_writes_its_reports(world: World) -> None:
    """A broken file is told where the plan would have been, so that no former comment stands there."""
    world.write({"ci": hook(urll="x")})
    done = world("plan", "--format", "markdown", *_reports("markdown", "junit", "gitlab"))
    assert done.exit == 1
    text = (world.folder / "out.markdown").read_text()
    assert text == done.stdout
    assert text.startswith("<!-- whsync:plan -->\n\n## whsync: 1 problem\n")
    assert ElementTree.fromstring((world.folder / "out.junit").read_text()).attrib["errors"] == "1"
    assert not (world.folder / "out.gitlab").exists()


def test_a_failure_never_takes_the_place_of_a_file(world: World) -> None:
    """Before the files were read nobody knows what is needed, so nothing that exists is written over."""
    world.write({"ci": hook(urll="x")})
    (world.folder / "kept.md").write_text("needed")
    assert world("plan", "--report", "markdown=kept.md").exit == 1
    assert (world.folder / "kept.md").read_text() == "needed"
    assert world("plan", "--report", "markdown=webhooks.yaml").exit == 1
    assert "urll" in (world.folder / "webhooks.yaml").read_text()


@pytest.mark.parametrize("argv", [("validate",), ("show", "plan.json")])
def test_a_report_never_takes_the_place_of_what_is_read(world: World, argv: tuple[str, ...]) -> None:
    """`validate --report json=webhooks.yaml` is wrong usage, and the file is whole."""
    world.write({"ci": hook()})
    world("plan", "--out", "plan.json")
    read = "plan.json" if argv[0] == "show" else "webhooks.yaml"
    before = (world.folder / read).read_text()
    assert world(*argv, "--report", f"json={read}").exit == 64
    assert (world.folder / read).read_text() == before


def test_a_runner_gets_outputs_and_a_page(world: World, runner: Path) -> None:
    """Later steps read whether there are changes; the page of the step has the plan; stdout has it, too."""
    world.write({"ci": hook()})
    done = world("plan", "--format", "github")
    outputs = dict(line.split("=", 1) for line in (runner / "outputs").read_text().splitlines())
    assert (outputs["has_changes"], outputs["create"], outputs["refused"]) == ("true", "1", "false")
    assert "has_changes" not in done.stderr
    assert (runner / "page.md").read_text().strip() == done.stdout.strip()


def test_a_page_is_added_to_and_never_written_twice(world: World, runner: Path) -> None:
    """What another tool has put on the page stays; a report into the page itself is not added a second time."""
    world.write({"ci": hook()})
    (runner / "page.md").write_text("before\n")
    world("plan", "--report", "github=out.md", "--format", "github")
    assert (runner / "page.md").read_text().startswith("before\n<!-- whsync:plan -->")
    assert (runner / "page.md").read_text().count("whsync:plan") == 1
    (runner / "page.md").unlink()
    world("plan", "--report", "github=page.md")
    assert (runner / "page.md").read_text().count("whsync:plan") == 1


def test_a_full_page_is_left_alone(world: World, runner: Path) -> None:
    """More than the runner takes would cost the whole page: it stays as it is, and a warning says so."""
    world.write({"ci": hook()})
    (runner / "page.md").write_text("x" * (1024 * 1024 - 10))
    done = world("plan", "--format", "github")
    assert (done.exit, "page of this step is full" in done.stderr) == (0, True)
    assert (runner / "page.md").stat().st_size == 1024 * 1024 - 10


def test_a_runner_that_takes_nothing_stops_no_work(world: World) -> None:
    """A file that cannot be written is a warning, and the values are on stderr."""
    world.environment |= {"GITHUB_OUTPUT": "missing/outputs"}
    world.write({"ci": hook()})
    done = world("plan", "--format", "github")
    assert done.exit == 0
    assert "Warning: the runner's file missing/outputs was not written" in done.stderr
    assert "has_changes=true" in done.stderr
