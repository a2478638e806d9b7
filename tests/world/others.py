"""What other people do at the vendors, behind the user's back. Used by `test_world` and `test_sweeps`."""

from typing import TYPE_CHECKING

from tests.world.vendors import LEAK, Row, Vendor

if TYPE_CHECKING:
    from tests.world.story import Story

DEEDS = tuple("adds squats edits moves switches duplicates deletes rotates wipes".split())


def somebody(story: "Story", kind: str, what: str, which: int) -> None:
    """Another person does something at the vendor."""
    sold = story.vendors[kind]
    if not sold.readable:
        return  # what nobody can see would only make the checks blind as well
    if what in ("adds", "squats") and sold.most > 1:
        ours = [hook.url for hook in story.of(kind)] if what == "squats" else []
        url = ours[which % len(ours)] if ours else f"https://theirs.example/{story.number()}"
        secret = f"{LEAK}-theirs-{story.number():03}" if sold.secrets else None
        sold.new({"url": url, "events": set(sold.events[:1])}, secret, ours=False)
    if sold.rows:
        _meddle(sold, sold.rows[which % len(sold.rows)], what, story.number())


def _meddle(sold: Vendor, row: Row, what: str, number: int) -> None:
    """Something happens to one row."""
    theirs = f"{LEAK}-theirs-{number:03}"
    if what == "edits":
        row.fields.update({"events": set(sold.events[-1:])} if sold.events else {"url": "https://elsewhere.example/"})
    elif what == "moves":
        row.fields["url"] = f"https://elsewhere.example/{number}"
    elif what == "switches" and sold.statuses:
        row.fields["status"] = "inactive"
    elif what == "duplicates" and sold.most > 1:
        sold.new({**row.fields}, theirs if row.secret else None, ours=False)
    elif what == "deletes":
        sold.remove(row, ours=False)
    elif what == "rotates" and row.secret:
        row.tamper(theirs, unseen=not sold.shows_secret and sold.kind != "cryptofuse")
    elif what == "wipes" and sold.secrets and not sold.shows_secret:
        row.tamper(None, unseen=not sold.tells_wiped)
