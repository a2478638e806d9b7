"""Every built-in manifest against a simulated vendor, which was made from the vendor's documents, through the wire."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest

from reconciler.errors import Indeterminate, VendorError
from reconciler.model.action import Action
from reconciler.model.secret import Secret
from reconciler.model.webhook import Fields, Observation, Scope
from reconciler.providers.protocol import ChangeRequest, Progress, Provider
from reconciler.providers.registry import Registry
from reconciler.providers.vendor import CallLimits
from reconciler.sandbox import Sandbox
from reconciler.sandbox import SimulatedVendor as Simulated
from reconciler.wire.account import Account, RunContext
from reconciler.wire.drive import Wire

REPO: Scope = (("owner", "acme"), ("repo", "api"))
ROOMY = CallLimits(reads=4, writes=1)


class Here(NamedTuple):
    """One account at a simulated vendor."""

    simulated: Simulated
    provider: Provider
    wire: Wire

    def create(self, request: ChangeRequest) -> tuple[Progress, list[Progress]]:
        """Create; the result, and what was told on the way."""
        told: list[Progress] = []
        return self.wire.drive(self.provider.create(request), told.append), told

    def update(self, request: ChangeRequest) -> Progress:
        """Update."""
        return self.wire.drive(self.provider.update(request))

    def observe(self, scope: Scope = (), *known: str) -> Observation:
        """Read."""
        return self.wire.drive(self.provider.observe(scope, frozenset(known)))

    def writes(self) -> list[tuple[str, str]]:
        """Method and path of every write that arrived, credential calls aside; then forget them."""
        made = [(r.method, r.path) for r in self.simulated.requests if r.method != "GET" and "auth" not in r.path]
        self.simulated.clear_requests()
        return [(method, path) for method, path in made if not path.startswith("/o/token")]


@contextmanager
def account(name: str, switches: dict[str, Any] | None = None, static: bool = False, **settings: Any) -> Iterator[Here]:
    """An account with the vendor's own credentials (`static`: with a ready-made token)."""
    with Sandbox([name], settings={name: switches or {}}) as box:
        simulated, vendor = box[name], Registry().vendor(name, settings, "")
        given = {"token": simulated.token} if static else dict(simulated.credentials)
        scheme = next(s for s in vendor.schemes if set(s.needs) <= given.keys())
        secrets = {key: Secret(value) for key, value in given.items()}
        wire = Wire(Account(simulated.url, scheme, secrets, ROOMY, vendor.headers), RunContext(max_wait=2))
        try:
            yield Here(simulated, vendor.provider(simulated.url), wire)
        finally:
            wire.close()


def fields(url: str, *events: str, **more: Any) -> Fields:
    """Fields by their plain names."""
    leaves: dict[str, Any] = {"/url": url, **{f"/{name}": leaf for name, leaf in more.items()}}
    return Fields({**leaves, "/events": frozenset(events)} if events else leaves)


@pytest.mark.parametrize("prefix", ["", "/api/v3"])
def test_github_create_observe_update_observe_delete(prefix: str) -> None:
    """The ordinary life of a hook, its secret kept through every kind of change."""
    with account("github", {"prefix": prefix} if prefix else {}) as here:
        wanted = fields("https://ci.example/a?x=1&y=%20", "push", "star", status="active")
        secret = Secret("our-secret")
        done, _ = here.create(ChangeRequest("ci", REPO, wanted, secret=secret))
        seen = here.observe(REPO)
        assert seen.complete
        assert seen.remotes[0].remote_id == done.remote_id
        assert seen.remotes[0].fields.only(wanted) == wanted
        assert seen.remotes[0].has_secret
        here.writes()
        for new, changes in (
            (fields("https://ci.example/b", "push", "star"), {"/url"}),
            (fields("https://ci.example/b", "push"), {"/events"}),
            (fields("https://ci.example/c", "star", status="inactive"), {"/url", "/events", "/status"}),
        ):
            remote = here.observe(REPO).remotes[0]
            request = ChangeRequest("ci", REPO, new, frozenset(changes), remote, remote.remote_id)
            planned = here.provider.calls(Action.UPDATE, request)
            here.update(request)
            assert [(call.method, call.url) for call in planned] == [
                (m, here.simulated.origin + p) for m, p in here.writes()
            ]
            assert here.observe(REPO).remotes[0].fields.only(new) == new
            assert here.simulated.webhooks()[0]["config"]["secret"] == "our-secret"
        here.wire.drive(here.provider.retire(ChangeRequest("ci", REPO, Fields(), remote_id=done.remote_id)))
        assert here.simulated.webhooks() == []


def test_github_reads_all_pages() -> None:
    """More hooks than fit on a page are all seen, below a path prefix too."""
    events = ["push", "star", "fork", "issues", "label", "member"]
    with account("github", {"prefix": "/api/v3"}) as here:
        for number in range(108):
            config = {"url": f"https://ci.example/{number}"}
            here.simulated.add("acme/api", config=config, events=[events[number // 20]])  # type: ignore[attr-defined]  # the vendor's own
        assert len(here.observe(REPO).remotes) == 108
        assert len(here.simulated.requests) == 2


@pytest.mark.parametrize("last_next", ["empty", "absent", "null"])
def test_coinbase_reads_all_pages(last_next: str) -> None:
    """However the vendor says that there is no further page, all pages are read once."""
    with account("coinbase-payments", {"list": True, "last_next": last_next}, list=True) as here:
        for number in range(30):
            here.simulated.add(url=f"https://a.example/{number}", events=[])  # type: ignore[attr-defined]  # the vendor's own
        assert len(here.observe().remotes) == 30
        assert len(here.simulated.requests) == 2


@pytest.mark.parametrize(
    "switches",
    [
        {},
        {"put_omit": "keep"},
        {"secret": "once"},
        {"status_word": "ACTIVE"},
        {"missing": 404},
        {"error_shape": "text"},
        {"uri_claim": "uri"},
        {"audience": "cdp_service"},
    ],
    ids=str,
)
def test_coinbase_create_observe_update_observe_deactivate(switches: dict[str, Any]) -> None:
    """A webhook that begins inactive, is changed, and is switched off in the end; the owner mark stays."""
    event, other = "EVENT_TYPE_PAYMENT_VOIDED", "EVENT_TYPE_PAYMENT_CAPTURED"
    dialect = {key: value for key, value in switches.items() if key in ("uri_claim", "audience")}
    with account("coinbase-payments", switches, **dialect) as here:
        request = ChangeRequest("ledger", (), fields("https://a.example/x", event, status="inactive", description="d"))
        done, told = here.create(request)
        issued = [progress.issued for progress in (*told, done) if progress.issued]
        assert [secret.reveal() for secret in issued] == [here.simulated.webhooks()[0]["secret"]]
        remote = here.observe((), done.remote_id).remotes[0]
        assert remote.fields.only(request.fields) == request.fields
        assert remote.mark == "ledger"
        wanted = fields("https://a.example/y", event, other, status="active")
        change = ChangeRequest(
            "ledger", (), wanted, frozenset({"/url", "/events", "/status"}), remote, remote.remote_id
        )
        here.update(change)
        remote = here.observe((), done.remote_id).remotes[0]
        assert remote.fields.only(wanted) == wanted
        assert remote.fields["/description"] == "d"
        here.wire.drive(here.provider.retire(change._replace(remote=remote)))
        assert here.observe((), done.remote_id).remotes[0].fields["/status"] == "inactive"
        assert here.observe((), "wh_nobody").absent == {"wh_nobody"}


def test_coinbase_lists_and_deletes_where_an_account_can() -> None:
    """Two settings turn what the documents leave out into ordinary calls."""
    with account("coinbase-payments", {"list": True, "delete": True}, list=True, delete=True) as here:
        done, _ = here.create(ChangeRequest("ledger", (), fields("https://a.example/x", "EVENT_TYPE_PAYMENT_VOIDED")))
        assert [remote.remote_id for remote in here.observe().remotes] == [done.remote_id]
        here.wire.drive(here.provider.retire(ChangeRequest("ledger", (), Fields(), remote_id=done.remote_id)))
        assert here.observe().remotes == ()


@pytest.mark.parametrize("generation", ["newer", "older"])
def test_cryptofuse_create_observe_update_observe(generation: str) -> None:
    """The account's one webhook: absent at first, its secret seen once, its mask stable over another URL."""
    with account("cryptofuse", {"me_generation": generation}) as here:
        assert here.observe() == Observation(complete=True)
        done, _ = here.create(ChangeRequest("account", (), fields("https://a.example/x")))
        assert done.issued is not None
        assert done.issued.reveal() == here.simulated.webhooks()[0]["secret"]
        remote = here.observe().remotes[0]
        assert remote.fields == fields("https://a.example/x")
        assert remote.mask
        here.update(ChangeRequest("account", (), fields("https://a.example/y"), frozenset({"/url"}), remote, "account"))
        assert here.observe().remotes[0] == remote._replace(fields=fields("https://a.example/y"))


@pytest.mark.parametrize("static", [False, True])
@pytest.mark.parametrize("word", ["ok", "success", "sucess"])
def test_cryptopocket_create_and_update(word: str, static: bool) -> None:
    """One subscription for each event, moved and added to; a dropped one stays."""
    with account("cryptopocket", {"ok_word": word}, static) as here:
        done, told = here.create(ChangeRequest("p", (), fields("https://a.example/x?a=1&b=2", "PAY_IN", "COINS_SENT")))
        assert [len(progress.parts) for progress in (*told, done)] == [1, 2]
        wanted = fields("https://a.example/y", "PAY_IN", "CRYPTO_RECEIVED")
        after = here.update(ChangeRequest("p", (), wanted, frozenset({"/url", "/events"}), parts=done.parts))
        held = {hook["type"]: hook["url"] for hook in here.simulated.webhooks()}
        assert held == {
            "PAY_IN": "https://a.example/y",
            "CRYPTO_RECEIVED": "https://a.example/y",
            "COINS_SENT": "https://a.example/x?a=1&b=2",
        }
        assert [part.key for part in after.orphan_parts] == ["COINS_SENT"]


@pytest.mark.parametrize("shape", ["data.token", "token", "data"])
def test_cryptopocket_logs_in_again_in_the_middle(shape: str) -> None:
    """A token that dies between two subscriptions is replaced, and each is made once."""
    with account("cryptopocket", {"token_shape": shape}) as here:
        here.create(ChangeRequest("p", (), fields("https://a.example/x", "PAY_IN")))
        here.simulated.expire_token()  # type: ignore[attr-defined]  # this vendor has it
        here.create(ChangeRequest("q", (), fields("https://a.example/x", "COINS_SENT")))
        assert len(here.simulated.webhooks()) == 2


@pytest.mark.parametrize("shape", ["status", "bare", "data"])
@pytest.mark.parametrize("status", [200, 422])
def test_cryptopocket_refusals_are_certain_in_every_shape(shape: str, status: int) -> None:
    """A second subscription to an event is refused, however the vendor words it."""
    with account("cryptopocket", {"error_shape": shape, "error_status": status}) as here:
        request = ChangeRequest("p", (), fields("https://a.example/x", "PAY_IN"))
        here.create(request)
        with pytest.raises(VendorError) as caught:
            here.create(request)
        assert not isinstance(caught.value, Indeterminate)
        assert "subscription_exists" in caught.value.summary


@pytest.mark.parametrize(
    ("name", "scope", "event"),
    [
        ("github", REPO, ["push"]),
        ("coinbase-payments", (), ["EVENT_TYPE_PAYMENT_VOIDED"]),
        ("cryptofuse", (), []),
        ("cryptopocket", (), ["PAY_IN"]),
    ],
)
def test_a_lost_answer_is_indeterminate_and_the_create_is_sent_once(name: str, scope: Scope, event: list[str]) -> None:
    """The vendor committed and hung up: nobody may say that nothing happened, nor try again."""
    with account(name) as here:
        here.simulated.fail(
            "drop-after",
            method="POST",
            path=""
            if name in ("github", "coinbase-payments")
            else {"cryptofuse": "/user/webhooks/", "cryptopocket": "/api/subscribe"}[name],
        )
        with pytest.raises(Indeterminate):
            here.create(ChangeRequest("n", scope, fields("https://a.example/x", *event)))
        assert len(here.writes()) == 1
        assert len(here.simulated.webhooks()) == 1
