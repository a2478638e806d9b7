"""The AWS SDK's clients, and its errors in our words.

Used by `secrets.backends.aws_sm` and `secrets.backends.aws_ssm`.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.secret import SecretRef

_HINTS = {
    "AccessDeniedException": "its policy needs the actions to describe, get, create and put it",
    "UnrecognizedClientException": "check the AWS credentials",
    "InvalidClientTokenId": "check the AWS credentials",
    "ExpiredTokenException": "log in again",
    "NoCredentialsError": "give AWS credentials, for example by AWS_PROFILE",
    "NoRegionError": "set AWS_REGION",
    "EndpointConnectionError": "check the network and AWS_ENDPOINT_URL",
}
_opening = threading.Lock()


def client(service: str) -> Any:
    """The SDK's client of one service; made once, used by all threads.

    Raises:
        SecretError: the SDK is not installed, or finds no region.
    """
    with _opening:
        return _client(service)


@cache
def _client(service: str) -> Any:
    try:
        import boto3
        from botocore.config import Config
    except ImportError:
        boto3 = None
    if boto3 is None:
        raise SecretError(
            "aws-sm: and aws-ssm: need a package that is not installed", "pip install boto3", code=Code.PACKAGE_MISSING
        )
    logging.getLogger("botocore").setLevel(logging.INFO)  # below that it writes what is sent
    patience = Config(connect_timeout=10, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 4})
    with telling(SecretRef("the AWS service", service)):
        return boto3.session.Session().client(service, config=patience)


@contextmanager
def telling(ref: SecretRef) -> Iterator[None]:
    """Make the SDK's complaint into a SecretError: its code or type, never its text."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        said = str(error.response.get("Error", {}).get("Code") or "no reason")
    except BotoCoreError as error:
        said = type(error).__name__
    else:
        return
    hint = _HINTS.get(said, "does the aws command reach it from here?")
    raise SecretError(f"{ref} cannot be used: {said}", hint, code=Code.MANAGER_UNUSABLE) from None
