"""What a trial of a manifest against a server tells: as text, and as JSON (`whsync.check/1`). [pure]"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from reconciler.render.base import Style, counted, plain, sentence
from reconciler.trial.types import FORMAT, Deviation, TrialReport

LOOKS = {"done": "", "refused": "change", "failed": "remove", "skipped": "quiet"}


def trial_text(report: TrialReport, style: Style) -> str:
    """The steps, then each deviation with the manifest's word for it, then what was not tried or is left."""
    return "\n".join(line.rstrip() for line in _lines(report, style))


def _lines(report: TrialReport, style: Style) -> Iterator[str]:
    where = " ".join(f"{key}={value}" for key, value in report.scope)
    yield style.paint(plain(f"{report.type}   {report.base_url}   {where}").rstrip(), "strong")
    for step in report.steps:
        yield from style.row(plain(f"{step.name:<24} {step.outcome:<8} {sentence(step.detail)}"), 2)
    yield from _found("Deviations", report.deviations, style, "remove")
    yield from _found("Worth knowing", report.notes, style, "quiet")
    if report.untried:
        yield from ("", "Not tried")
        for pointer, why in report.untried:
            yield from style.said(plain(f"{pointer[1:].replace('/', '.')}: {why}"), 2, hanging=2)
    yield ""
    for left in report.left:
        named = left.remote_id if left.remote_id is not None else "a webhook whose id is not known"
        yield from style.said(plain(f"Left at the vendor: {named}: {left.why}"), 0, "" if left.expected else "remove")
    if report.stopped:
        yield from style.said(sentence(f"Not finished: {report.stopped}"), 0, "remove")
    yield _summary(report)


def _found(title: str, found: Iterable[Deviation], style: Style, look: str) -> Iterator[str]:
    found = tuple(found)
    if found:
        yield from ("", title)
    for each in found:
        yield from style.said(sentence(f"{each.kind}  {each.step}: {each.what}"), 2, look, hanging=2)
        if each.word:
            yield from style.said(sentence(f"-> {each.word}"), 4, hanging=3)


def _summary(report: TrialReport) -> str:
    if not report.is_whole and not report.deviations:
        return "Nothing is known of the rest."
    if not report.deviations:
        return "No deviations."
    return f"{counted(len(report.deviations), 'deviation')}."


def trial_json(report: TrialReport) -> str:
    """The same for programs."""
    document: dict[str, Any] = {
        "format": FORMAT,
        "type": report.type,
        "title": report.title,
        "base_url": report.base_url,
        "scope": dict(report.scope),
        "whole": report.is_whole,
        "steps": [step._asdict() for step in report.steps],
        "deviations": [_document(each) for each in report.deviations],
        "notes": [_document(each) for each in report.notes],
        "untried": dict(report.untried),
        "left": [left._asdict() for left in report.left],
        "stopped": report.stopped,
        "interrupted": report.interrupted,
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _document(each: Deviation) -> dict[str, Any]:
    return {"kind": str(each.kind), "step": each.step, "field": each.field, "what": each.what, "word": each.word}
