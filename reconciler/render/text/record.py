"""A running record as people read it: its runs, and whether it is whole. [pure] Called by `render.text`."""

from collections.abc import Iterator

from reconciler.model.action import Action
from reconciler.render.base import Style, cells, counted, plain, sentence
from reconciler.render.words import SYMBOLS
from reconciler.state.record import Line, Proof, Record, RecordedRun
from reconciler.support.hints import command

_RESULTS = {"done": "add", "applied": "add", "skipped": "warn", "no end": "warn", "interrupted": "warn"}
_FIELDS = 10


def record_text(record: Record, path: str, style: Style) -> str:
    """Every run with its changes, the oldest first; then what keeps the record from being whole."""
    lines: list[str] = []
    for run in record.runs:
        lines += [*_run(run, style), ""]
    if not record.runs:
        lines += style.said("Nothing was recorded yet.", 0)
    lines += style.said(_broken(record, path), 0, "remove")
    return "\n".join(lines).rstrip("\n") + "\n"


def proof_text(proof: Proof, style: Style) -> str:
    """Whether the record is whole, what it holds, and the digest to be kept elsewhere."""
    record, path = proof.record, plain(proof.path)
    lines = style.said(f"{path}: {_verdict(proof)}", 0, "add" if proof.whole else "remove")
    lines += style.said(_extent(record), 2)
    for cut in record.cuts:
        closed = "; the next one closed that off" if cut.closed else "; the next one will close that off"
        lines += style.said(f"Line {cut.number} was never finished: a run was killed while it wrote{closed}.", 2)
    for run in proof.unfinished if record.fault is None else ():
        what = f"Run {run.by.run} ({run.command}, {run.by.at}) has no end: it was killed, or is still at work."
        lines += style.said(sentence(what), 2, "warn")
    lines += style.said(_kept(proof), 2)
    if record.head and proof.whole:
        again = command("show", "--verify", proof.path, "--head", record.head)
        lines += ["", *style.said(f"head  {record.head}", 0, "strong")]
        lines += style.said(f"Keep it elsewhere: only {plain(again)} finds out that lines at the end are gone.", 2)
    return "\n".join(lines) + "\n"


def _verdict(proof: Proof) -> str:
    if proof.record.fault is not None:
        return f"BROKEN at line {proof.record.fault.number}: {sentence(proof.record.fault.what)}."
    return "whole." if proof.whole else "NOT WHOLE: it does not hold the line whose digest you have kept."


def _extent(record: Record) -> str:
    if not record.lines:
        return "no line of it is proven" if record.fault else "It is empty."
    changes, runs = sum(line.kind == "change" for line in record.lines), len(record.runs)
    counts = f"{counted(len(record.lines), 'line')}, {counted(runs, 'run')}, {counted(changes, 'change')}"
    span = f"from {plain(record.lines[0].at)} to {plain(record.lines[-1].at)}"
    behind = "; nothing behind these is proven" if record.fault else ""
    return f"{counts}, {span}{behind}."


def _kept(proof: Proof) -> str:
    if proof.kept is None:
        if proof.head and not proof.record.fault:
            return f"No line has the digest {plain(proof.head)}: lines at the end were cut off, or all is written anew."
        return ""
    since = len(proof.record.lines) - 1 - proof.record.lines.index(proof.kept)
    return f"Line {proof.kept.number} has the digest that you have kept; {counted(since, 'line')} came since."


def _broken(record: Record, path: str) -> str:
    if record.fault is None:
        return ""
    verify = command("show", "--verify", path)
    return f"Broken at line {record.fault.number}, so nothing behind it is shown: {plain(verify)} says more."


def _run(run: RecordedRun, style: Style) -> Iterator[str]:
    who, end = " on ".join(plain(part) for part in (run.by.user, run.by.host) if part), run.end.data if run.end else {}
    front, result = f"{plain(run.by.at)}  {plain(run.command)}  ", plain(run.result)
    behind = "".join(f"  {part}" for part in (who, f"run {plain(run.by.run)}") if part)
    if style.wraps and cells(front + result + behind) > style.width:
        yield from style.said(front + result + behind, 0, hanging=2)
    else:
        yield front + style.paint(result, _RESULTS.get(run.result, "remove")) + behind
    for part in (run.by.url, run.by.commit and f"commit {run.by.commit}"):
        yield from style.said(sentence(part or ""), 2, "quiet")
    for change in run.changes:
        yield from _change(change, style)
    yield from style.said(_counts(end), 2)
    error = end.get("error")
    if isinstance(error, dict):
        yield from style.said(sentence(str(error.get("summary", ""))), 2, "remove")


def _counts(end: object) -> str:
    if not isinstance(end, dict):
        return ""
    told = [f"{end[key]} {key}" for key in ("applied", "failed", "skipped") if key in end]
    drift = end.get("drift")
    seen = f"{drift.get('drift')} of {drift.get('webhooks')} drifted" if isinstance(drift, dict) else ""
    return sentence(", ".join([*told, *filter(None, [seen])]))


def _change(line: Line, style: Style) -> Iterator[str]:
    data = line.data
    action, result = str(data.get("action", "")), str(data.get("result", ""))
    mark, look = SYMBOLS[Action(action)] if action in {*Action} else (" ", "")
    problem = data.get("problem")
    why = str(problem.get("summary", "")) if isinstance(problem, dict) else ""
    why = why or str(data.get("because") or data.get("reason") or (f"was {data['was']}" if "was" in data else ""))
    words = " ".join(filter(None, [plain(action), "" if result == "applied" else plain(result)]))
    shown = style.paint(mark, look) if look else mark
    first, *rest = style.said(sentence(f"{data.get('name', '')}  {words}  {why}".rstrip()), 4, hanging=2) or [""]
    yield f"  {shown} {first.strip()}"
    yield from rest
    moved = [str(field.get("path", "")) for field in data.get("fields") or [] if isinstance(field, dict)]
    more = f" and {len(moved) - _FIELDS} more" if len(moved) > _FIELDS else ""
    yield from style.said(sentence(f"{', '.join(moved[:_FIELDS])}{more}"), 6, "quiet")
