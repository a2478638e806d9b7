"""`whsync state merge` as git calls it, and by hand: which file is written, and what no run may take for a lock."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.errors import StateError
from reconciler.model.webhook import Entry, Fields
from reconciler.state.lock import Lock, from_json, to_json
from tests.cli.conftest import Result, Run
from tests.unit.render.plans import HOSTILE

FILES = ("base", "ours", "theirs")
Merge = Callable[..., Result]


def _entry(url: str = "https://a.test", remote_id: str = "1") -> Entry:
    return Entry("hub", "hub", "https://v.test", (), remote_id, Fields({"/url": url}))


def _lock(**urls: str) -> str:
    return to_json(Lock({name: _entry(url, name) for name, url in urls.items()}))


@pytest.fixture
def merge(run: Run, tmp_path: Path) -> Merge:
    """`whsync state merge base ours theirs` of three texts; one that is None is not there."""

    def merged(base: str | None, ours: str, theirs: str, *flags: str) -> Result:
        for name, text in zip(FILES, (base, ours, theirs), strict=True):
            if text is not None:
                (tmp_path / name).write_bytes(text.encode(errors="surrogateescape"))
        return run("state", "merge", *FILES, *flags)

    return merged


def test_the_result_takes_the_place_of_ours(merge: Merge, tmp_path: Path) -> None:
    """As git wants it; the other two stay, and nothing else is written, no configuration is asked for."""
    base, theirs = _lock(a="x"), _lock(a="x", b="y")
    result = merge(base, _lock(), theirs)
    assert (result.exit, result.stdout) == (0, "")
    assert [(tmp_path / name).read_text() for name in FILES] == [base, _lock(b="y"), theirs]
    assert sorted(os.listdir(tmp_path)) == sorted(FILES)


def test_the_result_goes_where_it_is_asked_for(merge: Merge, tmp_path: Path) -> None:
    """With --out no side is touched; what is there is replaced whole."""
    ours = _lock(a="x")
    (tmp_path / "out").write_text("old")
    assert merge(_lock(), ours, _lock(b="y"), "--out", "out").exit == 0
    assert (tmp_path / "out").read_text() == _lock(a="x", b="y")
    assert (tmp_path / "ours").read_text() == ours


@pytest.mark.parametrize("base", [None, "", "\n"])
def test_without_a_base_both_made_it(merge: Merge, tmp_path: Path, base: str | None) -> None:
    """Git gives an empty file where the branches have no common version; a missing one means the same."""
    assert merge(base, _lock(a="x"), _lock(a="x", b="y")).exit == 0
    assert (tmp_path / "ours").read_text() == _lock(a="x", b="y")


def test_the_result_is_in_whsyncs_own_spelling(merge: Merge, tmp_path: Path) -> None:
    """However the sides are indented and ordered: the bytes are those of the next apply."""
    squeezed = json.dumps(json.loads(_lock(a="x")))
    assert merge(squeezed, squeezed, squeezed.replace('"x"', '"y"')).exit == 0
    assert (tmp_path / "ours").read_text() == to_json(Lock({"a": _entry("y", "a")}))


def test_a_conflict_is_told_and_marked(merge: Merge, tmp_path: Path) -> None:
    """Each webhook with what both sides did and the way out; the file is no lock, but what is settled is in it once."""
    result = merge(_lock(a="x", c="x"), _lock(a="y", b="b", c="x"), _lock(a="z", c="c"), "--path", "my hooks.lock.json")
    assert (result.exit, result.stdout) == (1, "")
    assert "a: ours changed url, theirs changed url" in result.stderr
    assert "my hooks.lock.json has 1 conflict, and 3 webhooks" in result.stderr
    assert "`git checkout --theirs -- 'my hooks.lock.json'`" in result.stderr
    text = (tmp_path / "ours").read_text()
    with pytest.raises(StateError, match="conflict markers"):
        from_json(text, "lock")
    assert text.count('"b": {') == text.count('"c": {') == 1
    assert text.count('"a": {') == 2


def test_by_hand_nothing_is_said_of_git(merge: Merge, tmp_path: Path) -> None:
    """Without --path git did not ask; the marked file is where the result would have been."""
    result = merge(_lock(a="x"), _lock(a="y"), _lock(a="z"), "-o", "out")
    assert (result.exit, "git" in result.stderr) == (1, False)
    assert "<<<<<<< ours" in (tmp_path / "out").read_text()
    assert (tmp_path / "ours").read_text() == _lock(a="y")


NO_LOCKS = {
    "empty": ("", "is empty"),
    "truncated": (_lock(a="x")[:-20], "is not whole JSON"),
    "foreign": ('{"format": "terraform"}', "is not a lock of whsync"),
    "a list": ("[]", "is not a lock of whsync"),
    "newer": ('{"format": "whsync.lock/2", "webhooks": {}}', "has the format whsync.lock/2"),
    "not text": ("\udcff\udcfe", "is not text"),
    "twice": (_lock(a="x").replace('"a": {', '"a": {}, "a": {'), "has the key 'a' twice"),
    "marked": ("<<<<<<< x\n=======\n>>>>>>> y\n", "holds the conflict markers of a merge"),
    "a key at the top": (
        _lock(a="x").replace("{", '{"salt": "s",', 1),
        "holds 'salt', which this whsync does not know",
    ),
    "a key of a webhook": (_lock(a="x").replace('"a": {', '"a": {"mood": 1,'), "holds 'mood'"),
    "a key of a run": (
        _lock(a="x").replace('"a": {', '"a": {"by": {"run": "", "at": "", "mood": "1"},'),
        "holds 'mood'",
    ),
}


@pytest.mark.parametrize(("what", "side"), [(w, s) for w in NO_LOCKS for s in FILES if (w, s) != ("empty", "base")])
def test_what_is_no_lock_is_not_merged(merge: Merge, tmp_path: Path, what: str, side: str) -> None:
    """The side is named, with the way out; for git both sides stand between markers, by hand all stays."""
    text, said = NO_LOCKS[what]
    texts = {name: text if name == side else _lock(a="x") for name in FILES}
    by_hand = merge(*texts.values())
    assert by_hand.exit == 1
    assert f"{side} {said}" in by_hand.stderr
    assert "--lock" not in by_hand.stderr
    assert (tmp_path / "ours").read_bytes() == texts["ours"].encode(errors="surrogateescape")

    result = merge(*texts.values(), "--path", "live/webhooks.lock.json")
    assert result.exit == 1
    assert f"live/webhooks.lock.json ({side}) {said}" in result.stderr
    assert "`git checkout --ours -- :/live/webhooks.lock.json`" in result.stderr
    left = (tmp_path / "ours").read_text()
    assert left.startswith("<<<<<<< ours\n")
    with pytest.raises(StateError, match="conflict markers"):
        from_json(left, "lock")


def test_a_side_that_is_not_there(run: Run, tmp_path: Path) -> None:
    """A mistyped name is an error that names it; nothing is made."""
    (tmp_path / "ours").write_text(_lock())
    result = run("state", "merge", *FILES)
    assert (result.exit, "theirs" in result.stderr) == (1, True)
    assert os.listdir(tmp_path) == ["ours"]


@pytest.mark.parametrize("link", [True, False])
def test_the_result_follows_no_link_away(run: Run, tmp_path: Path, link: bool) -> None:
    """A link that a repository carries does not lead the result out of its folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    for name in FILES:
        (folder / name).write_text(_lock(a="x"))
    elsewhere = tmp_path / "elsewhere"
    if link:
        elsewhere.write_text("mine")
        (folder / "out").symlink_to(elsewhere)
    result = run("state", "merge", *FILES, "-o", "out", cwd=folder)
    assert result.exit == (64 if link else 0)
    assert not link or elsewhere.read_text() == "mine"


def test_names_of_others_are_plain(merge: Merge) -> None:
    """What a lock holds cannot drive the terminal of whoever merges."""
    names = [Lock({HOSTILE: _entry(url)}) for url in ("x", "y", "z")]
    result = merge(*map(to_json, names))
    assert result.exit == 1
    assert "\x1b" not in result.stderr
    assert "\u202e" not in result.stderr
