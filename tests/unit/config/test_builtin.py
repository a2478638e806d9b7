"""Configuration against the manifests that come with whsync."""

from importlib.resources import files
from pathlib import Path

import pytest

from reconciler.config.load import load
from reconciler.config.loaded import Loaded
from reconciler.errors import ConfigError
from reconciler.providers.registry import Registry

CONTRACT = """\
version: 1
lock: webhooks.lock.json
providers:
  coinbase:
    type: coinbase-payments
    base_url: https://payments.coinbase.com
    auth:
      token: env:COINBASE_TOKEN
    scope: {}
    settings: {}
    limits: {reads: 8, writes: 2, per_second: 10}
  github: {}
policy:
  allowed_hosts: ["*.acme.com"]
  https_only: true
  max_changed: 30%
  unmanaged: report
defaults:
  status: active
webhooks:
  ledger:
    provider: coinbase
    url: https://hooks.acme.com/coinbase
    events: [EVENT_TYPE_PAYMENT_CAPTURED, EVENT_TYPE_PAYMENT_REFUNDED]
    status: active
    description: Ledger ingestion
    secret: {to: "file:./secrets/ledger"}
  ci:
    provider: github
    for_each: {repo: [api, web]}
    scope: {owner: acme, repo: "${each.repo}"}
    url: https://ci.acme.com/hooks
    events: [push, pull_request]
    options: {content_type: json}
    secret: {from: "env:CI_HOOK_SECRET"}
    lifecycle: {protect: true, was: [old-name]}
"""


def read(folder: Path, text: str) -> Loaded:
    """The text as the file of `folder`, with the real registry and no variables."""
    (folder / "webhooks.yaml").write_text(text, encoding="utf-8")
    return load([folder / "webhooks.yaml"], {}, Registry())


def told(folder: Path, text: str) -> str:
    """All problems as one text."""
    with pytest.raises(ConfigError) as raised:
        read(folder, text)
    return "\n".join(f"{each.at} {each.summary}; {each.hint}" for each in raised.value.problems)


def test_the_documented_example_loads(tmp_path: Path) -> None:
    """A file with everything that the documentation shows is valid without any variable or network."""
    found = read(tmp_path, CONTRACT)
    assert [each.name for each in found.desired] == ["ci[api]", "ci[web]", "ledger"]
    assert str(found.providers["github"].auth["token"]) == "env:GITHUB_TOKEN"
    assert found.desired[2].account == "https://payments.coinbase.com"


@pytest.mark.parametrize(
    ("vendor", "block", "field"),
    [
        ("cryptofuse", "{base_url: https://api.example}", "description: x"),
        ("cryptofuse", "{base_url: https://api.example}", "events: [x]"),
        ("cryptopocket", "{base_url: https://api.example}", "status: active"),
        ("cryptopocket", "{base_url: https://api.example}", "secret: {from: env:X}"),
    ],
)
def test_fields_that_a_vendor_lacks_are_refused_with_its_reason(
    tmp_path: Path, vendor: str, block: str, field: str
) -> None:
    """The manifest's own words say why."""
    found = told(
        tmp_path,
        f"version: 1\nproviders: {{{vendor}: {block}}}\nwebhooks:\n  a:\n    url: https://h.example\n    {field}\n",
    )
    key = field.split(":", maxsplit=1)[0]
    (line,) = [each for each in found.splitlines() if key in each]
    assert ":6:5 " in line
    assert len(line.rpartition("; ")[2]) > len("leave it out")


def test_misspelt_manifests_get_a_suggestion(tmp_path: Path) -> None:
    """`gihtub` is not known, and `github` is suggested at the place where it stands."""
    found = told(tmp_path, "version: 1\nproviders: {g: {type: gihtub}}\n")
    assert ":2:23 " in found
    assert "github" in found


def test_defaults_reach_only_vendors_that_have_them(tmp_path: Path) -> None:
    """A default status is skipped by a vendor without one."""
    text = "version: 1\nproviders: {cryptofuse: {base_url: https://api.example}}\ndefaults: {status: active}\n"
    (hook,) = read(tmp_path, text + "webhooks: {a: {url: https://h.example, secret: {to: 'file:s'}}}\n").desired
    assert set(hook.fields) == {"/url"}


def test_a_renamed_block_keeps_its_instances(tmp_path: Path) -> None:
    """`was: [old-name]` under `for_each` means the instance of that block; other forms are as written."""
    before = {webhook.name: webhook.was for webhook in read(tmp_path, CONTRACT).desired}
    assert before["ci[api]"] == ("old-name[api]",)
    assert before["ci[web]"] == ("old-name[web]",)
    written = read(tmp_path, CONTRACT.replace("was: [old-name]", 'was: ["old-${each.repo}"]')).desired
    assert {webhook.name: webhook.was for webhook in written}["ci[web]"] == ("old-web",)


@pytest.mark.parametrize("spelling", ["false", "0", '"0"'])
def test_spellings_that_mean_the_same_are_one(tmp_path: Path, spelling: str) -> None:
    """An option is desired in the spelling that the vendor's reads give, so that it is no difference for ever."""
    text = CONTRACT.replace("{content_type: json}", f"{{content_type: json, insecure_ssl: {spelling}}}")
    (first, *_) = read(tmp_path, text).desired
    assert first.fields["/options/insecure_ssl"] == "0"


def test_an_option_takes_only_the_values_of_the_vendor(tmp_path: Path) -> None:
    """A misspelt value of a closed option is said at validation, with the nearest one."""
    said = told(tmp_path, CONTRACT.replace("{content_type: json}", "{content_type: jsn}"))
    assert "jsn" in said
    assert "did you mean `json`?" in said


def test_a_manifest_of_ones_own_stands_beside_the_file_that_names_it(tmp_path: Path) -> None:
    """Also where that file is an included one."""
    manifest = files("reconciler.providers.builtin").joinpath("github.yaml").read_text(encoding="utf-8")
    (tmp_path / "team" / "vendors").mkdir(parents=True)
    (tmp_path / "team" / "vendors" / "own.yaml").write_text(manifest, encoding="utf-8")
    (tmp_path / "team" / "own.yaml").write_text("providers: {own: {type: ./vendors/own.yaml}}\n", encoding="utf-8")
    (tmp_path / "webhooks.yaml").write_text("version: 1\ninclude: [team/own.yaml]\n", encoding="utf-8")
    found = load([tmp_path / "webhooks.yaml"], {"GITHUB_TOKEN": "x"}, Registry())
    assert found.providers["own"].type == "./vendors/own.yaml"
