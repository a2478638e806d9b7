"""Values that the tests of this folder share: made ones, and strategies for every event that a store keeps."""

from hypothesis import strategies as st

from reconciler.codes import Code
from reconciler.errors import Location, Problem
from reconciler.model.action import Action
from reconciler.model.provenance import Reverted, Run, Since, Undone
from reconciler.model.webhook import Entry, Fields, Leaf, Part, SecretRecord, scope_of
from reconciler.state.event import (
    Applied,
    Durable,
    Failed,
    Intended,
    Recorded,
    Removed,
    Renamed,
    SecretStored,
    Withdrawn,
)
from reconciler.state.lock import Lock
from reconciler.state.stores.base import Holder

HOLDER = Holder("ada", "engine-1", 4711, "2026-11-21T12:00:00Z", "whsync apply")
AT = "2026-11-21T12:00:00Z"


def entry(remote_id: str = "wh_1") -> Entry:
    """An entry as an apply records it."""
    leaves: dict[str, Leaf] = {"/url": "https://x/y", "/events": frozenset({"b", "a"}), "/options/format": "json"}
    applied = Fields(leaves)
    return Entry("p", "t", "https://v", (("owner", "o"),), remote_id, applied, SecretRecord("scrypt$…", "a***"))


def intended(name: str) -> Intended:
    """A create that is about to be sent."""
    return Intended(name, Action.CREATE, "p", "t", "https://v", (), None, "https://x/y", AT)


def applied(name: str, remote_id: str = "wh_1") -> Applied:
    """A create that is done."""
    return Applied(name, Action.CREATE, entry(remote_id), AT)


def lock_of(*names: str) -> Lock:
    """A lock with these webhooks."""
    return Lock({name: entry(f"wh_{name}") for name in names})


def failed(name: str, indeterminate: bool) -> Failed:
    """A create that went wrong."""
    return Failed(name, Action.CREATE, Problem("vendor", "it said no"), indeterminate, AT)


texts = st.text(max_size=8)
names = st.sampled_from(["a", "b", "c[x]", "ü\u2028\n"])
optional = st.none() | texts
actions = st.sampled_from(Action)
scopes = st.dictionaries(texts, texts, max_size=2).map(scope_of)
scalars: st.SearchStrategy[Leaf] = (
    texts | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
leaves: st.SearchStrategy[Leaf] = scalars | st.lists(scalars, max_size=2).map(tuple)
options = st.dictionaries(
    st.text("ab/~ü", min_size=1, max_size=4).map(lambda key: f"/options/{key}"), leaves, max_size=2
)
parts = st.builds(Part, texts, optional, optional)
records = st.builds(SecretRecord, optional, optional, optional, optional, st.booleans())
undone = st.builds(Undone, texts, st.none() | leaves, st.none() | leaves)
locations = st.builds(Location, texts, st.integers(1), st.integers(1))
problems = st.builds(
    Problem,
    st.sampled_from(["vendor", "network"]),
    texts,
    texts,
    optional,
    optional,
    st.none() | locations,
    st.just(Code.UNCODED),  # a journal keeps no codes
    st.just(()),  # and tells of one webhook at a time
)


@st.composite
def fields(draw: st.DrawFn) -> Fields:
    """Any managed fields."""
    chosen: dict[str, Leaf] = {key: draw(texts) for key in ("/url", "/status", "/description") if draw(st.booleans())}
    if draw(st.booleans()):
        chosen["/events"] = draw(st.frozensets(texts, max_size=3))
    return Fields({**chosen, **draw(options)})


entries = st.builds(
    Entry,
    provider=texts,
    type=texts,
    account=texts,
    scope=scopes,
    remote_id=optional,
    applied=fields(),
    secret=st.none() | records,
    protect=st.booleans(),
    parts=st.lists(parts, max_size=2).map(tuple),
    orphan_parts=st.lists(parts, max_size=2).map(tuple),
    retired=st.booleans(),
    at=st.none() | st.just(AT),
    asked=fields(),
    shown=st.dictionaries(st.sampled_from(["/url", "/options/a"]), st.none() | leaves, max_size=2).map(
        lambda noted: tuple(sorted(noted.items()))
    ),
    leaving=st.lists(texts.filter(bool), max_size=2).map(tuple),
    account_id=optional,
    by=st.none() | st.builds(Run, texts, texts, optional, optional, optional, optional),
    since=st.none() | st.builds(Since, st.sampled_from(["created", "adopted"]), texts),
    reverted=st.none() | st.builds(Reverted, texts, st.lists(undone, max_size=2).map(tuple)),
    ignore=st.lists(texts.filter(bool), max_size=2).map(tuple),
    delete_first=st.booleans(),
    secrets=st.dictionaries(texts.filter(bool), records, max_size=2).map(lambda some: tuple(sorted(some.items()))),
)

# What differed is told to watchers and not written down, so no event of a journal has `fields`.
events: st.SearchStrategy[Durable] = st.one_of(
    st.builds(Intended, names, actions, texts, texts, texts, scopes, optional, texts, texts, optional, fields()),
    st.builds(Recorded, names, entries),
    st.builds(SecretStored, names, records, optional),
    st.builds(Applied, names, actions, entries, texts, st.lists(texts, max_size=2).map(tuple), fields=st.just(())),
    st.builds(Removed, names, actions, texts, fields=st.just(())),
    st.builds(Renamed, names, names),
    st.builds(Failed, names, actions, problems, st.booleans(), texts, fields=st.just(())),
    st.builds(Withdrawn, names, actions, texts),
)
