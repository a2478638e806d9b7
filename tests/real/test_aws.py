"""`aws-sm:` and `aws-ssm:` against moto, which acts as AWS does."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import SecretError
from reconciler.model.secret import Secret, SecretRef
from reconciler.secrets import sink
from reconciler.secrets.backends import aws
from reconciler.secrets.source import Resolver

pytestmark = pytest.mark.xdist_group("moto")

VALUE = Secret('issued "by" the/vendor+1 päss')


@pytest.fixture(autouse=True)
def _account(moto: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An empty account, and an environment that points to it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in (
        ("AWS_ENDPOINT_URL", moto),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", "eu-central-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ):
        monkeypatch.setenv(name, value)
    aws._client.cache_clear()
    urllib.request.urlopen(urllib.request.Request(f"{moto}/moto-api/reset", b"")).close()
    yield
    aws._client.cache_clear()


def client(service: str) -> Any:
    """The account as its administrator sees it."""
    import boto3

    return boto3.client(service)


def resolve(scheme: str, target: str) -> str:
    """The secret at a reference, by a resolver of its own."""
    return Resolver(Path(), {}).resolve(SecretRef(scheme, target)).reveal()


@pytest.mark.parametrize(("scheme", "target"), [("aws-sm", "acme/hooks"), ("aws-ssm", "/acme/hooks")])
def test_what_was_stored_is_found(scheme: str, target: str) -> None:
    """A secret is made where there is none, replaced where there is one, and read back; a probe leaves no trace."""
    reference = SecretRef(scheme, target)
    for value in (VALUE, Secret("the second value")):
        sink.probe(reference, Path())
        sink.store(reference, value, Path())
        assert resolve(scheme, target) == value.reveal()
    sink.probe(SecretRef(scheme, target + "2"), Path())
    with pytest.raises(SecretError, match="there is no"):
        resolve(scheme, target + "2")


def asked(service: str) -> list[str]:
    """Names of the operations that the client calls from now on."""
    seen: list[str] = []
    aws.client(service).meta.events.register("before-call", lambda model, **_: seen.append(model.name))
    return seen


@pytest.mark.parametrize(
    ("scheme", "service", "calls"),
    [("aws-sm", "secretsmanager", ["BatchGetSecretValue"] * 2), ("aws-ssm", "ssm", ["GetParameters"] * 3)],
)
def test_many_are_read_by_few_calls(scheme: str, service: str, calls: list[str]) -> None:
    """Twenty-five secrets take two calls, or three; one that is missing is asked alone, and says so."""
    refs = [SecretRef(scheme, f"/acme/hook-{n}") for n in range(24)]
    for ref in refs:
        sink.store(ref, Secret(f"value of {ref.target}"), Path())
    seen, resolver = asked(service), Resolver(Path(), {})
    missing = SecretRef(scheme, "/acme/other")
    resolver.prepare([*refs, missing], at_once=4)
    assert [resolver.resolve(ref).reveal() for ref in refs] == [f"value of {ref.target}" for ref in refs]
    with pytest.raises(SecretError, match="there is no"):
        resolver.resolve(missing)
    assert sorted(seen[: len(calls)]) == calls
    assert len(seen) == len(calls) + 1


def test_keys_of_one_secret_are_read_by_one_call() -> None:
    """Many keys of one JSON secret are one secret to the service; a key that is missing is told as ever."""
    refs = [SecretRef("aws-sm", f"hooks#{key}") for key in ("ci", "cd")]
    for ref in refs:
        sink.store(ref, Secret(f"value of {ref.target}"), Path())
    seen, resolver, missing = asked("secretsmanager"), Resolver(Path(), {}), SecretRef("aws-sm", "hooks#no")
    resolver.prepare([*refs, missing], at_once=4)
    assert [resolver.resolve(ref).reveal() for ref in refs] == ["value of hooks#ci", "value of hooks#cd"]
    with pytest.raises(SecretError, match="no such key"):
        resolver.resolve(missing)
    assert seen == ["BatchGetSecretValue", "GetSecretValue"]


def test_an_earlier_version_stays_to_go_back_to() -> None:
    """Storing makes a new version; the one before it is still there under AWSPREVIOUS."""
    for value in ("first value", "second value"):
        sink.store(SecretRef("aws-sm", "hooks"), Secret(value), Path())
    before = client("secretsmanager").get_secret_value(SecretId="hooks", VersionStage="AWSPREVIOUS")
    assert before["SecretString"] == "first value"


def test_keys_of_one_json_secret_are_merged() -> None:
    """`#KEY` changes one key of a JSON secret, which is made where there is none, and keeps the others."""
    client("secretsmanager").create_secret(Name="hooks", SecretString='{"theirs": "kept", "count": 3}')
    reference = SecretRef("aws-sm", "hooks#ledger")
    sink.probe(reference, Path())
    sink.store(reference, VALUE, Path())
    sink.store(SecretRef("aws-sm", "new#ledger"), VALUE, Path())
    assert resolve("aws-sm", "hooks#theirs") == "kept"
    assert resolve("aws-sm", "hooks#ledger") == resolve("aws-sm", "new#ledger") == VALUE.reveal()
    with pytest.raises(SecretError, match="is no text"):
        resolve("aws-sm", "hooks#count")
    with pytest.raises(SecretError, match="has no such key"):
        resolve("aws-sm", "hooks#nope")


def test_a_key_of_what_is_no_json_is_refused() -> None:
    """A plain secret has no keys: reading one, probing and storing fail, say so, and show nothing of it."""
    client("secretsmanager").create_secret(Name="hooks", SecretString="plain-hunter2")
    reference = SecretRef("aws-sm", "hooks#ledger")
    for attempt in (
        lambda: resolve("aws-sm", "hooks#ledger"),
        lambda: sink.probe(reference, Path()),
        lambda: sink.store(reference, VALUE, Path()),
    ):
        with pytest.raises(SecretError, match="not a JSON object") as caught:
            attempt()
        assert caught.value.__context__ is None
    assert resolve("aws-sm", "hooks") == "plain-hunter2"


def test_a_secret_that_is_being_deleted_is_no_sink() -> None:
    """The probe sees that a secret is scheduled for deletion."""
    manager = client("secretsmanager")
    manager.create_secret(Name="hooks", SecretString="old")
    manager.delete_secret(SecretId="hooks", RecoveryWindowInDays=7)
    with pytest.raises(SecretError, match="scheduled for deletion"):
        sink.probe(SecretRef("aws-sm", "hooks"), Path())


def test_a_secret_is_never_put_into_a_plain_parameter() -> None:
    """A parameter that is a String stays as it is; new ones are SecureStrings."""
    client("ssm").put_parameter(Name="/plain", Value="visible", Type="String")
    reference = SecretRef("aws-ssm", "/plain")
    with pytest.raises(SecretError, match="not as a SecureString"):
        sink.probe(reference, Path())
    with pytest.raises(SecretError, match="not as a SecureString"):
        sink.store(reference, VALUE, Path())
    assert resolve("aws-ssm", "/plain") == "visible"
    sink.store(SecretRef("aws-ssm", "/new"), VALUE, Path())
    assert client("ssm").get_parameter(Name="/new")["Parameter"]["Type"] == "SecureString"


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("AWS_DEFAULT_REGION", "", "NoRegionError"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1", "EndpointConnectionError"),
    ],
)
def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str) -> None:
    """A missing region or a server that is not there ends in a sentence with the way out."""
    if value:
        monkeypatch.setenv(variable, value)
    else:
        monkeypatch.delenv(variable)
    for scheme in ("aws-sm", "aws-ssm"):
        aws._client.cache_clear()
        with pytest.raises(SecretError, match=says) as caught:
            resolve(scheme, "hooks")
        assert caught.value.hint
