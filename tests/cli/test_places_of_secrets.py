"""Where issued secrets are: masks never replace them, and a sink that failed, moved or vanished is told."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.keys import Shop, Signet, served

Shown = Callable[[str], str | None]


class Window(Signet):
    """Shows in reads, under `word`, what `shown` makes of a secret; in answers to a create under the same word."""

    def __init__(self, word: str, shown: Shown) -> None:
        super().__init__()
        self.word, self.shown, self.tells = word, shown, True

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """See `Vendor`."""
        status, document = super().answer(method, path, body)
        if method == "GET":
            rows = [{**row, self.word: self.shown(self.secrets[row["id"]])} for row in self.rows]
            return status, {"subscriptions": rows}
        if not self.tells and "subscription" in document:
            del document["subscription"]["signature_key"]
        return status, document


Open = Callable[[str, Shown], tuple[Shop, Window]]


@pytest.fixture
def open_shop(run: Run, tmp_path: Path) -> Iterator[Open]:
    """A folder beside such a vendor, whose manifest knows where to look: `value` or `mask`, and what is shown."""
    with ExitStack() as opened:

        def start(word: str, shown: Shown) -> tuple[Shop, Window]:
            vendor = Window({"value": "signature_key", "mask": "key_hint"}[word], shown)
            shop = Shop(run, tmp_path, vendor, opened.enter_context(served(vendor)))
            manifest = tmp_path / "vendors" / "own.yaml"
            plain = "secret:\n  lifecycle: issued\n"
            assert plain in manifest.read_text()
            manifest.write_text(manifest.read_text().replace(plain, f"{plain}  {word}: {vendor.word}\n"))
            shop.write()
            return shop, vendor

        yield start


def as_it_is(secret: str) -> str:
    """Nothing is hidden."""
    return secret


def first_letters(secret: str) -> str:
    """A hint that tells secrets apart."""
    return f"...{secret[-40:][:22]}"


@pytest.mark.parametrize(
    "mask", ["********", "whsec_ab...", "--------", "[REDACTED]", "<hidden>", "whsec_1f######", "xxxxxxxx", None]
)
def test_a_mask_never_replaces_the_stored_secret(mask: str | None, open_shop: Open) -> None:
    """Reads that show a mask where they showed the secret leave sink, lock and plan as they are."""
    shop, vendor = open_shop("value", as_it_is)
    shop("apply", "--yes")
    stored, lock = shop.sink.read_text(), (shop.folder / "webhooks.lock.json").read_bytes()
    vendor.shown = lambda secret: mask
    assert shop.change()["secret"] == "unverifiable"
    shop("apply", "--yes")
    shop("drift")
    assert (shop.sink.read_text(), (shop.folder / "webhooks.lock.json").read_bytes()) == (stored, lock)


def test_a_secret_that_is_cut_short_without_a_sign(open_shop: Open) -> None:
    """Its beginning is no other secret."""
    shop, vendor = open_shop("value", as_it_is)
    shop("apply", "--yes")
    vendor.shown = lambda secret: secret[:12]
    shop("apply", "--yes")
    shop("drift")
    assert shop.agrees()


def test_a_secret_that_only_reads_show(open_shop: Open) -> None:
    """Where the create's answer lacks it, one read brings it, in the same apply."""
    shop, vendor = open_shop("value", as_it_is)
    vendor.tells = False
    shop("apply", "--yes")
    assert shop.agrees()
    assert shop.change()["action"] == "noop"


def test_the_mask_is_noted_when_a_secret_was_issued(open_shop: Open) -> None:
    """So a rotation by somebody else is seen; after our own, the mask is another and known."""
    shop, vendor = open_shop("mask", first_letters)
    shop("apply", "--yes")
    shop.rotate()
    assert shop.change()["action"] == "noop"
    vendor.secrets["s1"] = "somebody else has replaced it"
    note = "changed outside; the stored copy is no longer valid"
    for _ in range(2):
        assert note in shop("plan", "--detailed-exitcode", exit=2).stdout
        assert f"secret: its secret was {note}" in shop("apply", "--yes", exit=1).stdout
    change = shop.change()
    assert (change["action"], change["secret"], change["secret_note"]) == ("update", "changed", note)
    shop("drift", exit=2)


@pytest.mark.parametrize("way", ["rotate", "adopt"])
def test_a_secret_that_somebody_replaced_is_told_until_it_is_settled(way: str, open_shop: Open) -> None:
    """What else differs is applied meanwhile; a rotation or the user's word settles it, and later ones are seen."""
    shop, vendor = open_shop("mask", first_letters)
    shop("apply", "--yes")
    known = shop.record()
    vendor.secrets["s1"] = "somebody else has replaced it"
    shop.write(events=["a", "b"])
    assert "its secret was changed outside" in shop("apply", "--yes", exit=1).stdout
    assert vendor.rows[0]["event_types"] == ["a", "b"]
    assert shop.record() == known
    if way == "rotate":
        shop.rotate()
        assert shop.agrees()
    else:
        shop("adopt", "hook", "--id", "s1", "--yes")
    assert shop.change()["secret"] == {"rotate": "same", "adopt": "unverifiable"}[way]
    shop("drift")
    vendor.secrets["s1"] = "and once more by another"
    assert shop.change()["secret"] == "changed"
    shop("drift", exit=2)


def test_a_failed_sink_is_told_until_the_secret_was_moved(open_shop: Open) -> None:
    """Every run names the rescue file; once its content is in the sink, the lock says so and all is well."""
    shop, _ = open_shop("mask", first_letters)
    shop.write(secret={"to": "cmd:cat >/dev/null; exit 3"})
    told = shop("apply", "--yes", exit=1).stdout
    (rescue,) = (shop.folder / "webhooks.lock.json.rescue").iterdir()
    assert "created, but not whole" in told
    for argv in (("plan",), ("apply", "--yes"), ("plan",)):
        told = shop(*argv, exit=1).stdout
        assert f"its secret is in webhooks.lock.json.rescue/{rescue.name}, not in cmd:cat" in told
        assert "put it there, then delete that file" in told
    shop.write()
    assert rescue.name in shop("plan", exit=1).stdout
    shop.sink.parent.mkdir(exist_ok=True)
    rescue.rename(shop.sink)
    assert "only the lock changes: the secret is in file:./secrets/hook now" in shop("apply", "--yes").stdout
    assert shop.record()["stored"] == "file:./secrets/hook"
    assert shop.change()["action"] == "noop"


@pytest.mark.parametrize("how", ["another", "deleted"])
def test_a_secret_that_is_shown_is_stored_where_it_should_be(how: str, open_shop: Open) -> None:
    """The file names another sink, or the stored file is gone: the plan says so, and the apply stores it there."""
    shop, _ = open_shop("value", as_it_is)
    shop("apply", "--yes")
    if how == "another":
        shop.write(secret={"to": "file:./secrets/other"})
        shop.sink = shop.folder / "secrets" / "other"
    else:
        shop.sink.unlink()
    change = shop.change()
    assert (change["action"], change["secret"]) == ("update", "changed")
    assert "it will be stored there" in change["secret_note"]
    shop("apply", "--yes")
    assert shop.agrees()
    assert shop.vendor.writes() == ["POST /v2/subscriptions"]
    assert shop.change()["action"] == "noop"


@pytest.mark.parametrize("how", ["another", "deleted"])
def test_a_secret_that_is_not_shown_is_missed_in_plain_sight(how: str, open_shop: Open) -> None:
    """Nothing fails, for the user may have moved it; but a line says so, until it is where it should be."""
    shop, _ = open_shop("mask", first_letters)
    shop("apply", "--yes")
    secret = shop.sink.read_text()
    shop.sink.unlink()
    if how == "another":
        shop.write(secret={"to": "file:./secrets/other"})
        shop.sink = shop.folder / "secrets" / "other"
    told = " ".join(shop("plan").stdout.split())
    where = {"another": "stored in file:./secrets/hook, not in file:./secrets/other", "deleted": "it is gone from"}[how]
    assert f"secret same: {where}" in told
    assert "put it there, or `whsync rotate hook`" in told
    assert "1 secret misplaced" in told
    shop.sink.write_text(secret)
    shop("apply", "--yes")
    assert shop.record()["stored"] == f"file:./secrets/{shop.sink.name}"
    assert shop("plan").stdout.endswith("No changes. 1 unchanged.\n")
