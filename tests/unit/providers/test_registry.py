"""Finding manifests: by name, by path, from packages; and what is said where one is wrong."""

import json
from pathlib import Path

import pytest

from reconciler.errors import ConfigError
from reconciler.providers.language.manifest import manifest_schema
from reconciler.providers.registry import Registry, builtin_names, parse

ROOT = Path(__file__).parents[3]
BUILTIN = ROOT / "reconciler" / "providers" / "builtin"
SHAPES = ROOT / "tests" / "manifests" / "shapes"


def test_every_manifest_that_comes_with_whsync_is_named() -> None:
    """Names are the files', sorted."""
    assert builtin_names() == tuple(sorted(path.stem for path in BUILTIN.glob("*.yaml")))
    assert set(builtin_names()) <= set(Registry().names())


def test_a_manifest_is_found_by_path_beside_the_file(tmp_path: Path) -> None:
    """A user's own manifest is named by a path that starts at the configuration's folder."""
    (tmp_path / "vendors").mkdir()
    (tmp_path / "vendors" / "acme.yaml").write_bytes((SHAPES / "flags.yaml").read_bytes())
    vendor = Registry().vendor("./vendors/acme.yaml", {}, str(tmp_path))
    assert vendor.title == "Forge"


def test_one_manifest_is_compiled_once_for_its_settings() -> None:
    """The same type and settings give the same object; other settings another."""
    registry = Registry()
    plain = registry.vendor("coinbase-payments", {}, "")
    assert registry.vendor("coinbase-payments", {}, "elsewhere") is plain
    listing = registry.vendor("coinbase-payments", {"list": True}, "")
    assert (plain.capabilities.read, listing.capabilities.read) == ("by_id", "list")


def test_an_unknown_name_suggests_the_likeliest() -> None:
    """A misspelt manifest is answered with the right one."""
    with pytest.raises(ConfigError) as caught:
        Registry().vendor("githup", {}, "")
    assert "githup" in caught.value.summary
    assert "github" in caught.value.hint


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A path that leads nowhere is an error of the configuration."""
    with pytest.raises(ConfigError, match=r"acme\.yaml cannot be read"):
        Registry().vendor("./acme.yaml", {}, str(tmp_path))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"lisst": True}, "no setting `lisst`"),
        ({"list": "yes"}, "false or true"),
        ({"list": 1}, "false or true"),
        ({"uri_claim": "urls"}, "uris or uri"),
        ({"audience": 3}, "audience"),
    ],
)
def test_a_wrong_setting_says_what_would_be_right(settings: dict[str, str | bool | int], words: str) -> None:
    """Unknown settings and values are refused with the choices there are."""
    with pytest.raises(ConfigError) as caught:
        Registry().vendor("coinbase-payments", settings, "")
    assert words in caught.value.summary


def broken(old: str, new: str) -> tuple[str, list[str]]:
    """A manifest in which `old` was replaced, and what is said about it: place and words."""
    text = (SHAPES / "flags.yaml").read_text("utf-8")
    assert old in text
    text = text.replace(old, new)
    with pytest.raises(ConfigError) as caught:
        parse(text.encode(), "acme.yaml")
    return text, [f"{problem.at} {problem.summary}" for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("title: Forge", "titel: Forge", "titel", "no word `titel`"),
        ("identity: {id: id}", "identity: {id: '['}", "'['}", "JMESPath"),
        ("path: /projects/{project}", "path: projects", "projects\n", "begins with /"),
        ("how: list", "how: lists", "lists\n", "`how: lists` is none of `list`"),
        ("write: /description}", "wriet: /description}", "wriet", "no word `wriet`"),
        ("lifecycle: supplied", "lifecycle: borrowed", "borrowed", "is none of `supplied`"),
        ("resend: {/url: [/secret]}", "resend: {/ulr: [/secret]}", "/ulr", "no field is called /ulr"),
    ],
)
def test_a_wrong_manifest_is_reported_with_its_place(old: str, new: str, place: str, words: str) -> None:
    """Each problem names the file, line and column, and what is wrong there; what spans the file is at its begin."""
    text, said = broken(old, new)
    before = text[: text.index(place)]
    at = f"acme.yaml:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))} "
    assert any(line.startswith(at) and words in line for line in said), said


def test_all_problems_are_reported_at_once() -> None:
    """One run shows everything that is wrong."""
    _, said = broken("title: Forge\nsources: [https://forge.example/docs]", "titel: Forge\nsorces: []")
    assert len([line for line in said if "missing" in line]) == 2
    assert len([line for line in said if "no word" in line]) == 2


def test_the_schema_in_the_repository_is_current() -> None:
    """Editors that follow `schemas/manifest.schema.json` know the language as it is."""
    kept = (ROOT / "schemas" / "manifest.schema.json").read_text("utf-8")
    assert json.loads(kept) == manifest_schema()
