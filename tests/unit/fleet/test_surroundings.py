"""Which variables a tenant's process gets, and which never."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import ConfigError
from reconciler.fleet.surroundings import machine_of, own_of
from reconciler.fleet.types import Environment, Tenant
from reconciler.trust.level import REQUESTS, change_under_review


def tenant(prefix: str = "", inherit: tuple[str, ...] = ()) -> Tenant:
    """A tenant with its own variables."""
    return Tenant("shop", ("/shop/webhooks.yaml",), "/shop", environment=Environment((), prefix, inherit))


OURS = {
    "PATH": "/bin",
    "HTTPS_PROXY": "http://proxy",
    "LC_ALL": "C",
    "GITHUB_TOKEN": "platform",
    "AWS_SECRET_ACCESS_KEY": "platform",
    "SHOP_GITHUB_TOKEN": "shops",
    "SHOP_EU_GITHUB_TOKEN": "shop-eus",
    "WHSYNC_MAX_WAIT": "5",
    "WHSYNC_LOCK": "other.json",
    "WHSYNC_CONFIG": "other.yaml",
    "WHSYNC_FINGERPRINT_KEY": "platform",
    "GITHUB_ACTIONS": "true",
    "GITHUB_EVENT_NAME": "pull_request",
}
PREFIXES = frozenset({"SHOP_", "SHOP_EU_"})


def test_what_every_process_gets() -> None:
    """Paths, proxies, the language, options of the run, and whether a change is checked; no credential, no mask."""
    assert machine_of(OURS) == {
        name: OURS[name] for name in ("PATH", "HTTPS_PROXY", "LC_ALL", "WHSYNC_MAX_WAIT", "GITHUB_EVENT_NAME")
    }


def test_a_variable_belongs_to_the_longest_prefix_alone() -> None:
    """Where one tenant's prefix begins another's, it gets nothing of the other's."""
    assert own_of(tenant("SHOP_"), OURS, PREFIXES, None) == {"GITHUB_TOKEN": "shops"}
    assert own_of(tenant("SHOP_EU_"), OURS, PREFIXES, None) == {"GITHUB_TOKEN": "shop-eus"}


def test_what_is_shared_is_named() -> None:
    """`inherit` hands on exactly what it names, as far as it is set."""
    asked = tenant(inherit=("AWS_SECRET_ACCESS_KEY", "NOT_SET", "WHSYNC_FINGERPRINT_KEY"))
    found = own_of(asked, OURS, PREFIXES, None)
    assert found == {"AWS_SECRET_ACCESS_KEY": "platform", "WHSYNC_FINGERPRINT_KEY": "platform"}


def test_where_the_file_is_not_believed_only_granted_variables_change_their_names() -> None:
    """A change under review cannot make one credential another one by a prefix of its own."""
    assert own_of(tenant("SHOP_"), OURS, PREFIXES, frozenset()) == {}
    assert own_of(tenant("SHOP_"), OURS, PREFIXES, frozenset({"SHOP_GITHUB_TOKEN"})) == {"GITHUB_TOKEN": "shops"}


@pytest.mark.parametrize(
    "name", ["PATH", "PYTHONPATH", "LD_PRELOAD", "WHSYNC_TRUST", "GITHUB_EVENT_NAME", "GITHUB_ACTIONS", "https_proxy"]
)
def test_nobody_replaces_what_the_run_lives_on(name: str) -> None:
    """What decides how a process is started, whom it asks, and how far it believes, is no tenant's to set."""
    with pytest.raises(ConfigError, match=name):
        own_of(tenant("SHOP_"), {f"SHOP_{name}": "x"}, PREFIXES, None)
    with pytest.raises(ConfigError, match=name):
        own_of(tenant(inherit=(name,)), {name: "x"}, frozenset(), None)


@pytest.mark.parametrize(
    "variables",
    [{"GITHUB_EVENT_NAME": "pull_request_target"}, {"GITHUB_REF": "refs/pull/1/merge"}, {"BUILD_REASON": "PullRequest"}]
    + [{name: "7"} for name in REQUESTS],
)
def test_strict_stays_strict(variables: dict[str, str]) -> None:
    """Whatever makes a single run strict makes each tenant's run strict, too."""
    assert change_under_review(variables) is not None
    assert change_under_review(machine_of(variables)) == change_under_review(variables)


WORD = st.text(string.ascii_uppercase + "_", min_size=1, max_size=6)


@given(st.lists(WORD, min_size=1, max_size=4, unique=True), st.dictionaries(WORD, st.text(max_size=3), max_size=6))
def test_no_variable_reaches_two_tenants(prefixes: list[str], variables: dict[str, str]) -> None:
    """Whatever prefixes tenants have, each variable of ours is at most one tenant's."""
    named = {f"{prefix}Q{name}": value for prefix in prefixes for name, value in variables.items()}
    got: list[str] = []
    for prefix in prefixes:
        try:
            own = own_of(tenant(prefix), named, frozenset(prefixes), None)
        except ConfigError:
            continue
        got += [prefix + name for name in own]
    assert len(got) == len(set(got))
