"""A sweep: what goes wrong with one tenant ends no other, and what cannot be kept is said."""

from pathlib import Path

import pytest

from reconciler.fleet.children import Children
from reconciler.fleet.results import Results
from reconciler.fleet.sweep import Run, Runner, environment_of, prefixes_of, sweep
from reconciler.fleet.types import Environment, Result, Tenant

NOON = "2026-11-30T12:00:00Z"


def run_of(environment: dict[str, str], *tenants: Tenant) -> Run:
    """A run with these variables."""
    return Run(environment, (), prefixes_of(tenants), None, lambda: NOON, lambda *_: None)


def tenant(name: str = "shop", folder: Path = Path("/shop"), **environment: object) -> Tenant:
    """A tenant in a folder."""
    around = Environment(**{**Environment()._asdict(), **environment})
    return Tenant(name, (str(folder / "webhooks.yaml"),), str(folder), environment=around)


@pytest.mark.parametrize("at_once", [1, 3])
def test_a_bug_met_by_one_tenant_is_its_own(at_once: int) -> None:
    """Its failure is told without the text of the error, which may hold anything; the others are done."""

    def job(each: Tenant) -> Result | None:
        if each.name == "bad":
            raise KeyError("hunter2")
        return Result(each.name, "plan", NOON, 0.0, 0)

    tenants = [tenant(name) for name in ("one", "bad", "two")]
    found = {each.name: result for each, result in sweep(tenants, job, "plan", at_once)}
    assert {name: result.exit_code for name, result in found.items() if result} == {"one": 0, "bad": 1, "two": 0}
    assert "KeyError" in str(found["bad"])
    assert "hunter2" not in str(found["bad"])


def test_a_result_that_cannot_be_kept_is_a_failure(tmp_path: Path) -> None:
    """The document is told all the same, and the exit code says that something is wrong."""
    (tmp_path / "kept").write_text("in the way", encoding="utf-8")
    (tmp_path / "webhooks.yaml").write_text("version: 1\nproviders: {}\nwebhooks: {}\n", encoding="utf-8")
    runner = Runner(run_of({"PATH": "/usr/bin:/bin"}), Children(), Results(str(tmp_path / "kept")))
    found = runner.plan(tenant(folder=tmp_path), ("--offline",))
    assert found is not None
    assert found.exit_code == 1
    assert "cannot be kept" in found.problems[-1]["summary"]


def test_a_tenant_whose_folder_is_gone(tmp_path: Path) -> None:
    """It cannot be run, which its result says."""
    results = Results(str(tmp_path / "kept"))
    found = Runner(run_of({}), Children(), results).plan(tenant(folder=tmp_path / "gone"))
    assert found is not None
    assert (found.exit_code, found.document) == (1, None)
    assert "cannot be run" in found.problems[0]["summary"]
    assert results.read_all([tenant()]) == {("shop", "plan"): found}


def test_nothing_is_begun_once_all_were_asked_to_stop(tmp_path: Path) -> None:
    """And nothing is kept of what was not begun."""
    children = Children()
    children.interrupt()
    runner = Runner(run_of({}), children, Results(str(tmp_path / "kept")))
    assert runner.plan(tenant(folder=tmp_path)) is None
    assert not (tmp_path / "kept").exists()


def test_an_env_file_goes_before_what_the_prefix_gives(tmp_path: Path) -> None:
    """A tenant's own file has the last word about its own variables; of the machine's it changes none."""
    (tmp_path / "own.env").write_text("# ours\nexport TOKEN='from file'\n", encoding="utf-8")
    shop = tenant(files=(str(tmp_path / "own.env"),), prefix="SHOP_")
    ours = {"PATH": "/bin", "SHOP_TOKEN": "x", "SHOP_OTHER": "y", "TOKEN": "platform", "ELSE": "platform"}
    assert environment_of(shop, run_of(ours, shop)) == {"PATH": "/bin", "TOKEN": "from file", "OTHER": "y"}
