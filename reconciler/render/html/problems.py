"""Problems as entries of a page. [pure] Used by `render.html.plan` and `.drift`, and by `render.html` itself."""

from collections.abc import Iterable

from reconciler.errors import Problem
from reconciler.render.base import counted, sentence
from reconciler.render.html.view import Entry, Report, Section
from reconciler.render.words import problem_words


def section(title: str, look: str, entries: Iterable[tuple[str, str]]) -> tuple[Section, ...]:
    """A section of these sentences and their ways out; none where there are none."""
    told = tuple(Entry(sentence(summary), sentence(hint)) for summary, hint in entries)
    return (Section(title, look, told),) if told else ()


def problems_section(problems: Iterable[Problem]) -> tuple[Section, ...]:
    """Problems with their places."""
    return section("Problems", "remove", map(problem_words, problems))


def led(lines: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """The first sentence of closing lines, and what is left of them."""
    first, *rest = lines
    lead, _, more = first.partition(". ")
    return (f"{lead}." if more else lead), tuple(filter(None, [more, *rest]))


def problems_report(problems: Iterable[Problem]) -> Report:
    """A page of nothing but problems, or one that says that there are none."""
    found = problems_section(problems)
    count = sum(len(each.entries) for each in found)
    summary = f"{counted(count, 'problem')}." if count else "No problems."
    return Report("Problems", summary, (), "remove" if count else "add", sections=found)
