"""Locks and git, with real branches: what two of them applied is merged by webhook, and what conflicts is told."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from reconciler.cli.git_setup import command_line
from reconciler.state.lock import from_json
from tests.cli.clone import Clone
from tests.cli.conftest import Run
from tests.cli.world import World, hook

pytestmark = [
    pytest.mark.skipif(shutil.which("git") is None, reason="there is no git to make branches with"),
    pytest.mark.slow,
]


def _at(place: str, **changes: object) -> dict[str, object]:
    return hook(url=f"https://ci.acme.com/{place}", secret=None, **changes)


def _clone(world: World, **how: object) -> Clone:
    """A clone with one webhook, applied, that merges locks by webhook."""
    clone = Clone(world, **how)  # type: ignore[arg-type]
    clone.set_up()
    clone.hook("base", _at("base"))
    clone.apply("base")
    return clone


def _two_branches(clone: Clone, ours: str = "aa", theirs: str = "zz") -> None:
    """Two branches that each made a webhook; the work tree has ours."""
    clone.branch("theirs")
    clone.hook(theirs, _at(theirs))
    clone.apply("theirs")
    clone.branch("ours")
    clone.hook(ours, _at(ours))
    clone.apply("ours")


def _is_settled(clone: Clone, *names: str) -> None:
    """The lock is in whsync's own spelling, has these webhooks, and the next plan is empty."""
    text = clone.lock.read_text()
    assert set(json.loads(text)["webhooks"]) == set(names)
    result = clone("plan", "--detailed-exitcode")
    assert (result.exit, "No changes." in result.stdout) == (0, True), result
    assert clone("apply", "--yes").exit == 0
    assert clone.lock.read_text() == text


def test_two_branches_are_merged(world: World) -> None:
    """Each branch applied its own: the merged lock knows both, and nothing is left to do."""
    clone = _clone(world)
    _two_branches(clone)
    assert "Merged webhooks.lock.json: 3 webhooks." in clone.git("merge", "theirs")
    assert clone.git("status", "--porcelain") == ""
    _is_settled(clone, "base", "aa", "zz")


def test_neighbours_that_git_alone_could_not_merge(world: World) -> None:
    """Both branches added behind the same webhook: without the driver that is a conflict, with it there is none."""
    clone = _clone(world)
    _two_branches(clone, "x1", "x2")
    clone.git("-c", "merge.whsync.driver=git merge-file %A %O %B", "merge", "theirs", exit=1)
    assert "conflict markers" in clone("plan").stderr
    clone.git("merge", "--abort")
    clone.git("merge", "theirs")
    _is_settled(clone, "base", "x1", "x2")


def test_a_rebase_and_a_cherry_pick(world: World) -> None:
    """Both merge the lock of each commit that they carry over."""
    clone = _clone(world)
    _two_branches(clone)
    clone.git("checkout", "-b", "picked")
    clone.git("rebase", "theirs", "ours")
    _is_settled(clone, "base", "aa", "zz")
    clone.git("checkout", "picked")
    clone.git("cherry-pick", "theirs")
    _is_settled(clone, "base", "aa", "zz")


def test_the_same_change_on_both_branches(world: World) -> None:
    """What was carried over by hand and applied on both is no conflict, though each apply noted it at its own time."""
    clone = _clone(world)
    for name in ("theirs", "ours"):
        clone.branch(name)
        clone.hook("base", _at("elsewhere"))
        clone.hook(name, _at(name))
        clone.apply(name)
    clone.git("merge", "theirs")
    _is_settled(clone, "base", "ours", "theirs")


def test_branches_that_merged_each_other(world: World) -> None:
    """Git merges what they have in common first, and asks whsync for that, too."""
    clone = _clone(world)
    _two_branches(clone, "x1", "x2")
    clone.git("checkout", "-b", "again", "theirs")
    clone.git("merge", "ours")
    clone.git("checkout", "ours")
    clone.git("merge", "theirs")
    clone.hook("x3", _at("x3"))
    clone.apply("more of ours")
    clone.git("checkout", "again")
    clone.hook("x4", _at("x4"))
    clone.apply("more of theirs")
    clone.git("merge", "ours")
    _is_settled(clone, "base", "x1", "x2", "x3", "x4")


def test_paths_with_spaces_and_more(world: World) -> None:
    """A configuration in a folder of its own, with names that shells and git's patterns take for something else."""
    clone = _clone(world, folder="my 'hooks' $HOME", lock="live [1] *.lock.json")
    _two_branches(clone)
    assert "/live [1] *.lock.json: 3 webhooks." in clone.git("merge", "theirs")
    _is_settled(clone, "base", "aa", "zz")


def test_two_branches_that_each_made_the_lock(world: World) -> None:
    """Without a common ancestor there is nothing that one side could have removed."""
    clone = Clone(world)
    clone.set_up()
    clone.commit("nothing yet")
    _two_branches(clone)
    clone.git("merge", "theirs")
    _is_settled(clone, "aa", "zz")


def _conflict(clone: Clone) -> str:
    """Two branches changed one webhook, and one of them made another; what git says of their merge."""
    clone.branch("theirs")
    clone.hook("zz", _at("zz"))
    clone.hook("base", _at("base", events=["push"]))
    clone.apply("theirs")
    clone.branch("ours")
    clone.hook("base", None)
    clone.apply("ours", "--prune-all")
    clone.git("merge", "--no-commit", "theirs", exit=1)
    return clone.git("status", "--porcelain")


def test_a_conflict_is_refused_until_it_is_resolved(world: World) -> None:
    """Git shows it, no command takes the file for a lock, and one side can be kept; then the plan tells the truth."""
    clone = _clone(world)
    assert "UU webhooks.lock.json" in _conflict(clone)
    for command in (("plan",), ("apply", "--yes"), ("drift",), ("state", "list")):
        result = clone(*command)
        assert result.exit == 1
        assert "holds the conflict markers of a merge, from line" in result.stderr
    clone.git("merge", "--abort")
    assert clone("plan").exit == 0

    said = clone.git("merge", "theirs", exit=1)
    assert "base: ours removed it, theirs changed events" in " ".join(said.split())
    assert "webhooks.lock.json has 1 conflict, and 2 webhooks" in said
    clone.git("rm", "-f", "hooks/base.yaml")
    text = clone.lock.read_text()
    assert text.index('"zz"') > text.index(">>>>>>> theirs") > text.index('"base"') > text.index("<<<<<<< ours")
    clone.git("checkout", "--ours", "--", ":/webhooks.lock.json")
    clone.git("add", ":/webhooks.lock.json")
    clone.git("commit", "-m", "ours: it is gone")
    assert clone.world.actions("-c", str(clone.world.config)) == {"zz": "adopt"}
    clone.apply("known again")
    _is_settled(clone, "zz")


def test_one_side_kept_between_the_markers(world: World) -> None:
    """By hand: what stands outside of the markers was merged, and only the webhook in question is decided."""
    clone = _clone(world)
    _conflict(clone)
    before, _, rest = clone.lock.read_text().partition("<<<<<<< ours\n")
    ours, _, rest = rest.partition("=======\n")
    assert '"base"' not in ours
    clone.lock.write_text(before + ours + rest.partition(">>>>>>> theirs\n")[2])
    clone.git("rm", "-f", "hooks/base.yaml")
    clone.commit("resolved")
    _is_settled(clone, "zz")


def test_a_clone_that_was_not_told_merges_line_by_line(world: World) -> None:
    """Where whsync is not found, or the clone lacks the setting, git does as ever, and a conflict stays one."""
    clone = Clone(world, knows_whsync=False)
    clone.git("config", "merge.whsync.driver", command_line().replace(command_line().split(" state")[0], "whsync"))
    (clone.top / ".gitattributes").write_text("webhooks.lock.json merge=whsync\n")
    clone.hook("base", _at("base"))
    clone.apply("base")
    _two_branches(clone, "x1", "x2")
    for setting in ((), ("config", "--unset", "merge.whsync.driver")):
        if setting:
            clone.git(*setting)
        clone.git("merge", "theirs", exit=1)
        assert "conflict markers" in clone("plan").stderr
        clone.git("merge", "--abort")


def test_what_is_no_lock_is_never_taken_for_merged(world: World) -> None:
    """One branch has something else there: git gets a conflict, the file both sides, and whsync refuses it."""
    clone = _clone(world)
    clone.branch("theirs")
    clone.lock.write_text('{"sops": "something encrypted"}\n')
    clone.commit("theirs")
    clone.git("checkout", "main")
    clone.hook("aa", _at("aa"))
    clone.apply("ours")
    said = " ".join(clone.git("merge", "theirs", exit=1).split())
    assert "webhooks.lock.json (theirs) is not a lock of whsync" in said
    assert "`git checkout --ours -- webhooks.lock.json`" in said
    assert "conflict markers" in clone("plan").stderr
    clone.git("checkout", "--ours", "--", "webhooks.lock.json")
    _is_settled(clone, "base", "aa")


# Setting git up


def _config(clone: Clone) -> str:
    return clone.git("config", "--local", "--list")


def test_git_is_told_once(world: World) -> None:
    """A line for everybody and a setting for this clone; a second time there is nothing to do, nor anything asked."""
    clone = Clone(world)
    (clone.top / ".gitattributes").write_text("*.png binary")
    first = clone("init", "--git", "--yes")
    assert first.exit == 0
    assert (clone.top / ".gitattributes").read_text() == "*.png binary\n/webhooks.lock.json merge=whsync\n"
    assert "run `whsync init --git` once in each" in first.stderr
    before = _config(clone)
    assert "merge.whsync.driver=whsync state merge --path=%P" in before
    again = clone("init", "--git")
    assert (again.exit, _config(clone)) == (0, before)
    assert "merges the lock by webhook already" in again.stderr


def test_without_a_terminal_git_is_told_nothing_unasked(world: World) -> None:
    """`--yes` is what it takes, and is named; on a terminal only yes does it."""
    clone = Clone(world)
    before = _config(clone)
    refused = clone("init", "--git")
    assert (refused.exit, "--yes" in refused.stderr) == (64, True)
    assert world("init", "--git", "-c", str(world.config), terminal=True, stdin="no\n").exit == 1
    assert (_config(clone), (clone.top / ".gitattributes").exists()) == (before, False)
    assert world("init", "--git", "-c", str(world.config), terminal=True, stdin="yes\n").exit == 0
    assert "merge.whsync.driver" in _config(clone)


def test_what_somebody_else_has_set_stays(world: World) -> None:
    """Another attribute is an error that says where; another driver is left alone, and told."""
    clone = Clone(world)
    attributes = clone.top / ".gitattributes"
    attributes.write_text("*.json merge=union\n")
    refused = clone("init", "--git", "--yes")
    assert (refused.exit, attributes.read_text()) == (1, "*.json merge=union\n")
    assert "is union in git" in refused.stderr
    attributes.unlink()
    clone.git("config", "merge.whsync.driver", "mine %A")
    told = clone("init", "--git", "--yes")
    assert "merge.whsync.driver is already set, to mine %A" in told.stderr
    assert "merge.whsync.driver=mine %A" in _config(clone)


def test_a_line_without_effect_is_told(world: World) -> None:
    """What stands in this clone alone goes before what is committed: then the lock is not merged by webhook."""
    clone = Clone(world)
    (clone.top / ".git" / "info").mkdir(exist_ok=True)
    (clone.top / ".git" / "info" / "attributes").write_text("*.lock.json !merge\n")
    result = clone("init", "--git", "--yes")
    assert (result.exit, "something else says how that lock is merged" in result.stderr) == (1, True)
    assert "merge.whsync.driver" not in _config(clone)


def test_asking_git_runs_nothing_else(world: World) -> None:
    """A clone's configuration names programs for this and that; what is asked of git starts none of them."""
    clone = Clone(world)
    clone.commit("something that git has an index of")
    ran = clone.top.parent / f"{clone.top.name}-ran"
    for key in ("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "alias.config", "alias.rev-parse"):
        clone.git("config", key, f"!touch '{ran}'" if key.startswith("alias") else f"touch '{ran}'")
    assert clone("init", "--git", "--yes").exit == 0
    assert not ran.exists()


def test_a_starter_in_a_clone(run: Run, tmp_path: Path) -> None:
    """`init` offers it: with --yes it is done, without a terminal it is told."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    told = run("init", "github", "-c", "a.yaml")
    assert "`whsync init --git --yes`" in told.stderr
    assert not (tmp_path / ".gitattributes").exists()
    assert run("init", "github", "--yes").exit == 0
    assert (tmp_path / ".gitattributes").read_text() == "/webhooks.lock.json merge=whsync\n"


def test_outside_of_any_clone(run: Run, tmp_path: Path) -> None:
    """There is no git to tell: an error, and a starter file without a word of it."""
    refused = run("init", "--git", "--yes")
    assert (refused.exit, "is in no work tree of git" in refused.stderr) == (1, True)
    assert "git merges" not in run("init", "github").stderr


def test_the_lock_reads_back(world: World) -> None:
    """What a merge wrote is a lock by the reader that every run uses."""
    clone = _clone(world)
    _two_branches(clone)
    clone.git("merge", "theirs")
    assert set(from_json(clone.lock.read_text(), "lock").entries) == {"base", "aa", "zz"}
