"""How the tenants stand as one HTML page, as plans have theirs. [pure] Used by `cli.fleet_shown`."""

from collections.abc import Iterator, Mapping, Sequence

from reconciler.fleet.records import changes_of, closing, sentence_of
from reconciler.fleet.standing import WORDS, Standing, lasted
from reconciler.render.base import counted, plain, sentence
from reconciler.render.html.groups import Told, states
from reconciler.render.html.page import page
from reconciler.render.html.view import (
    Alike,
    Block,
    Difference,
    Entry,
    Item,
    Member,
    Past,
    Provider,
    Report,
    Section,
    State,
)

_MARKS = {
    "refused": ("✗", "remove"),
    "failed": ("✗", "remove"),
    "never": ("?", "warn"),
    "overdue": ("!", "warn"),
    "drift": ("~", "warn"),
    "differs": ("~", "change"),
    "fine": ("✓", "quiet"),
}
_STATES = {word: State(word, *_MARKS[word], turn) for turn, word in enumerate(WORDS)}


def fleet_page(command: str, at: str, file: str, found: Sequence[Standing]) -> str:
    """The page, ending in a newline.

    Args:
        command: what was run, or `status`.
        at: when (UTC, ISO 8601).
        file: the fleet file, as the user named it.
        found: how the tenants stand.
    """
    told = [_told(each) for each in found]
    worst = min(found, key=lambda each: WORDS.index(each.word), default=None)
    look = _MARKS[worst.word][1] if worst is not None and worst.word != "fine" else "add"
    facts = (("Fleet", plain(file)), ("Command", f"whsync fleet {command}"), ("Made", f"{at} (UTC)"))
    sections = tuple(_problems(found))
    tenants = Provider("Tenants", "", len(told), (Block("", len(told), tuple(map(_item, told))),))
    return page(
        Report("Fleet", closing(found), (), look, facts, sections, states(told), (), (tenants,) if told else ())
    )


def _told(each: Standing) -> Told:
    name = plain(each.tenant.name)
    age = f"{each.last.command}, {lasted(each.age)} ago" if each.last and each.age is not None else ""
    member = Member(name, age, "", Past())
    alike = Alike(_STATES[each.word], sentence(sentence_of(each)), tuple(_counts(each)), tuple(_notes(each)))
    return Told("", name, alike, member)


def _item(told: Told) -> Item:
    """Each tenant by itself: tenants of which the same is told are no block of one thing."""
    return Item(told.name, told.alike, (told.member,))


def _counts(each: Standing) -> Iterator[Difference]:
    for provider, counts in each.webhooks.items():
        yield Difference(plain(provider), why=", ".join(f"{count} {state}" for state, count in counts.items()))


def _notes(each: Standing) -> Iterator[str]:
    for name, action in changes_of(each).items():
        yield sentence(f"{name}: {action}")
    if each.overdue and each.tenant.schedule is not None:
        yield f"Its schedule is {lasted(each.tenant.schedule)}."


def _problems(found: Sequence[Standing]) -> Iterator[Section]:
    for each in found:
        entries = tuple(Entry(sentence(problem_line(told)), sentence(told.get("hint", ""))) for told in each.problems)
        if entries:
            yield Section(f"{plain(each.tenant.name)}: {counted(len(entries), 'problem')}", "remove", entries)


def problem_line(told: Mapping[str, object]) -> str:
    """A problem of a document in one sentence, its place first."""
    place = told.get("at") or told.get("provider")
    return f"{place}: {told.get('summary', '')}" if place else str(told.get("summary", ""))
