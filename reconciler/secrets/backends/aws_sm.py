"""AWS Secrets Manager: `aws-sm:NAME`, or `aws-sm:NAME#KEY` for one key of a JSON secret.

Credentials, region and AWS_ENDPOINT_URL are found as the AWS SDK finds them. Several secrets are read by one call where
the policy allows `BatchGetSecretValue` beside `GetSecretValue`. A write makes the secret, or a new version
of it. The service has no check-and-set: two programs that write two keys of one secret at one instant may lose one.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.secret import SecretRef
from reconciler.secrets.backends.aws import client, telling
from reconciler.secrets.scheme import SecretBatch, SecretScheme, SecretSink, Surroundings

SERVICE = "secretsmanager"


def read(ref: SecretRef, _around: Surroundings) -> str:
    """See `scheme.SecretScheme`."""
    name, _, key = ref.target.partition("#")
    text = _current(ref, name)
    if text is None:
        raise SecretError(
            f"there is no secret {ref}", "check its name, the account and AWS_REGION", code=Code.SECRET_MISSING
        )
    if not key:
        return text
    value = _document(text, ref).get(key)
    if not isinstance(value, str):
        raise SecretError(
            f"the secret {ref} has no such key" if value is None else f"the key of {ref} is no text",
            code=Code.SECRET_MISSING,
        )
    return value


def read_several(refs: Sequence[SecretRef], _around: Surroundings) -> Mapping[SecretRef, str]:
    """See `scheme.SecretBatch`: twenty by one call, as its page says.

    Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html
    """
    names = dict.fromkeys(ref.target.partition("#")[0] for ref in refs)
    told = client(SERVICE).batch_get_secret_value(SecretIdList=[*names]).get("SecretValues", ())
    texts = {each.get(called): each.get("SecretString") for each in told for called in ("Name", "ARN")}
    found: dict[SecretRef, str] = {}
    for ref in refs:
        name, _, key = ref.target.partition("#")
        with suppress(SecretError):  # it is told where this one is read by itself
            text = texts.get(name)
            value = _document(text, ref).get(key) if key and isinstance(text, str) else text
            found |= {ref: value} if isinstance(value, str) else {}
    return found


def store(ref: SecretRef, text: str, _folder: Path) -> None:
    """See `scheme.SecretSink`."""
    name, _, key = ref.target.partition("#")
    if key:
        document = _document(_current(ref, name) or "{}", ref)
        if document.get(key) == text:
            return
        text = json.dumps({**document, key: text}, ensure_ascii=False)
    sdk = client(SERVICE)
    with telling(ref):
        try:
            sdk.put_secret_value(SecretId=name, SecretString=text)
        except sdk.exceptions.ResourceNotFoundException:
            sdk.create_secret(Name=name, SecretString=text)


def probe(ref: SecretRef, _folder: Path) -> None:
    """See `scheme.SecretSink`. Shows that the secret may be looked at; that it may be written shows only by writing."""
    name, _, key = ref.target.partition("#")
    sdk = client(SERVICE)
    with telling(ref):
        try:
            told = sdk.describe_secret(SecretId=name)
        except sdk.exceptions.ResourceNotFoundException:
            return
    if told.get("DeletedDate") is not None:
        raise SecretError(
            f"the sink {ref} is unusable: the secret is scheduled for deletion",
            "restore it first",
            code=Code.SINK_UNUSABLE,
        )
    if key:
        _document(_current(ref, name) or "{}", ref)


def _current(ref: SecretRef, name: str) -> str | None:
    """The secret's current text, or None where there is none."""
    sdk = client(SERVICE)
    with telling(ref):
        try:
            found = sdk.get_secret_value(SecretId=name)
        except sdk.exceptions.ResourceNotFoundException:
            return None
    text = found.get("SecretString")
    if not isinstance(text, str):
        raise SecretError(f"the secret {ref} is binary, not text", "store it as a SecretString", code=Code.SECRET_UNFIT)
    return text


def _document(text: str, ref: SecretRef) -> dict[str, Any]:
    """The JSON object in a secret. Nothing is raised inside an `except`: the parser's error carries the text."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if isinstance(document, dict):
        return document
    raise SecretError(
        f"the secret behind {ref} is not a JSON object, so it has no keys", "leave #KEY out", code=Code.SECRET_MISSING
    )


SCHEME = SecretScheme(
    "aws-sm",
    shape=r"[^#]+(#[^#]+)?",
    usage="aws-sm:NAME or aws-sm:NAME#KEY",
    read=read,
    sink=SecretSink(probe, store),
    rank=5,
    variables=("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    batch=SecretBatch(20, read_several),
)
