"""Updates that replace the whole: what was read goes along, and what must not be sent back is not."""

from typing import Any

import pytest

from reconciler.errors import Rejected
from reconciler.model.action import Action
from reconciler.model.secret import Secret
from reconciler.model.webhook import SECRET, Fields
from reconciler.providers.engine.codec import Codec
from reconciler.providers.engine.interpret import CompiledVendor
from reconciler.providers.engine.masked import hides
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.protocol import ChangeRequest
from reconciler.providers.rehearse import BASE_URL, drive, shown
from tests.unit.providers.rig import SMALL, answer, script

SHOWN = {
    "id": "7",
    "createdAt": "2026-01-01",
    "url": "https://a.example/x",
    "events": [{"name": "a", "filter": {"tenant": "t"}}, {"name": "b"}],
    "status": "enabled",
    "description": "by hand",
    "retries": 3,
    "signing": {"enabled": True, "key": "k-1"},
    "labels": {},
}
WORDS: dict[str, Any] = {
    "fields": {
        "url": {"read": "url", "write": "/url"},
        "events": {"read": "events", "write": "/events", "codec": {"kind": "objects", "key": "name"}},
        "status": {"read": "status", "write": "/status", "values": {"active": "enabled", "inactive": "disabled"}},
        "description": {"read": "description", "write": "/description"},
    },
    "options": {
        "retries": {"read": "retries", "write": "/retries", "type": "int"},
        "key": {"read": "key", "write": "/key"},
    },
    "secret": {"lifecycle": "supplied", "write": "/secret", "mask": "secret", "has": "secret", "value": "secret"},
}


class Whole:
    """A vendor whose updates have this `body`, and one webhook there as it shows it."""

    def __init__(self, body: str, remote: dict[str, Any] | None = None, **update: Any) -> None:
        words = {"method": "PUT", "path": "/hooks/{id}", "body": body, **update}
        manifest = Manifest.model_validate({**SMALL, **WORDS, "update": [words]})
        vendor = CompiledVendor(manifest)
        self.codec: Codec = vendor.codec()
        self.provider = vendor.provider(BASE_URL)
        self.remote = self.codec.remote(remote or SHOWN)

    def request(self, *changes: str, secret: Secret | None = None, **fields: Any) -> ChangeRequest:
        """A request to change these fields, which are what the file manages."""
        wanted = Fields({f"/{name.replace('__', '/')}": value for name, value in fields.items()})
        sends = frozenset(changes) or frozenset(wanted)
        return ChangeRequest("n", (), wanted, sends, self.remote, "7", secret=secret, secret_unset=secret is None)

    def body(self, request: ChangeRequest) -> Any:
        """What the one call holds; secrets as they are shown."""
        outcome = drive(self.provider.update(request), script(answer({"id": "7"})))
        assert outcome.error is None, outcome.error
        return shown(outcome.calls[0].body)

    def loses(self, request: ChangeRequest) -> tuple[str, ...]:
        """What the plan says that the call takes away."""
        return self.provider.calls(Action.UPDATE, request)[0].loses

    def refusal(self, request: ChangeRequest) -> Rejected:
        """Why it cannot be planned."""
        with pytest.raises(Rejected) as caught:
            self.provider.calls(Action.UPDATE, request)
        return caught.value


def test_merge_sends_the_object_as_it_was_read() -> None:
    """With the change, without what is dropped: no key that the manifest does not know is lost."""
    whole = Whole("merge", drop=["/id", "/createdAt"])
    request = whole.request(options__retries=4)
    rest = {key: value for key, value in SHOWN.items() if key not in ("id", "createdAt")}
    assert whole.body(request) == {**rest, "retries": 4}
    assert whole.loses(request) == ()
    assert whole.remote is not None
    assert whole.remote.as_read is not None
    assert whole.remote.as_read.tree == SHOWN


def test_merge_keeps_what_stands_beside_an_event() -> None:
    """An event that stays keeps its filter, whatever else the list gains or loses."""
    whole = Whole("merge", drop=["/id", "/createdAt"])
    body = whole.body(whole.request(events=frozenset({"a", "c"})))
    assert body["events"] == [{"name": "a", "filter": {"tenant": "t"}}, {"name": "c"}]


def test_full_names_what_it_takes_away() -> None:
    """What no word of the manifest speaks of, and has a value; a part that it drops is none of that."""
    request = Whole("full").request(options__retries=4)
    assert Whole("full").loses(request) == ("createdAt", "events.filter", "signing")
    assert Whole("full", drop=["/createdAt", "/signing/key"]).loses(request) == ("events.filter", "signing.enabled")
    assert Whole("changed").loses(request) == ()
    assert Whole("changed", whole=["/signing"]).loses(request) == ()


@pytest.mark.parametrize("body", ["full", "merge"])
def test_a_mask_is_not_sent_back(body: str) -> None:
    """Not from a field that the file leaves alone: the change is refused, and the message says what to do."""
    whole = Whole(body, {**SHOWN, "key": "********"})
    refusal = whole.refusal(whole.request(options__retries=4))
    assert "shows its options.key masked; a mask is not sent back" in refusal.summary
    assert "give options.key a value in the file" in refusal.hint
    sent = whole.body(whole.request("/options/retries", "/options/key", options__retries=4, options__key="new"))
    assert sent["key"] == "new"


@pytest.mark.parametrize("body", ["full", "merge"])
def test_the_files_value_goes_where_a_mask_stands(body: str) -> None:
    """A mask is compared with nothing, so the field is no change; the file has its value, and nothing is in the way."""
    whole = Whole(body, {**SHOWN, "key": "********"})
    sent = whole.body(whole.request("/options/retries", options__retries=4, options__key="mine"))
    assert (sent["retries"], sent["key"]) == (4, "mine")


@pytest.mark.parametrize("body", ["full", "merge"])
def test_what_the_vendor_keeps_is_left_out(body: str) -> None:
    """Where a left-out key stays what it is, the rest can be changed."""
    whole = Whole(body, {**SHOWN, "key": "********", "secret": "********"}, keeps=["/key", "/secret"])
    request = whole.request(options__retries=4)._replace(secret_unset=False)
    sent = whole.body(request)
    assert sent["retries"] == 4
    assert not {"key", "secret"} & sent.keys()


def test_a_mask_where_no_field_is() -> None:
    """A merge sends back no mask at all, wherever it stands."""
    whole = Whole("merge", {**SHOWN, "headers": {"x": ["ab", "••••••"]}})
    assert "headers.x masked" in whole.refusal(whole.request(options__retries=4)).summary
    kept = Whole("merge", {**SHOWN, "headers": {"x": ["ab", "••••••"], "y": "z"}}, keeps=["/headers"])
    assert kept.body(kept.request(options__retries=4))["headers"] == {"y": "z"}


@pytest.mark.parametrize("body", ["full", "merge"])
def test_a_word_of_the_vendors_own_is_not_sent_back(body: str) -> None:
    """A status that no file can say is not said for anybody: the file must say one."""
    whole = Whole(body, {**SHOWN, "status": "temporarily_disabled"})
    refusal = whole.refusal(whole.request(options__retries=4))
    assert "shows its status as temporarily_disabled, which cannot be sent back" in refusal.summary
    assert "say in the file what it is to be: `status: …`" in refusal.hint
    sent = whole.body(whole.request("/status", "/options/retries", options__retries=4, status="active"))
    assert sent["status"] == "enabled"


def test_a_secret_goes_with_a_merge() -> None:
    """Ours is sent, one that the vendor shows goes back veiled, and a hidden one that nobody has stops the change."""
    ours = Secret("our-own-secret")
    whole = Whole("merge", {**SHOWN, "secret": "********"})
    assert whole.body(whole.request("/options/retries", secret=ours, options__retries=4))["secret"] == "***"
    hidden = whole.request(options__retries=4)._replace(secret_unset=False)
    assert "would lose the secret" in whole.refusal(hidden).summary
    clear = Whole("merge", {**SHOWN, "secret": "shown-in-clear-1"})
    request = clear.request(options__retries=4)._replace(secret_unset=False)
    call = drive(clear.provider.update(request), script(answer({"id": "7"}))).calls[0]
    assert isinstance(call.body, dict)
    assert call.body["secret"] == Secret("shown-in-clear-1")
    assert "shown-in-clear-1" not in f"{call}{clear.remote}"
    assert SECRET not in request.changes


def test_what_was_read_is_no_part_of_what_is_compared() -> None:
    """The same webhook on two pages is one, though its counters have moved meanwhile."""
    whole = Whole("full")
    assert whole.codec.remote({**SHOWN, "delivered": 5}) == whole.remote


MASKS = ["********", "••••", "sk_***", "whsec_ab...", "xxxxxxxx", "[REDACTED]", "hidden", "a…9f"]
VALUES = ["", "1", "a", "000", "main", "* * * * *", "src/**/x", "a.b", "<b>", "two words...", "v1.2.3"]


@pytest.mark.parametrize("text", MASKS)
def test_what_hides_a_value(text: str) -> None:
    """Stars, bullets, ends that are cut off, and words for it."""
    assert hides(text)


@pytest.mark.parametrize("text", VALUES)
def test_what_hides_nothing(text: str) -> None:
    """Short values, patterns, schedules and prose are values."""
    assert not hides(text)


def test_prose_may_use_dots_and_stars() -> None:
    """A description is a mask only where it is nothing else."""
    assert not hides("loading...", prose=True)
    assert not hides("*** important ***", prose=True)
    assert hides("*****", prose=True)


def test_a_mask_is_not_sent_along_either() -> None:
    """What is always sent, or with something else, is a value too: a mask in its place stops the change."""
    vendor = Whole("changed", {**SHOWN, "key": "********"}, method="PATCH", always=["/options/key"])
    refused = vendor.refusal(vendor.request(url="https://a.example/y"))
    assert "shows its options.key masked" in refused.summary
    body = vendor.body(vendor.request("/url", url="https://a.example/y", options__key="mine"))
    assert body == {"url": "https://a.example/y", "key": "mine"}
