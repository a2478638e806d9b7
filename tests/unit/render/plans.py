"""Plans for the tests of `render`: one of each kind, and all plans that hypothesis can think of."""

import string
from typing import Any

from hypothesis import strategies as st

from reconciler.codes import Code
from reconciler.errors import Location, Problem
from reconciler.model.action import Action, Cause, FieldChange, Finding, PlannedCall, Unmanaged
from reconciler.model.discovery import Discovered
from reconciler.model.secret import SecretState
from reconciler.model.webhook import Certainty, Source, scope_of
from reconciler.planning.types import Basis, Change, Plan, PlanOptions, Refusal, SecretShown
from reconciler.render.base import PlanHeader

HOSTILE = "a\x1b[31mred\x9b2J\r\nPlan: 9 to add\u202e\u2066\u200b\x00\x07\ud800"
"""What a vendor could put into any text to fool a terminal."""

BASE = "https://payments.acme.test"
HEADER = PlanHeader(
    ("webhooks.yaml",), {"pay": BASE, "crypto": "https://api.crypto.test", "pocket": "https://p.test"}, 0.31
)

NOOP = Change("quiet", "pay", "pay", (), "wh_0", Action.NOOP, Certainty.PRESENT, "as wanted", secret=SecretState.SAME)

LEDGER = Change(
    "ledger",
    "pay",
    "pay",
    (),
    "wh_1",
    Action.UPDATE,
    Certainty.PRESENT,
    "the file changed, and so did the vendor",
    (
        FieldChange("/events", ("CAPTURED", "OLD"), ("CAPTURED", "REFUNDED"), Cause.CONFIG),
        FieldChange("/status", "active", "inactive", Cause.DRIFT),
        FieldChange("/description", "Ledger", "Ledger ingestion", Cause.CONFLICT),
    ),
    SecretState.SAME,
    observed="sha256:1",
    calls=(PlannedCall("PUT", f"{BASE}/v1/webhooks/wh_1"),),
)

ACCOUNT = Change(
    "account",
    "crypto",
    "crypto",
    (),
    None,
    Action.CREATE,
    Certainty.ABSENT,
    "nothing is there yet",
    (FieldChange("/url", None, "https://hooks.acme.test/crypto", Cause.NEW),),
    SecretState.NEW,
    "issued by the vendor -> file:./secrets/crypto",
    calls=(PlannedCall("POST", "https://api.crypto.test/user/webhooks/"),),
)

BLIND = Change(
    "payments",
    "pocket",
    "pocket",
    (),
    "x",
    Action.NOOP,
    Certainty.UNREADABLE,
    "this API cannot be read",
    last_applied="2026-11-20T08:00:00Z",
)


def make_plan(*changes: Change, **how: Any) -> Plan:
    """A plan of these changes."""
    made = Plan("0.1.0", "2026-11-21T12:00:00Z", Basis("sha256:c", "sha256:l"), changes, reads=4)
    return made._replace(**how)


def example() -> Plan:
    """A bit of everything that one run can meet."""
    return make_plan(
        LEDGER,
        NOOP,
        ACCOUNT,
        BLIND,
        unmanaged=(Unmanaged("pay", (), "wh_9", "https://old.acme.test/x"),),
        findings=(Finding("duplicate", "wh_7 has the URL of ledger", "pay", (), "wh_7", "ledger"),),
        problems=(
            Problem("forbidden", "the token may not list webhooks", "give it the scope `hooks`", "shop", None),
            Problem("config", "no such thing", "", None, "ci", Location("webhooks.yaml", 12, 5)),
        ),
        refusals=(Refusal("4 of 12 webhooks would change", "allow it once with --max-changed 4", provider="pay"),),
    )


def every_action() -> Plan:
    """One webhook for each action, and one of which nothing is known."""
    field = FieldChange("/url", "https://a.test/1", "https://a.test/2", Cause.CONFIG)
    gone = FieldChange("/description", "spring", None, Cause.DRIFT)
    option = FieldChange("/options/headers", ("a", "b"), ("a", "c", "d"), Cause.CONFIG)
    call = (PlannedCall("PATCH", f"{BASE}/v1/webhooks/2"), PlannedCall("DELETE", f"{BASE}/v1/webhooks/1"))

    def change(name: str, action: Action, **how: Any) -> Change:
        made = Change(name, "pay", "pay", scope_of({"shop": "s"}), "7", action, Certainty.PRESENT, f"because of {name}")
        return made._replace(**how)

    return make_plan(
        change("a-create", Action.CREATE, fields=(field._replace(before=None, cause=Cause.NEW),), remote_id=None),
        change(
            "b-adopt", Action.ADOPT, secret=SecretState.UNVERIFIABLE, secret_note="own it with `whsync rotate b-adopt`"
        ),
        change("c-update", Action.UPDATE, fields=(field, gone, option), calls=call[:1], renamed_from="old-c"),
        change("d-replace", Action.REPLACE, fields=(field,), calls=call, notes=("url is immutable at the vendor",)),
        change("e-delete", Action.DELETE, calls=call[1:]),
        change("f-deactivate", Action.DEACTIVATE, calls=call[:1]),
        change("g-forget", Action.FORGET),
        change("h-orphan", Action.ORPHAN),
        change("i-unknown", Action.NOOP, certainty=Certainty.UNKNOWN),
        change("j-secret", Action.NOOP, secret=SecretState.CHANGED, secret_note="changed outside: the mask differs"),
        change("k-noop", Action.NOOP),
    )


def as_saved(plan: Plan) -> Plan:
    """The plan without what no document shows: where its changes stand in the files."""
    return plan._replace(changes=tuple(each._replace(source=None, at=None) for each in plan.changes))


TEXTS = st.text(max_size=12)
_WORDS = st.text(string.ascii_lowercase, min_size=1, max_size=8)
_MAYBE = st.none() | TEXTS
_SCOPES = st.dictionaries(TEXTS, TEXTS, max_size=2).map(scope_of)
_LEAVES = TEXTS | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_SHOWN = st.none() | _LEAVES | st.recursive(_LEAVES, lambda item: st.lists(item, max_size=3).map(tuple), max_leaves=5)
_FIELDS = st.builds(FieldChange, _WORDS.map(lambda word: f"/{word}"), _SHOWN, _SHOWN, st.sampled_from(Cause))
_PLACES = st.builds(Location, TEXTS, st.integers(1, 999), st.integers(1, 99))
_CODES = st.sampled_from(Code)
_PROBLEMS = st.builds(
    Problem, st.sampled_from(["config", "auth", "network"]), TEXTS, TEXTS, _MAYBE, _MAYBE, st.none() | _PLACES, _CODES
)
_SECRETS = st.builds(SecretShown, _WORDS, st.sampled_from(SecretState), TEXTS, _MAYBE, st.booleans())
_CHANGES = st.builds(
    Change,
    name=TEXTS,
    provider=_WORDS,
    type=TEXTS,
    scope=_SCOPES,
    remote_id=_MAYBE,
    action=st.sampled_from(Action),
    certainty=st.sampled_from(Certainty),
    reason=TEXTS,
    fields=st.lists(_FIELDS, max_size=3).map(tuple),
    secret=st.sampled_from(SecretState),
    secret_note=TEXTS,
    secret_fingerprint=_MAYBE,
    observed=_MAYBE,
    calls=st.lists(st.builds(PlannedCall, _WORDS, TEXTS), max_size=2).map(tuple),
    notes=st.lists(TEXTS, max_size=2).map(tuple),
    renamed_from=_MAYBE,
    last_applied=_MAYBE,
    sends=st.lists(_WORDS, max_size=2).map(tuple),
    ignored=st.lists(_FIELDS, max_size=2).map(tuple),
    source=st.none() | st.builds(Source, TEXTS, st.lists(TEXTS, max_size=2).map(tuple)),
    at=st.none() | _PLACES,
    code=_CODES,
    secrets=st.lists(_SECRETS, max_size=2, unique_by=lambda secret: secret.name).map(lambda some: tuple(sorted(some))),
)
_DISCOVERED = st.builds(
    Discovered,
    TEXTS,
    TEXTS,
    TEXTS,
    TEXTS,
    st.dictionaries(TEXTS, TEXTS, max_size=2).map(lambda given: tuple(sorted(given.items()))),
    st.integers(0, 999),
    st.lists(TEXTS, max_size=2, unique=True).map(lambda values: tuple(sorted(values))),
    TEXTS,
    st.sampled_from(["vendor", "lock"]),
    st.booleans(),
)
PLANS = st.builds(
    Plan,
    whsync=TEXTS,
    created_at=TEXTS,
    basis=st.builds(Basis, TEXTS, TEXTS),
    discovered=st.lists(_DISCOVERED, max_size=2).map(tuple),
    changes=st.lists(_CHANGES, max_size=4).map(tuple),
    unmanaged=st.lists(st.builds(Unmanaged, TEXTS, _SCOPES, TEXTS, TEXTS), max_size=2).map(tuple),
    findings=st.lists(
        st.builds(Finding, TEXTS, TEXTS, TEXTS, _SCOPES, _MAYBE, _MAYBE, st.none() | _PLACES, _CODES), max_size=2
    ).map(tuple),
    problems=st.lists(_PROBLEMS, max_size=2).map(tuple),
    refusals=st.lists(st.builds(Refusal, TEXTS, TEXTS, _MAYBE, _MAYBE, st.none() | _PLACES, _CODES), max_size=2).map(
        tuple
    ),
    reads=st.integers(0, 99),
    options=st.builds(
        PlanOptions,
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.none() | st.lists(TEXTS, min_size=1, max_size=2).map(tuple),
        _MAYBE,
    ),
)
