"""Policies of single provider entries, and what nobody can loosen by one."""

from pathlib import Path
from typing import Any

import pytest

from reconciler.config.policies import PolicyBlock
from reconciler.planning.policy import misplaced
from tests.unit.config.fakes import loaded, said

PROVIDERS = """\
version: 1
providers:
  git: {auth: {token: env:T}}
  other:
    type: git
    base_url: https://other.example
    auth: {token: env:U}
    policy: {allowed_hosts: ["*.svc"], http_hosts: [hooks.svc], max_changed: 5, unmanaged: deny}
policy: {allowed_hosts: ["*.acme.com"], drift: managed}
webhooks:
  a: {provider: git, url: %s, scope: {org: o}}
  b: {provider: other, url: http://hooks.svc/x, scope: {org: o}}
"""


def test_a_policy_below_a_provider(tmp_path: Path) -> None:
    """What it says holds there instead of the file's; of the rest the file's own holds."""
    found = loaded(tmp_path, PROVIDERS % "https://h.acme.com")
    own, usual = found.policy.of("other"), found.policy.of("git")
    assert (own.allowed_hosts, own.http_hosts, own.unmanaged, own.drift) == (
        ("*.svc",),
        ("hooks.svc",),
        "deny",
        "managed",
    )
    assert (usual.allowed_hosts, usual.http_hosts, usual.unmanaged) == (("*.acme.com",), (), "report")
    assert (str(own.max_changed), str(usual.max_changed)) == ("5", "30%")
    assert found.refused() == ()
    (refusal,) = loaded(tmp_path, PROVIDERS % "http://hooks.acme.com").refused()
    assert refusal.name == "a"
    told = said(tmp_path, PROVIDERS.replace("http_hosts", "http_host") % "https://h.acme.com")
    assert told[0].endswith("`http_host` is not known here; did you mean `http_hosts`?")


@pytest.mark.parametrize(
    ("trusted", "refused"),
    [
        ({}, []),
        ({"https_only": True}, ["b"]),
        ({"https_only": True, "http_hosts": ["*.svc"]}, []),
        ({"https_only": True, "http_hosts": ["other.svc"]}, ["b"]),
        ({"allowed_hosts": ["*.acme.com"]}, ["b"]),
        ({"https_only": False}, []),
    ],
)
@pytest.mark.parametrize("mild", ["http_hosts: [hooks.svc]", "https_only: false", "http_hosts: ['*.svc']"])
def test_no_provider_loosens_a_trusted_policy(
    tmp_path: Path, trusted: dict[str, Any], refused: list[str], mild: str
) -> None:
    """What somebody whom the files cannot overrule says holds at every entry, whatever that says for itself."""
    found = loaded(tmp_path, PROVIDERS.replace("http_hosts: [hooks.svc]", mild) % "https://h.acme.com")
    bound = PolicyBlock.model_validate(trusted).bound(found.policy)
    assert [no.name for no in misplaced(found.desired, bound)] == refused
    strict = PolicyBlock.model_validate({"max_changed": 1, "drift": "all"}).bound(found.policy).of("other")
    assert (strict.drift, [str(each) for each in strict.thresholds()]) == ("all", ["5", "1"])
