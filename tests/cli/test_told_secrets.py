"""What answers and reads tell of a secret that we sent: a mask, the value, or that there is none."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.keys import Fault, Shop, Vendor, served

MANIFEST = """\
type: teller
title: Teller
sources: [https://teller.example/docs]
unknown: [Nothing that matters here.]
auth: [{kind: bearer}]
read: [{how: list, path: /hooks, items: hooks}]
identity: {id: id}
natural_key: [/url]
fields:
  url: {read: url, write: /url}
  events: {read: events, write: /events}
  status: {absent: It cannot be switched off}
  description: {read: text, write: /text}
secret: {lifecycle: either, write: /secret, issued: issued}
create: [{path: /hooks, ok: [201], ok_when: id}]
update: [{path: "/hooks/{id}", ok: [200]}]
retire: [{how: delete, path: "/hooks/{id}"}]
examples: []
"""
FIRST, SECOND = "first-of-our-secrets-41d2", "second-of-our-secrets-9b7e"
NONE = "stands for none at all"
Tells = Callable[[str], dict[str, Any]]


def hint(secret: str) -> dict[str, Any]:
    """A mask that tells secrets apart."""
    return {"hint": f"{secret[:3]}***{secret[-3:]}"}


def flag(secret: str) -> dict[str, Any]:
    """Only whether there is one."""
    return {"has_key": secret != NONE}


def value(secret: str) -> dict[str, Any]:
    """All of it."""
    return {"key": secret}


def nothing(secret: str) -> dict[str, Any]:
    """Not a word."""
    return {}


def masked_by_reads(secret: str) -> dict[str, Any]:
    """A mask, where writes are answered with all of it."""
    return hint(secret)


WORDS: dict[Tells, str] = {
    hint: ", mask: hint",
    flag: ", has: has_key",
    value: ", value: key",
    nothing: "",
    masked_by_reads: ", mask: hint, value: key",
}


def shown_while_there(tells: Tells) -> Tells:
    """The same, and not a word where there is none."""
    return lambda secret: {} if secret == NONE else tells(secret)


class Teller(Vendor):
    """Answers and reads show of a secret what `answers` and `reads` say; it keeps what `keeps` leaves of one."""

    kind = "teller"

    def __init__(self, reads: Tells, answers: Tells | None = None) -> None:
        super().__init__()
        self.reads, self.answers = reads, answers or reads
        self.keeps: Callable[[str], str] = str
        self.silent: tuple[str, ...] = ()

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """See `Vendor`."""
        match method, path:
            case "GET", ["hooks"]:
                return 200, {"hooks": [{**row, **self.reads(self.secrets[row["id"]])} for row in self.rows]}
            case "POST", ["hooks"]:
                return 201, self.told(self.add("none of ours"), body)
            case "PATCH", ["hooks", row_id]:
                return 200, self.told(self.row(row_id), body)
            case _:
                return 404, {"message": "not there"}

    def told(self, row: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        """What a write does, and its answer, which says nothing of the fields in `silent`."""
        if (secret := body.pop("secret", None)) is not None:
            self.secrets[row["id"]] = self.keeps(secret)
        row.update(body)
        shown = {name: value for name, value in row.items() if name not in self.silent}
        return {**shown, **self.answers(self.secrets[row["id"]])}


Open = Callable[[Teller], Shop]


@pytest.fixture
def open_shop(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """A folder beside such a vendor, with a secret of ours."""
    monkeypatch.setattr("tests.cli.keys.SHAPES", tmp_path)
    with ExitStack() as opened:

        def start(vendor: Teller) -> Shop:
            manifest = MANIFEST.replace("issued: issued", f"issued: issued{WORDS[vendor.reads]}")
            (tmp_path / "teller.yaml").write_text(manifest, "utf-8")
            shop = Shop(run, tmp_path, vendor, opened.enter_context(served(vendor)))
            shop.environment["OURS"] = FIRST
            shop.write(secret={"from": "env:OURS"})
            return shop

        yield start


# Masks


@pytest.mark.parametrize("spec", [{"from": "env:OURS"}, {"generate": 32, "to": "file:./secrets/hook"}])
def test_the_mask_in_an_answer_is_noted(spec: dict[str, Any], open_shop: Open) -> None:
    """So a secret that somebody replaces is seen and sent again; it takes no call more, and our own change is none."""
    vendor = Teller(hint)
    shop = open_shop(vendor)
    shop.write(secret=spec)
    shop("apply", "--yes")
    assert [call.split()[0] for call in vendor.asked] == ["GET", "POST"]
    assert shop.record()["mask"] == hint(vendor.secrets["t1"])["hint"]
    assert shop.change()["action"] == "noop"
    shop.rotate()
    assert shop.change()["action"] == "noop"
    shop("drift")
    vendor.secrets["t1"] = "replaced-by-somebody-else"
    shop("drift", exit=2)
    change = shop.change()
    assert (change["action"], change["secret"]) == ("update", "changed")
    assert change["secret_note"] == "changed outside: the vendor's mask differs"
    shop("apply", "--yes")
    assert vendor.secrets["t1"] != "replaced-by-somebody-else"
    assert shop.change()["action"] == "noop"


def test_a_secret_that_an_answer_repeats_in_clear_has_its_mask_noted(open_shop: Open) -> None:
    """The answer shows no mask, reads do: it is read back once, so that a secret which somebody replaces is seen."""
    vendor = Teller(masked_by_reads, answers=value)
    shop = open_shop(vendor)
    shop("apply", "--yes")
    assert [call.split()[0] for call in vendor.asked] == ["GET", "POST", "GET"]
    assert shop.record()["mask"] == hint(FIRST)["hint"]
    assert shop.change()["action"] == "noop"
    vendor.secrets["t1"] = "replaced-by-somebody-else"
    assert shop.change()["secret_note"] == "changed outside: the vendor's mask differs"


@pytest.mark.parametrize("tells", [hint, value, masked_by_reads])
def test_a_secret_that_was_removed_is_noticed(tells: Tells, open_shop: Open) -> None:
    """A vendor that showed a mask or the value, and shows nothing now, has none any more: told, and sent again."""
    vendor = Teller(tells)
    shop = open_shop(vendor)
    shop("apply", "--yes")
    vendor.secrets["t1"], vendor.reads = NONE, shown_while_there(tells)
    assert "removed at the vendor" in shop("drift", exit=2).stdout
    change = shop.change()
    assert (change["action"], change["secret"], change["secret_note"]) == ("update", "changed", "removed at the vendor")
    shop("apply", "--yes")
    assert vendor.secrets["t1"] == FIRST
    assert shop.change()["action"] == "noop"


@pytest.mark.parametrize("tells", [hint, value])
def test_a_removed_secret_that_does_not_come_back(tells: Tells, open_shop: Open) -> None:
    """Sent again, answered with success and still not shown: it did not take effect, every time, and is never done."""
    vendor = Teller(tells)
    shop = open_shop(vendor)
    shop("apply", "--yes")
    vendor.secrets["t1"], vendor.keeps = NONE, lambda secret: NONE
    vendor.reads = vendor.answers = shown_while_there(tells)
    for _ in range(2):
        assert "secret did not take effect" in shop("apply", "--yes", exit=1).stdout


def test_a_mask_that_only_reads_show_is_noted_when_the_lock_changes_anyway(open_shop: Open) -> None:
    """Neither a call nor a write to the lock is made for its sake: reading back notes it, or the next change does."""
    vendor = Teller(hint, nothing)
    shop = open_shop(vendor)
    shop("apply", "--yes")
    assert shop.change()["action"] == "noop"
    shop("apply", "--yes")
    assert shop.record()["mask"] is None
    shop.write(secret={"from": "env:OURS"}, events=["a", "b"])
    shop("apply", "--yes")
    assert shop.record()["mask"] == hint(FIRST)["hint"]
    vendor.silent = ("text",)
    shop.environment["OURS"] = SECOND
    shop.write(secret={"from": "env:OURS"}, events=["a", "b"], description="read back")
    shop("apply", "--yes")
    assert shop.record()["mask"] == hint(SECOND)["hint"]
    assert shop.change()["action"] == "noop"


def test_an_answer_that_repeats_our_secret_as_its_mask_is_not_noted(open_shop: Open) -> None:
    """Some vendors show a secret once more to whoever has just sent it: the lock holds none."""
    vendor = Teller(hint, lambda secret: {"hint": secret})
    shop = open_shop(vendor)
    shop("apply", "--yes")
    assert shop.record()["mask"] is None
    assert FIRST not in (shop.folder / "webhooks.lock.json").read_text("utf-8")


@pytest.mark.parametrize("spec", [{"from": "env:OURS"}, {"to": "file:./secrets/hook"}])
def test_plan_and_drift_agree_on_a_mask_that_was_adopted(spec: dict[str, Any], open_shop: Open) -> None:
    """The secret is unknown, and that somebody has changed it since is not: ours is sent, another is asked about."""
    vendor = Teller(hint)
    shop = open_shop(vendor)
    shop.write(secret=spec)
    vendor.add("whatever-it-was", url="https://hooks.acme.com/x", events=["a"])
    shop("apply", "--yes")
    assert shop.change()["secret"] == "unverifiable"
    shop("drift")
    vendor.secrets["t1"] = "replaced-by-somebody-else"
    assert "changed outside" in shop("drift", exit=2).stdout
    ours = "from" in spec
    change = shop.change()
    assert (change["action"], change["secret"]) == ("update", "changed")
    if not ours:
        assert "`whsync adopt hook --id t1`" in shop("apply", "--yes", exit=1).stdout
        shop("adopt", "hook", "--id", "t1", "--yes")
    shop("apply", "--yes")
    shop("drift")
    assert shop.change()["action"] == "noop"


# Secrets that did not take effect


@pytest.mark.parametrize("told", ["in answers", "when read back"])
@pytest.mark.parametrize("spec", [{"from": "env:OURS"}, {"generate": 32, "to": "file:./secrets/hook"}])
@pytest.mark.parametrize(("tells", "keeps"), [(flag, lambda secret: NONE), (value, str.upper)])
def test_a_vendor_that_does_not_keep_our_secret(
    tells: Tells, keeps: Callable[[str], str], spec: dict[str, Any], told: str, open_shop: Open
) -> None:
    """Success and another secret, or none, is no success, each time, and the lock claims nothing."""
    vendor = Teller(tells, tells if told == "in answers" else nothing)
    vendor.silent = () if told == "in answers" else ("text",)
    shop = open_shop(vendor)
    vendor.keeps = keeps
    shop.write(secret=spec, description="one")
    said = shop("apply", "--yes", exit=1).stdout
    assert "created, but not whole: not_converged: secret did not take effect" in said
    assert shop.record()["fingerprint"] is None
    vendor.silent, vendor.answers = (), tells
    assert "not_converged: secret did not take effect" in shop("apply", "--yes", exit=1).stdout
    vendor.keeps = str
    shop("apply", "--yes")
    assert shop.change()["secret"] == "same"
    assert len(vendor.rows) == 1


def test_a_secret_that_was_cut_short_did_not_take_effect(open_shop: Open) -> None:
    """A reference's value is known whole, so its beginning is another secret."""
    vendor = Teller(value)
    vendor.keeps = lambda secret: secret[:8]
    shop = open_shop(vendor)
    for _ in range(2):
        assert "secret did not take effect" in shop("apply", "--yes", exit=1).stdout
    assert shop.change()["secret_note"] == "the vendor has another value"


# Secrets that whsync makes


@pytest.mark.parametrize("to", ["file:./secrets/hook", "env-file:./secrets/env#KEY"])
@pytest.mark.parametrize("moment", ["refused", "lost", "unknown to the sink"])
def test_a_secret_that_whsync_made_and_the_vendor_refused(to: str, moment: str, open_shop: Open) -> None:
    """The sink has the old one again; where nobody knows whether the vendor has the new one, both are kept."""
    vendor = Teller(nothing)
    shop = open_shop(vendor)
    kept = shop.folder / "secrets" / to.rpartition("/")[2].partition("#")[0]
    shop.write(secret={"generate": 32, "to": to})
    shop("apply", "--yes")
    before, old, known = kept.read_bytes(), vendor.secrets["t1"], shop.record()
    vendor.faults["PATCH /t1"] = [Fault(0 if moment == "lost" else 422, done=False)]
    if moment == "unknown to the sink":
        kept.unlink()
    told = " ".join(shop.rotate(exit=1).stdout.split())
    if moment == "refused":
        assert f"{to} has the old secret again" in told
        assert (kept.read_bytes(), shop.record()) == (before, known)
        assert shop.change()["action"] == "noop"
        return
    assert f"{to} has a new secret that the vendor {'may not have' if moment == 'lost' else 'does not have'}" in told
    assert "an apply makes another and sends it" in told
    assert kept.read_bytes() != before
    rescued = [file.read_text() for file in (shop.folder / "webhooks.lock.json.rescue").glob("*")]
    assert rescued == ([old] if moment == "lost" else [])
    shop("apply", "--yes")
    assert vendor.secrets["t1"] in kept.read_text()
    assert shop.change()["action"] == "noop"


@pytest.mark.parametrize("spec", [{"generate": 32, "to": "file:./secrets/hook"}, {"to": "file:./secrets/hook"}])
def test_a_sink_instead_of_a_reference(spec: dict[str, Any], open_shop: Open) -> None:
    """Whsync makes another secret; where the vendor should have issued it, it is said that the sink has none."""
    vendor = Teller(nothing)
    shop = open_shop(vendor)
    shop("apply", "--yes")
    shop.write(secret=spec)
    change = shop.change()
    if "generate" in spec:
        assert change["secret"] == "changed"
        shop("apply", "--yes")
        assert shop.agrees()
        assert vendor.secrets["t1"] != FIRST
    else:
        assert "it came from a reference and is not in file:./secrets/hook: put it there" in change["secret_note"]
        assert "1 secret misplaced" in shop("apply", "--yes").stdout
        shop.sink.parent.mkdir()
        shop.sink.write_text(FIRST)
        shop("apply", "--yes")
    assert shop.change()["action"] == "noop"
    assert "secret_note" not in shop.change()
    assert shop.record()["stored"] == "file:./secrets/hook"
