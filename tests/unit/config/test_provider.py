"""Provider entries: base URLs, credentials, settings, limits."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.addresses import account_of, base_url_fault
from reconciler.model.secret import SecretRef
from reconciler.providers.vendor import CallLimits
from tests.unit.config.fakes import loaded, said


def one(block: str) -> str:
    """A file with one provider, `p`."""
    return f"version: 1\nproviders:\n  p:\n    {block}\n"


@pytest.mark.parametrize(
    ("written", "account"),
    [
        ("https://API.Example/", "https://api.example"),
        ("https://api.example:443", "https://api.example"),
        ("https://api.example:8443/api/v3//", "https://api.example:8443/api/v3"),
        ("https://api.example/API", "https://api.example/API"),
        ("http://127.0.0.1:80/x", "http://127.0.0.1/x"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://LOCALHOST:1", "http://localhost:1"),
    ],
)
def test_one_account_has_one_spelling(tmp_path: Path, written: str, account: str) -> None:
    """Host case, default ports and trailing slashes do not make another account; a path prefix does."""
    assert loaded(tmp_path, one(f"{{type: git, base_url: '{written}'}}")).providers["p"].base_url == account


@given(st.from_regex(r"https://[A-Za-z0-9.-]{1,20}(:[1-9][0-9]{0,3})?(/[A-Za-z0-9_~-]{0,5}){0,3}", fullmatch=True))
def test_accounts_are_fixed_points(url: str) -> None:
    """Normalising twice is normalising once."""
    if base_url_fault(url) is None:
        assert account_of(account_of(url)) == account_of(url)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://api.example", "must be https"),
        ("https://u:p@api.example", "must not hold credentials"),
        ("https://api.example?x=1", "must not hold a query"),
        ("https://api.example/#x", "must not hold a query or a fragment"),
        ("api.example", "is not an absolute http(s) URL"),
        ("https://a b", "is not an absolute http(s) URL"),
        ("https://h:port", "is not a URL"),
        ("https://h/../x", "must not hold `.` or `..` in its path"),
        ("https://h/x/%2E%2e", "must not hold `.` or `..` in its path"),
        ("https://h/./x/", "must not hold `.` or `..` in its path"),
    ],
)
def test_base_urls_that_endanger_credentials_are_refused(tmp_path: Path, url: str, told: str) -> None:
    """Credentials go to https or to this machine, and never stand in the URL."""
    (line,) = said(tmp_path, one(f"{{type: git, base_url: '{url}'}}"))
    assert line.startswith("main.yaml:4:27 `base_url` ")
    assert told in line
    assert "u:p" not in line


def test_a_vendor_without_a_usual_address_needs_one(tmp_path: Path) -> None:
    """Where the manifest has no safe default, the base URL is required."""
    assert "`base_url` is missing: Solo has no usual one" in said(tmp_path, one("type: solo"))[0]


def test_usual_variables_stand_in_for_missing_credentials(tmp_path: Path) -> None:
    """Without `auth` the manifest's variables are referred to, set or not; the way that is set wins."""
    solo = one("{type: solo, base_url: https://s.example}")
    assert loaded(tmp_path, solo).providers["p"].auth == {"token": SecretRef("env", "SOLO_TOKEN")}
    pair = {"client_id": SecretRef("env", "SOLO_ID"), "client_secret": SecretRef("env", "SOLO_SECRET")}
    assert loaded(tmp_path, solo, {"SOLO_ID": "i", "SOLO_SECRET": "s"}).providers["p"].auth == pair


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("{type: git, auth: {tokn: env:T}}", "main.yaml:4:24 Git has no credential `tokn`; did you mean `token`?"),
        (
            "{type: solo, base_url: https://s.example, auth: {client_id: env:I}}",
            "main.yaml:4:47 `auth` is incomplete: it has only client_id; give token or client_id + client_secret",
        ),
        ("type: fan", "main.yaml:3:3 `auth` is missing; give token"),
        ("{type: git, settings: {mod: new}}", "main.yaml:4:28 Git has no setting `mod`; did you mean `mode`?"),
        ("{type: git, settings: {mode: news}}", "main.yaml:4:34 `mode` cannot be news; did you mean `new`?"),
        ("{type: git, settings: {list: 1}}", "main.yaml:4:34 `list` cannot be 1; write false or true"),
        ("{type: git, scope: {ownr: x}}", "main.yaml:4:25 Git has no scope parameter `ownr`; did you mean `owner`?"),
        ("{type: git, limits: {reads: 0}}", "main.yaml:4:33 `limits.reads` must be at least 1; "),
        ("{type: git, limits: {per_second: fast}}", "main.yaml:4:38 `limits.per_second` must be a number; "),
        ("{type: git, bse_url: x}", "main.yaml:4:17 `bse_url` is not known here; did you mean `base_url`?"),
        ("type: gti", "main.yaml:4:11 there is no manifest `gti`; did you mean `git`?"),
        ("limits: {}", "main.yaml:3:3 there is no manifest `p`; did you mean `git`?"),
    ],
)
def test_mistakes_in_a_provider_are_located(tmp_path: Path, block: str, told: str) -> None:
    """Each mistake of a provider entry is one problem at its place, and says what would be right."""
    assert said(tmp_path, one(block)) == [told]


def test_limits_replace_only_what_they_name(tmp_path: Path) -> None:
    """A user who sets the reads keeps the vendor's writes."""
    found = loaded(tmp_path, one("{type: git, limits: {reads: 9, per_second: 0.5}}")).providers["p"]
    assert found.limits == CallLimits(reads=9, writes=1, per_second=0.5)


def test_the_entrys_own_name_is_its_manifest(tmp_path: Path) -> None:
    """An entry named like a manifest needs no type."""
    found = loaded(tmp_path, "version: 1\nproviders: {git: {}}").providers["git"]
    assert (found.type, found.base_url) == ("git", "https://api.git.example")


def test_a_variable_may_give_a_switch(tmp_path: Path) -> None:
    """What is filled in is text; a setting that is true or false takes it by its meaning."""
    text = "version: 1\nproviders: {git: {auth: {token: env:T}, settings: {list: '${LIST}'}}}\n"
    assert loaded(tmp_path, text, {"LIST": "true"}).providers["git"].settings == {"list": True}
    assert "`list` cannot be ${LIST}; write false or true" in said(tmp_path, text, {"LIST": "perhaps"})[0]


def test_an_empty_variable_is_not_set(tmp_path: Path) -> None:
    """CI exports secrets that do not exist as empty: the way to authenticate whose variables say something is taken."""
    text = "version: 1\nproviders: {solo: {base_url: https://solo.example}}\n"
    found = loaded(tmp_path, text, {"SOLO_TOKEN": "", "SOLO_ID": "i", "SOLO_SECRET": "s"})
    assert found.providers["solo"].auth.keys() == {"client_id", "client_secret"}
