"""AWS Systems Manager: `aws-ssm:NAME`, a SecureString of the parameter store.

Credentials, region and AWS_ENDPOINT_URL are found as the AWS SDK finds them. Several are read by one call where the
policy allows `GetParameters` beside `GetParameter`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.secret import SecretRef
from reconciler.secrets.backends.aws import client, telling
from reconciler.secrets.scheme import SecretBatch, SecretScheme, SecretSink, Surroundings

_NAMES = ("Name", "ARN")


def read(ref: SecretRef, _around: Surroundings) -> str:
    """See `scheme.SecretScheme`."""
    sdk = client("ssm")
    with telling(ref):
        try:
            found = sdk.get_parameter(Name=ref.target, WithDecryption=True)
        except sdk.exceptions.ParameterNotFound:
            found = None
    if found is None:
        raise SecretError(
            f"there is no parameter {ref}", "check its name, the account and AWS_REGION", code=Code.SECRET_MISSING
        )
    return str(found["Parameter"]["Value"])


def read_several(refs: Sequence[SecretRef], _around: Surroundings) -> Mapping[SecretRef, str]:
    """See `scheme.SecretBatch`: ten by one call, as its page says; one with a version or a label is read by itself.

    Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
    """
    told = client("ssm").get_parameters(Names=[ref.target for ref in refs], WithDecryption=True).get("Parameters", ())
    texts = {each.get(called): each.get("Value") for each in told if not each.get("Selector") for called in _NAMES}
    return {ref: str(texts[ref.target]) for ref in refs if texts.get(ref.target) is not None}


def store(ref: SecretRef, text: str, folder: Path) -> None:
    """See `scheme.SecretSink`."""
    probe(ref, folder)  # an overwritten String would stay readable to all who may read plain parameters
    with telling(ref):
        client("ssm").put_parameter(Name=ref.target, Value=text, Type="SecureString", Overwrite=True)


def probe(ref: SecretRef, _folder: Path) -> None:
    """See `scheme.SecretSink`. It may be looked at; that it may be written shows only by writing."""
    sdk = client("ssm")
    with telling(ref):
        try:
            kind = sdk.get_parameter(Name=ref.target, WithDecryption=False)["Parameter"]["Type"]
        except sdk.exceptions.ParameterNotFound:
            return
    if kind != "SecureString":
        hint = "delete it, or name another parameter"
        raise SecretError(
            f"the sink {ref} is unusable: it is there as a {kind}, not as a SecureString", hint, code=Code.SINK_UNUSABLE
        )


SCHEME = SecretScheme(
    "aws-ssm",
    shape=r"[^#]+",
    usage="aws-ssm:NAME",
    read=read,
    sink=SecretSink(probe, store),
    rank=6,
    variables=("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    batch=SecretBatch(10, read_several),
)
