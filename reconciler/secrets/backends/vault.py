"""HashiCorp Vault and OpenBao: `vault:MOUNT/PATH#FIELD`, one field of a KV version 2 secret.

Set up by the usual variables: VAULT_ADDR; VAULT_TOKEN (or the file that `vault login` leaves), or VAULT_ROLE_ID with
VAULT_SECRET_ID for an AppRole; VAULT_NAMESPACE, VAULT_CACERT, VAULT_CAPATH. OpenBao's names (BAO_…) count as well.
A write checks the version that it read, so that nobody's other fields are lost.
"""

import os
import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.secret import Secret, SecretRef
from reconciler.secrets.scheme import SecretScheme, SecretSink, Surroundings

if TYPE_CHECKING:
    from reconciler.secrets.backends.vault_http import Endpoint, VaultAnswer

WRITES = 3  # how often a write is tried while others change the same secret


def read(ref: SecretRef, _around: Surroundings) -> str:
    """See `scheme.SecretScheme`."""
    server, path, field = _opened(ref)
    found = server.document(path, ref)
    if not found.there:
        raise SecretError(
            f"there is no secret {ref}", f"`vault kv get {path}` should show it", code=Code.SECRET_MISSING
        )
    value = found.fields.get(field)
    if not isinstance(value, str):
        raise SecretError(
            f"the secret {ref} has no such field" if value is None else f"the field of {ref} is no text",
            code=Code.SECRET_MISSING,
        )
    return value


def store(ref: SecretRef, text: str, _folder: Path) -> None:
    """See `scheme.SecretSink`. The other fields stay; a conflict with another writer is read and tried again."""
    server, path, field = _opened(ref)
    for _ in range(WRITES):
        found = server.document(path, ref)
        if found.fields.get(field) == text:
            return
        fields = {**found.fields, field: text}
        answer = server.call("POST", server.data_path(path, ref), {"options": {"cas": found.version}, "data": fields})
        if answer.status == 200:
            return
        if answer.status != 400:
            raise _refused(ref, answer)
    raise SecretError(
        f"the secret {ref} could not be stored",
        "the server refused it, or others keep changing it",
        code=Code.SECRET_NOT_STORED,
    )


def probe(ref: SecretRef, _folder: Path) -> None:
    """See `scheme.SecretSink`. Asks what the token may do with that path; quotas and a full disk do not show."""
    server, path, _ = _opened(ref)
    found = server.document(path, ref)
    asked = server.data_path(path, ref)
    answer = server.call("POST", "sys/capabilities-self", {"paths": [asked]})
    if answer.status == 403:
        return  # the token may not ask what it may do; it could read, and more does not show
    if answer.status != 200:
        raise _refused(ref, answer)
    may = set(_map(answer.document.get("data")).get("capabilities") or ())
    if not may & {"root", "update" if found.version else "create"}:
        hint = f"its policy needs create, read and update on {asked}"
        raise SecretError(f"the sink {ref} is unusable: the token may not write there", hint, code=Code.SINK_UNUSABLE)


class _FoundFields(NamedTuple):
    """One KV secret: whether its latest version is there, that version's number (0: none), and its fields."""

    there: bool
    version: int
    fields: Mapping[str, Any]


class _Server:
    """One server and one way to log in; threads share it, and an AppRole logs in once."""

    def __init__(self, endpoint: "Endpoint", token: Secret | None, role: tuple[str, Secret] | None) -> None:
        self._endpoint, self._token, self._role = endpoint, token, role
        self._mounts: dict[str, None] = {}
        self._login = threading.Lock()

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> "VaultAnswer":
        """One call with the token; where a token that was fetched has ended, again with a new one."""
        token = self._current(None)
        answer = self._endpoint.call(method, path, body, token)
        if answer.status == 403 and self._role is not None:
            answer = self._endpoint.call(method, path, body, self._current(token))
        return answer

    def document(self, path: str, ref: SecretRef) -> _FoundFields:
        """The latest version at `path` (mount included); a deleted one counts for its version only."""
        answer = self.call("GET", self.data_path(path, ref))
        if answer.status not in (200, 404):
            raise _refused(ref, answer)
        data = _map(answer.document.get("data"))
        version = _map(data.get("metadata")).get("version")
        fields = _map(data.get("data"))
        return _FoundFields(answer.status == 200, version if isinstance(version, int) else 0, fields)

    def data_path(self, path: str, ref: SecretRef) -> str:
        """Where KV version 2 keeps `path`: behind the mount comes `data/`. The server knows where the mount ends."""
        known = next((mount for mount in tuple(self._mounts) if path.startswith(mount)), None)
        if known is None:
            answer = self.call("GET", f"sys/internal/ui/mounts/{quote(path)}")
            data = _map(answer.document.get("data"))
            if answer.status == 200 and (data.get("type"), _map(data.get("options")).get("version")) != ("kv", "2"):
                raise SecretError(
                    f"the mount of {ref} is not KV version 2",
                    "only that engine is supported",
                    code=Code.MANAGER_UNUSABLE,
                )
            known = str(data.get("path") or path.partition("/")[0] + "/")
            self._mounts[known] = None
        return f"{known}data/{quote(path.removeprefix(known))}"

    def _current(self, dead: Secret | None) -> Secret:
        """A token that is not the one found dead."""
        if self._role is None:
            assert self._token is not None
            return self._token
        with self._login:
            if self._token is None or self._token is dead:
                role_id, secret_id = self._role
                body = {"role_id": role_id, "secret_id": secret_id.reveal()}
                answer = self._endpoint.call("POST", "auth/approle/login", body, None)
                token = _map(answer.document.get("auth")).get("client_token")
                if answer.status != 200 or not isinstance(token, str):
                    why = answer.failure or f"it answered {answer.status}"
                    hint = "check VAULT_ROLE_ID, VAULT_SECRET_ID and VAULT_NAMESPACE"
                    raise SecretError(
                        f"the AppRole login at {self._endpoint.shown} failed: {why}", hint, code=Code.MANAGER_UNUSABLE
                    )
                self._token = Secret(token)
            return self._token


_server = lru_cache(maxsize=8)(_Server)


def _opened(ref: SecretRef) -> tuple[_Server, str, str]:
    """The server, the path with its mount, and the field that `ref` means.

    Raises:
        SecretError: the reference or the environment says too little.
    """
    from reconciler.secrets.backends import vault_http

    path, _, field = ref.target.rpartition("#")
    path = path.strip("/")
    if "/" not in path or not field:
        raise SecretError(
            f"the reference {ref} is incomplete", "write vault:MOUNT/PATH#FIELD", code=Code.WRONG_REFERENCE
        )
    role_id, secret_id = _variable("ROLE_ID"), _variable("SECRET_ID")
    token = _variable("TOKEN") or ("" if role_id and secret_id else _login_file())
    if not token and not (role_id and secret_id):
        hint = "set VAULT_TOKEN, or VAULT_ROLE_ID and VAULT_SECRET_ID, or use `vault login`"
        raise SecretError(f"there is no token for {ref}", hint, code=Code.MANAGER_UNUSABLE)
    endpoint = vault_http.endpoint(
        _variable("ADDR"), _variable("NAMESPACE"), _variable("CACERT") or None, _variable("CAPATH") or None
    )
    if token:
        return _server(endpoint, Secret(token), None), path, field
    return _server(endpoint, None, (role_id, Secret(secret_id))), path, field


def _variable(name: str) -> str:
    return (os.environ.get(f"VAULT_{name}") or os.environ.get(f"BAO_{name}") or "").strip()


def _login_file() -> str:
    try:
        return (Path.home() / ".vault-token").read_text(encoding="ascii").strip()
    except (OSError, ValueError, RuntimeError):
        return ""


def _refused(ref: SecretRef, answer: "VaultAnswer") -> SecretError:
    hints = {
        403: "check the token, its policy and VAULT_NAMESPACE",
        503: "it is sealed or on standby",
    }
    why = answer.failure or f"the server answered {answer.status}"
    return SecretError(
        f"{ref} cannot be used: {why}", hints.get(answer.status, "check VAULT_ADDR"), code=Code.MANAGER_UNUSABLE
    )


def _map(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


SCHEME = SecretScheme(
    "vault",
    shape=r"[^#/]+/[^#]*[^#/]#[^#]+",
    usage="vault:MOUNT/PATH#FIELD",
    read=read,
    sink=SecretSink(probe, store),
    rank=4,
    variables=("VAULT_TOKEN", "BAO_TOKEN", "VAULT_SECRET_ID", "BAO_SECRET_ID"),
)
