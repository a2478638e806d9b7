"""What is demanded of every manifest: that its examples hold, that it says where it comes from, that it compiles."""

import re

import pytest

from reconciler.model.webhook import DESCRIPTION, EVENTS, STATUS, URL
from reconciler.providers.engine.interpret import CompiledVendor
from reconciler.providers.language.examples import ReadExample, WriteExample
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.language.sound import ABOUT_EXAMPLES, ALWAYS, faults_in
from reconciler.providers.registry import builtin_names
from reconciler.providers.rehearse import hangs_on_words, rehearse
from tests.manifests.every import MANIFESTS, all_settings

every_manifest = pytest.mark.parametrize("manifest", MANIFESTS.values(), ids=list(MANIFESTS))


@every_manifest
def test_every_example_holds(manifest: Manifest) -> None:
    """A reply gives the fields that the example names; a change makes exactly its calls."""
    assert list(rehearse(manifest)) == []


@every_manifest
def test_examples_cover_every_verb(manifest: Manifest) -> None:
    """Each manifest shows how it reads (if it can), creates, updates and retires, and rotates (if it can)."""
    secret = CompiledVendor(manifest).capabilities.secret
    rotates = {"rotate"} if secret.reissues or secret.takes else set()
    shown = {e.do for e in manifest.examples if isinstance(e, WriteExample)}
    reads = any(isinstance(e, ReadExample) for e in manifest.examples)
    changes = {"update"} if manifest.update else set()
    assert shown == {"create", "retire"} | changes | rotates
    assert reads or CompiledVendor(manifest).capabilities.read == "none"


@every_manifest
def test_every_rule_is_kept(manifest: Manifest) -> None:
    """What `providers check` demands beside the examples' truth: among it, that each call has an example."""
    assert faults_in(manifest, (*ALWAYS, *ABOUT_EXAMPLES)) == ()


@every_manifest
def test_a_wrong_example_is_found(manifest: Manifest) -> None:
    """An example whose calls differ from what the manifest does is reported by name."""
    example = next(e for e in manifest.examples if isinstance(e, WriteExample) and e.calls)
    other = example.calls[0].model_copy(update={"path": "/elsewhere"})
    broken = example.model_copy(update={"calls": (other, *example.calls[1:])})
    reported = list(rehearse(manifest.model_copy(update={"examples": (broken,)})))
    assert reported
    assert all(example.about in fault.what for fault in reported)
    assert {fault.path[:4] for fault in reported} == {("examples", 0, "calls", 0)}


@every_manifest
def test_every_manifest_says_where_it_comes_from_and_what_it_does_not_know(manifest: Manifest) -> None:
    """Sources are addresses, and what the vendor leaves open is written down in sentences."""
    assert manifest.sources
    assert all(source.startswith("https://") for source in manifest.sources)
    assert manifest.unknown
    assert all(re.search(r"[.]$", sentence) for sentence in manifest.unknown)


@every_manifest
def test_event_names_are_claimed_only_where_there_are_some(manifest: Manifest) -> None:
    """That names are taken as they are is nothing that anybody could have verified."""
    events = manifest.fields.events
    assert manifest.verified.events == "unverified" or events.catalogue.names or events.absent


@every_manifest
def test_words_of_refusals_decide_nothing_unless_they_are_known(manifest: Manifest) -> None:
    """Refusals in examples may be made up; where one decides by its words, `verified` says how these are known."""
    relying = [example.about for example in manifest.examples if hangs_on_words(manifest, example)]
    assert not relying or manifest.verified.errors != "unverified"


@every_manifest
def test_every_combination_of_settings_compiles(manifest: Manifest) -> None:
    """Whatever a user sets, there is a way to read, create and retire, and at least one way to authenticate."""
    for settings in all_settings(manifest):
        vendor = CompiledVendor(manifest, settings)
        assert vendor.schemes
        assert vendor.capabilities.type == manifest.type


@every_manifest
def test_every_common_field_is_there_or_explained(manifest: Manifest) -> None:
    """A user who declares a field that the vendor does not have is told why."""
    capabilities = CompiledVendor(manifest).capabilities
    reasons = dict(capabilities.missing)
    for pointer in (URL, EVENTS, STATUS, DESCRIPTION):
        assert (pointer in capabilities.writable) != bool(reasons.get(pointer))


@pytest.mark.parametrize("name", builtin_names())
def test_a_built_in_manifest_is_called_like_its_file(name: str) -> None:
    """`type: github` finds github.yaml."""
    assert MANIFESTS[name].type == name


@every_manifest
def test_every_credential_variable_belongs_to_a_credential(manifest: Manifest) -> None:
    """The usual variables are those of credentials that some way to authenticate needs."""
    needed = {name for scheme in CompiledVendor(manifest).schemes for name in scheme.needs}
    assert set(manifest.variables) <= needed
