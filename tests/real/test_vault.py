"""`vault:` against a real OpenBao server."""

import json
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import SecretError
from reconciler.model.secret import Secret, SecretRef
from reconciler.secrets import sink
from reconciler.secrets.backends import vault
from reconciler.secrets.source import Resolver
from tests.cli.conftest import run, world
from tests.cli.world import CI_SECRET, World, hidden_in, hook, ledger

__all__ = ["run", "world"]  # fixtures of the command line

pytestmark = pytest.mark.xdist_group("bao")

VALUE = Secret('issued "by" the/vendor+1 päss')


class Bao:
    """The server as its administrator sees it."""

    def __init__(self, address: str) -> None:
        self.address = address

    def __call__(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """One call with the root token; the answer's document, empty for 404."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}/v1/{path}", data, {"X-Vault-Token": "root"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as reply:
                return json.loads(reply.read() or b"{}")
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 404:
                    return {}
                raise

    def fields(self, path: str) -> dict[str, Any]:
        """The fields at `path`, which begins with its mount."""
        return self("GET", path)["data"]["data"]

    def token(self, rules: str) -> str:
        """A token that may do what `rules` say."""
        self("PUT", "sys/policies/acl/some", {"policy": rules})
        return str(self("POST", "auth/token/create", {"policies": ["some"]})["auth"]["client_token"])


@pytest.fixture
def server(bao: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Bao:
    """The server, and an environment that points to it with the root token."""
    for name in ("VAULT_NAMESPACE", "VAULT_CACERT", "VAULT_CAPATH", "VAULT_ROLE_ID", "VAULT_SECRET_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("VAULT_ADDR", bao)
    monkeypatch.setenv("VAULT_TOKEN", "root")
    administrator = Bao(bao)
    for name in administrator("GET", "secret/metadata?list=true").get("data", {}).get("keys", ()):
        administrator("DELETE", f"secret/metadata/{name}")
    return administrator


def ref(target: str) -> SecretRef:
    """A reference to the server."""
    return SecretRef("vault", target)


def resolve(target: str) -> str:
    """The secret at a reference, by a resolver of its own."""
    return Resolver(Path(), {}).resolve(ref(target)).reveal()


def test_what_was_stored_is_found(server: Bao) -> None:
    """A secret goes into its field and comes out of it again, whatever characters it has."""
    sink.probe(ref("secret/hooks#ledger"), Path())
    assert server("GET", "secret/data/hooks") == {}  # the probe left no trace
    sink.store(ref("secret/hooks#ledger"), VALUE, Path())
    assert resolve("secret/hooks#ledger") == VALUE.reveal()


def test_other_fields_stay(server: Bao) -> None:
    """Storing one field keeps the others, and the same value again makes no new version."""
    server("POST", "secret/data/hooks", {"data": {"theirs": "kept", "count": 3}})
    for value in (VALUE, VALUE, Secret("second value")):
        sink.store(ref("secret/hooks#ledger"), value, Path())
    held = server("GET", "secret/data/hooks")["data"]
    assert held["data"] == {"theirs": "kept", "count": 3, "ledger": "second value"}
    assert held["metadata"]["version"] == 3


def test_a_change_in_between_is_not_overwritten(server: Bao, monkeypatch: pytest.MonkeyPatch) -> None:
    """When somebody writes between our read and our write, both changes are there afterwards."""
    server("POST", "secret/data/hooks", {"data": {"a": "1"}})
    real, rivals = vault._Server.document, iter([{"a": "1", "rival": "was faster"}])

    def document(self: vault._Server, path: str, reference: SecretRef) -> vault._FoundFields:
        found = real(self, path, reference)
        for fields in rivals:
            server("POST", "secret/data/hooks", {"data": fields})
            break
        return found

    monkeypatch.setattr(vault._Server, "document", document)
    sink.store(ref("secret/hooks#ledger"), VALUE, Path())
    assert server.fields("secret/data/hooks") == {"a": "1", "rival": "was faster", "ledger": VALUE.reveal()}


def test_many_threads_fill_one_secret(server: Bao) -> None:
    """Twelve webhooks whose secrets go to twelve fields of one document all find theirs there."""
    names = [f"field{number}" for number in range(12)]
    threads = [
        threading.Thread(target=sink.store, args=(ref(f"secret/shared#{name}"), Secret(f"value of {name}"), Path()))
        for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.fields("secret/data/shared") == {name: f"value of {name}" for name in names}


def test_a_deleted_secret_is_made_again(server: Bao) -> None:
    """A secret whose latest version was deleted is no source, and takes a new version as a sink."""
    server("POST", "secret/data/hooks", {"data": {"ledger": "old"}})
    server("DELETE", "secret/data/hooks")
    with pytest.raises(SecretError, match="there is no secret vault:secret/hooks#ledger"):
        resolve("secret/hooks#ledger")
    sink.probe(ref("secret/hooks#ledger"), Path())
    sink.store(ref("secret/hooks#ledger"), VALUE, Path())
    assert server.fields("secret/data/hooks") == {"ledger": VALUE.reveal()}


def test_a_mount_may_have_slashes(server: Bao) -> None:
    """The server says where the mount ends, so `team/kv/` is found; an engine of another kind is refused."""
    mounts = server("GET", "sys/mounts")["data"]
    for name, body in (
        ("team/kv", {"type": "kv", "options": {"version": "2"}}),
        ("old", {"type": "kv", "options": {"version": "1"}}),
    ):
        if f"{name}/" not in mounts:
            server("POST", f"sys/mounts/{name}", body)
    sink.store(ref("team/kv/deep/er#ledger"), VALUE, Path())
    assert server.fields("team/kv/data/deep/er") == {"ledger": VALUE.reveal()}
    with pytest.raises(SecretError, match="not KV version 2"):
        sink.probe(ref("old/x#y"), Path())


def test_an_approle_logs_in(server: Bao, monkeypatch: pytest.MonkeyPatch) -> None:
    """VAULT_ROLE_ID and VAULT_SECRET_ID stand for a token, and a token that ended is fetched anew."""
    if "approle/" not in server("GET", "sys/auth")["data"]:
        server("POST", "sys/auth/approle", {"type": "approle"})
    rules = 'path "secret/data/hooks" { capabilities = ["create", "read", "update"] }'
    server("PUT", "sys/policies/acl/hooks", {"policy": rules})
    server("POST", "auth/approle/role/ci", {"token_policies": ["hooks"], "token_ttl": "1h"})
    monkeypatch.delenv("VAULT_TOKEN")
    monkeypatch.setenv("VAULT_ROLE_ID", server("GET", "auth/approle/role/ci/role-id")["data"]["role_id"])
    monkeypatch.setenv("VAULT_SECRET_ID", server("POST", "auth/approle/role/ci/secret-id")["data"]["secret_id"])
    reference = ref("secret/hooks#ledger")
    sink.probe(reference, Path())
    sink.store(reference, VALUE, Path())
    for accessor in server("GET", "auth/token/accessors?list=true")["data"]["keys"]:
        held = server("POST", "auth/token/lookup-accessor", {"accessor": accessor})["data"]
        if "hooks" in held["policies"]:
            server("POST", "auth/token/revoke-accessor", {"accessor": accessor})
    assert resolve("secret/hooks#ledger") == VALUE.reveal()
    monkeypatch.setenv("VAULT_SECRET_ID", "not-this-one")
    with pytest.raises(SecretError, match=r"AppRole login at 127\.0\.0\.1:.* failed") as caught:
        resolve("secret/hooks#ledger")
    assert "not-this-one" not in str(caught.value) + caught.value.hint


def test_a_token_that_may_only_read_is_found_before_the_first_call(
    server: Bao, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The probe asks the server what the token may do, and writes nothing."""
    server("POST", "secret/data/hooks", {"data": {"ledger": "old"}})
    monkeypatch.setenv("VAULT_TOKEN", server.token('path "secret/data/hooks" { capabilities = ["read"] }'))
    assert resolve("secret/hooks#ledger") == "old"
    with pytest.raises(SecretError, match="may not write there"):
        sink.probe(ref("secret/hooks#ledger"), Path())
    monkeypatch.setenv("VAULT_TOKEN", "no-such-token")
    with pytest.raises(SecretError, match="answered 403") as caught:
        sink.probe(ref("secret/hooks#ledger"), Path())
    assert "no-such-token" not in str(caught.value) + caught.value.hint


def test_the_token_of_vault_login_counts(server: Bao, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where no variable gives a token, the file that `vault login` left does; without both, that is said."""
    server("POST", "secret/data/hooks", {"data": {"ledger": "old"}})
    monkeypatch.delenv("VAULT_TOKEN")
    with pytest.raises(SecretError, match="there is no token for vault:secret/hooks#ledger"):
        resolve("secret/hooks#ledger")
    (tmp_path / ".vault-token").write_text("root\n")
    assert resolve("secret/hooks#ledger") == "old"


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("secret/hooks#nope", "has no such field"),
        ("secret/hooks#count", "is no text"),
        ("secret/nowhere#x", "there is no secret"),
        ("secret/hooks", "is incomplete"),
    ],
)
def test_what_is_not_there_is_said(server: Bao, target: str, says: str) -> None:
    """Every way to find nothing names the reference."""
    server("POST", "secret/data/hooks", {"data": {"ledger": "old", "count": 3}})
    with pytest.raises(SecretError, match=says):
        resolve(target)


def test_a_run_takes_and_puts_its_secrets_there(server: Bao, world: World) -> None:
    """Credentials and a secret of ours come from the server, an issued one goes to it, and nothing shows one."""
    token = world.environment.pop("GITHUB_TOKEN")
    server("POST", "secret/data/whsync", {"data": {"github": token, "ci": CI_SECRET, "theirs": "kept"}})
    environment = {"VAULT_ADDR": server.address, "VAULT_TOKEN": "root"}
    world.write(
        {
            "ci": hook(secret={"from": "vault:secret/whsync#ci"}),
            "ledger": ledger(secret={"to": "vault:secret/whsync#ledger"}),
        },
        providers={"github": {"auth": {"token": "vault:secret/whsync#github"}}},
        drop=("cryptofuse", "cryptopocket"),
    )
    said = [world.apply("-vv", env=environment), world("plan", "--detailed-exitcode", env=environment)]
    assert [result.exit for result in said] == [0, 0], said
    issued = world.box["coinbase-payments"].webhooks()[0]["secret"]
    assert server.fields("secret/data/whsync") == {
        "github": token,
        "ci": CI_SECRET,
        "theirs": "kept",
        "ledger": issued,
    }
    texts = [text for result in said for text in (result.stdout, result.stderr)]
    for secret in (token, CI_SECRET, issued):
        assert hidden_in(secret, *texts, *world.files().values())
    refused = world("apply", "--yes", env={**environment, "VAULT_TOKEN": "wrong"})
    assert refused.exit == 1
    assert "answered 403" in refused.stdout
