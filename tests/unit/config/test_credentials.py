"""A variable that is a credential of the files is shown nowhere and goes nowhere else; errors quote what is written."""

from pathlib import Path

import pytest

from reconciler.config import credentials
from reconciler.config.credentials import Credentials, Surrounding
from reconciler.secrets import registry
from tests.unit.config.fakes import HEAD, VENDORS, loaded, problems, said

TOKEN, MINE, OTHER = "t0ken-of-the-account", "s3cret-of-one", "s3cret-of-another"
ENV = {"T": TOKEN, "GIT_TOKEN": "usual-" + TOKEN, "MINE": MINE, "OTHER": OTHER, "PLAIN": "pl4in", "SHORT": "abc"}
OWN = "secret: {from: env:MINE}"
PLACE = "scope: {owner: acme, repo: api}"


def hook(text: str) -> str:
    """A file with one webhook beside one whose secret is OTHER."""
    other = f"  other: {{url: https://h.example/o, {PLACE}, secret: {{from: env:OTHER}}}}\n"
    return f"{HEAD}webhooks:\n{other}  one: {{{text}}}\n"


@pytest.mark.parametrize("variable", ["T", "GIT_TOKEN", "MINE", "OTHER", "T:-x", "WHSYNC_FINGERPRINT_KEY"])
@pytest.mark.parametrize(
    "text",
    [
        "url: https://h.example/x, scope: {owner: '${V}', repo: api}",
        "url: https://h.example/x, for_each: ['${V}'], scope: {owner: o, repo: r}",
        "url: https://h.example/x, for_each: {k: [a, '${V}']}, scope: {owner: o, repo: '${each.k}'}",
        f"url: https://h.example/x, events: ['a-${{V}}'], {PLACE}",
        f"url: https://h.example/x, status: '${{V}}', {PLACE}",
        f"url: https://h.example/x, provider: '${{V}}', {PLACE}",
        f"url: https://h.example/x, lifecycle: {{was: ['${{V}}']}}, {PLACE}",
    ],
)
def test_no_name_and_no_scope_holds_one(tmp_path: Path, variable: str, text: str) -> None:
    """Wherever a name or a scope would become one, its own webhook's secret too, it is refused at its place."""
    found = problems(tmp_path, hook(f"{text}, {OWN}".replace("${V}", f"${{{variable}}}")), ENV)
    assert [problem.code.value for problem in found] == ["credential-misplaced"]
    assert f"the variable {variable.removesuffix(':-x')} is " in found[0].summary
    assert found[0].at is not None


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "    base_url: 'https://${T}.example'\n",
        HEAD + "    base_url: 'https://x.example/${GIT_TOKEN}'\n",
        HEAD + "    type: '${GIT_TOKEN}'\n  other: {type: git}\n",
        HEAD + "    scope: {owner: '${T}'}\n",
        HEAD + "    account: '${T}'\n",
        HEAD + "    settings: {mode: '${T}'}\n",
        HEAD + "lock: '${T}.json'\n",
        HEAD + "policy: {allowed_hosts: ['${T}.example']}\n",
        HEAD + "policy: {unmanaged: '${T}'}\n",
        HEAD + "defaults: {url: 'https://x.example/${T}'}\n",
        HEAD + "include: ['${T}/*.yaml']\n",
        hook(f"url: 'https://x.example/${{T}}', {PLACE}, {OWN}"),
        hook(f"url: 'https://x.example/${{OTHER}}', {PLACE}, {OWN}"),
        hook(f"url: 'https://x.example/x', options: {{content_type: '${{T}}'}}, {PLACE}, {OWN}"),
    ],
)
def test_it_is_sent_nowhere_else(tmp_path: Path, text: str) -> None:
    """No address, host, option or file's name is made of it; what is said of the file does not show it."""
    told = said(tmp_path, text, ENV)
    assert any("so nothing else is filled in with it" in line for line in told)
    assert not any(value in line for value in (TOKEN, MINE, OTHER) for line in told)


def test_a_file_read_later_counts_too(tmp_path: Path) -> None:
    """References of all files are known before the first variable is filled in, those of `for_each` included."""
    text = HEAD + "policy: {allowed_hosts: ['${LATE_a}.example']}\nwebhooks:\n"
    text += f"  a: {{url: https://h.example/y, {PLACE}}}\n"
    more = "version: 1\nwebhooks:\n  b: {for_each: [a], url: https://h.example/x, scope: {org: o}, "
    (told,) = said(tmp_path, text, {"LATE_a": MINE}, b=more + "secret: {from: 'env:LATE_${each.value}'}}")
    assert "the variable LATE_a is the secret of `b`, so nothing else is filled in with it" in told


def test_its_own_secret_may_stand_in_what_a_webhook_sends(tmp_path: Path) -> None:
    """Vendor and receiver have it anyway; a default secret counts, one that is too short to be hidden does not."""
    text = hook(f"url: 'https://x.example/${{MINE}}', {PLACE}, {OWN}")
    assert loaded(tmp_path, text, ENV).desired[0].fields.url == f"https://x.example/{MINE}"
    usual = text.replace(f", {OWN}", "") + f"defaults: {{{OWN}}}\n"
    assert loaded(tmp_path, usual, ENV).desired[0].fields.url == f"https://x.example/{MINE}"
    assert "credential-misplaced" in [each.code.value for each in problems(tmp_path, text, {**ENV, "MINE": "abc"})]


def test_a_secret_in_a_url_is_hidden_in_what_is_said_of_it(tmp_path: Path) -> None:
    """The second net holds for the files' own problems and for what the policy says of their URLs."""
    text = hook(f"url: 'http://${{MINE}}.example/${{MINE}}', {PLACE}, {OWN}") + "policy: {allowed_hosts: [h.example]}\n"
    refused = loaded(tmp_path, text, ENV).refused()
    assert len(refused) == 2
    assert not any(MINE in problem.summary for problem in refused)
    same = f"  two: {{url: 'https://x.example/${{MINE}}', {PLACE}, {OWN}}}\n"
    (told,) = said(tmp_path, hook(f"url: 'https://x.example/${{MINE}}', {PLACE}, {OWN}") + same, ENV)
    assert "(the same url in the same scope: https://x.example/***)" in told


def test_who_somebody_is_is_no_credential(tmp_path: Path) -> None:
    """A client's id proves nothing, and vendors use it in URLs: it may be filled in."""
    text = "version: 1\nproviders: {solo: {base_url: 'https://x.example/${SOLO_ID}', auth: {token: env:S}}}\n"
    assert loaded(tmp_path, text, {"SOLO_ID": "me"}).providers["solo"].base_url == "https://x.example/me"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (hook(f"url: https://h.example, provider: '${{PLAIN}}', {PLACE}"), "there is no provider `${PLAIN}`"),
        (hook(f"url: https://h.example, events: ['x.${{PLAIN}}'], {PLACE}"), "Git has no event `x.${PLAIN}`"),
        (hook(f"url: https://h.example, status: '${{PLAIN}}', {PLACE}"), "`status` cannot be '${PLAIN}'"),
        (HEAD + "    settings: {mode: '${PLAIN}'}\n", "`mode` cannot be ${PLAIN}"),
        (HEAD + "    type: '${PLAIN}'\n", "there is no manifest `${PLAIN}`"),
        (HEAD + "include: ['${PLAIN}/*.yaml']\n", "no file matches `${PLAIN}/*.yaml`"),
        (hook("url: https://h.example, scope: {owner: '${PLAIN}/api', repo: x}"), "'${PLAIN}/api'"),
        (
            hook(f"url: https://h.example, lifecycle: {{was: ['${{PLAIN}}']}}, {PLACE}")
            + f"  pl4in: {{url: https://h.example/p, {PLACE}}}\n",
            "`one` cannot have been `${PLAIN}`, which",
        ),
    ],
)
def test_errors_quote_what_is_written(tmp_path: Path, text: str, told: str) -> None:
    """A variable that nobody called a credential may be one: its name is told, not its text."""
    (found,) = said(tmp_path, text, ENV)
    assert told in found
    assert "pl4in" not in found


def test_rows_are_not_made_to_find_them() -> None:
    """Many keys of many values name more variables than could be listed; those that they name are known."""
    name = "_".join(f"${{each.k{key}}}" for key in range(12))
    block = {"for_each": {f"k{key}": [f"v{value}" for value in range(100)] for key in range(12)}}
    trees = {"w.yaml": {"webhooks": {"a": {**block, "secret": {"from": f"env:S_{name}"}}}}}
    found = Credentials(trees, Surrounding({}, VENDORS, registry))
    assert found.whose("S_" + "_".join(["v7"] * 12)) == "the secret of `a`"
    assert found.whose("S_" + "_".join(["v7"] * 11)) is None


def test_what_secret_managers_are_asked_with_is_one(tmp_path: Path) -> None:
    """A manager in use takes its own credentials from variables, which go nowhere else either."""
    text = HEAD.replace("env:T", "vault:kv/git#token") + "    scope: {owner: '${VAULT_TOKEN}'}\n"
    (told,) = said(tmp_path, text, {"VAULT_TOKEN": TOKEN})
    assert "the variable VAULT_TOKEN is a credential of `vault:`" in told


def test_on_some_systems_case_tells_no_variables_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows finds `TOKEN` as `token`, so that one is a credential, too."""
    monkeypatch.setattr(credentials, "_FOLDS", True)
    text = HEAD.replace("env:T", "env:Token") + "    scope: {owner: '${tOKEN}'}\n"
    assert "the variable tOKEN is a credential of `git`" in said(tmp_path, text, {"tOKEN": TOKEN})[0]
