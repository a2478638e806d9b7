"""What a page shows, in the order in which it shows it: values that the template has only to write down. [pure]

Made by `render.html.plan`, `.drift`, `.audit`, `.result`, `.record` and `.problems`; every text in it is plain, and
none is HTML.
"""

from typing import NamedTuple


class Deed(NamedTuple):
    """One line of a running record about a webhook: what was done, when, by whom, in which row of the runs."""

    what: str
    at: str
    who: str
    run: int


class Past(NamedTuple):
    """A webhook's history in a few words, each of which may be empty.

    Args:
        since: how and when it came to be managed.
        applied: when it was applied last.
        who: by whom.
        run: which row of the table of runs tells more; 0 for none.
        reverted: what was undone last, and when.
        secret: when its secret was set last.
        deeds: what a running record tells of it, the latest first.
        earlier: how many more it tells.
    """

    since: str = ""
    applied: str = ""
    who: str = ""
    run: int = 0
    reverted: str = ""
    secret: str = ""
    deeds: tuple[Deed, ...] = ()
    earlier: int = 0


class Difference(NamedTuple):
    """One line below a webhook: what went and what came of a field, and why."""

    label: str
    went: tuple[str, ...] = ()
    came: tuple[str, ...] = ()
    why: str = ""


class Member(NamedTuple):
    """One webhook: its name, its place at the vendor, its id there, its history, the calls that would be made.

    Args:
        was: its former name.
        url: how its URL differs, where that is its own: in a block, most URLs are.
    """

    name: str
    where: str
    remote_id: str
    past: Past
    calls: tuple[str, ...] = ()
    was: str = ""
    url: Difference | None = None


class State(NamedTuple):
    """What is the matter with a webhook: its word, its mark, its look (a class of the style sheet), its turn."""

    word: str
    mark: str
    look: str
    turn: int


class Alike(NamedTuple):
    """All that webhooks of which the same is told have in common; one webhook has it all for itself."""

    state: State
    reason: str = ""
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()


class Item(NamedTuple):
    """What is told once, and the webhooks of which it is true; `title` is the name of the only one, or counts them."""

    title: str
    alike: Alike
    members: tuple[Member, ...]
    folded: bool = False


class Block(NamedTuple):
    """A `for_each` block, or those webhooks of a provider that stand by themselves, which have no name together."""

    name: str
    size: int
    items: tuple[Item, ...]


class Provider(NamedTuple):
    """One provider entry, its base URL, and its webhooks."""

    name: str
    address: str
    size: int
    blocks: tuple[Block, ...]


class Segment(NamedTuple):
    """A piece of a bar: its look, where it begins and how long it is, of 100; and what it stands for."""

    look: str
    start: str
    length: str
    told: str


class Bar(NamedTuple):
    """One row of a picture: what, the pieces of its bar, and the same in words."""

    label: str
    segments: tuple[Segment, ...]
    told: str


class Picture(NamedTuple):
    """Bars below each other, all to the same scale, and the sentence below them."""

    title: str
    bars: tuple[Bar, ...]
    note: str = ""


class Column(NamedTuple):
    """One run in a chart: its look, where it stands and how tall it is, of 600 by 100; and what it stands for."""

    look: str
    x: str
    y: str
    width: str
    height: str
    told: str


class Chart(NamedTuple):
    """Columns beside each other, the latest last: the same in words, the first and the last moment, and a note."""

    title: str
    columns: tuple[Column, ...]
    told: str
    first: str
    last: str
    note: str = ""


class Entry(NamedTuple):
    """A problem, a refusal or a finding: the sentence, and the way out."""

    summary: str
    hint: str = ""


class Section(NamedTuple):
    """Entries of one kind."""

    title: str
    look: str
    entries: tuple[Entry, ...]


class Stranger(NamedTuple):
    """A remote webhook that nobody manages."""

    provider: str
    where: str
    remote_id: str
    url: str


class RunRow(NamedTuple):
    """One run that applied webhooks of this page; `link` is its pipeline's URL where a browser may follow that.

    `what`: its command and how that ended, where a record tells.
    """

    number: int
    at: str
    who: str
    host: str
    run: str
    commit: str
    url: str
    link: bool
    size: int
    what: str = ""


class Report(NamedTuple):
    """A whole page.

    Args:
        kind: `Plan`, `Drift`, `Audit`, `Apply`, `Record` or `Problems`.
        lead: how it stands, in one sentence.
        summary: the lines that say more of it.
        look: how the summary looks.
        facts: what the page was made from, as pairs.
        states: of the webhooks, each with how many there are, in their turn.
        chart: of drift, where a running record tells of it.
    """

    kind: str
    lead: str
    summary: tuple[str, ...]
    look: str
    facts: tuple[tuple[str, str], ...] = ()
    sections: tuple[Section, ...] = ()
    states: tuple[tuple[State, int], ...] = ()
    pictures: tuple[Picture, ...] = ()
    providers: tuple[Provider, ...] = ()
    strangers: tuple[Stranger, ...] = ()
    strangers_note: str = ""
    runs: tuple[RunRow, ...] = ()
    chart: Chart | None = None
