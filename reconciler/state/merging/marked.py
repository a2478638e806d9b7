"""A lock that is not merged yet, as version control leaves files: both sides between markers. [pure]

Used by `cli.state_merge`. No such text is a lock: whsync refuses it, and says from which line on (`state.lock`). Who
keeps one side of each pair of markers, whichever, has a lock again.
"""

from reconciler.state.lock import Lock, to_json

OURS, BETWEEN, THEIRS = "<<<<<<< ours\n", "=======\n", ">>>>>>> theirs\n"


def marked(ours: Lock, theirs: Lock) -> str:
    """Two versions of one lock: what they have in common once, each webhook in which they differ between markers."""
    texts = to_json(ours), to_json(theirs)
    heads, blocks, tail = [], [], ""
    for text, lock in zip(texts, (ours, theirs), strict=True):
        head, opening, rest = text.partition('\n  "webhooks": {\n')
        if not opening:  # as where no webhook is left
            return both(*texts)
        lines = rest.split("\n")
        starts = [number for number, line in enumerate(lines) if line.startswith('    "')]
        ends = [*starts[1:], lines.index("  }")]
        bodies = ("".join(f"{line}\n" for line in lines[at:end]) for at, end in zip(starts, ends, strict=True))
        heads.append(head + opening)
        blocks.append(dict(zip(sorted(lock.entries), bodies, strict=True)))
        tail = "\n".join(lines[ends[-1] :])
    if heads[0] != heads[1]:
        return both(*texts)
    return heads[0] + _body(*blocks) + tail


def both(ours: str, theirs: str) -> str:
    """Two texts as a whole; equal ones are no conflict."""
    return OURS + _ended(ours) + BETWEEN + _ended(theirs) + THEIRS


def _ended(text: str) -> str:
    return text if text.endswith("\n") or not text else text + "\n"


def _body(ours: dict[str, str], theirs: dict[str, str]) -> str:
    """The blocks in order. A comma ends all but a side's last: what follows the last common one stays together."""
    names = sorted({*ours, *theirs})
    last = max((number for number, name in enumerate(names) if name in ours and name in theirs), default=-1)
    text = "".join(_piece(ours.get(name, ""), theirs.get(name, "")) for name in names[: max(last, 0)])
    one, other = ("".join(side.get(name, "") for name in names[max(last, 0) :]) for side in (ours, theirs))
    if last < 0:
        return text + _piece(one, other)
    mine, yours = ours[names[last]], theirs[names[last]]
    if _comma(mine) == _comma(yours):
        return text + _piece(mine, yours) + _piece(one.removeprefix(mine), other.removeprefix(yours))
    alike = mine.rstrip(",\n") == yours.rstrip(",\n")
    shared = mine[: mine.rindex("\n", 0, -1) + 1] if alike else ""
    return text + shared + both(one.removeprefix(shared), other.removeprefix(shared))


def _piece(ours: str, theirs: str) -> str:
    return ours if ours == theirs else both(ours, theirs)


def _comma(block: str) -> bool:
    return block.endswith(",\n")
