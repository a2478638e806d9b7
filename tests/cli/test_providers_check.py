"""`whsync providers check`: what only running the examples shows, each difference at its line."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.manifests.test_messages import RAW
from tests.manifests.test_sound import changed, place_in, text_of


def told(run: Run, folder: Path, text: str) -> list[str]:
    """What `providers check` says of a manifest in a file."""
    (folder / "own.yaml").write_text(text, "utf-8")
    return run("providers", "check", "own.yaml").stderr.splitlines()


DISAGREEMENTS = [
    (
        '        body: {url: "https://a.example/y", token: "***"}',
        '        body: {url: "https://a.example/z", ssl: 1}',
        '"https://a.example/z"',
        'body /url: the manifest gives "https://a.example/y", and the example says "https://a.example/z"',
    ),
    (
        "path: /projects/group%2Fapi/hooks",
        "path: /projects/group/api/hooks",
        "/projects/group/api",
        "the manifest calls POST /projects/group%2Fapi/hooks, and the example POST /projects/group/api/hooks",
    ),
    (
        "issues_events: false}\n        status: 201",
        "issues_events: 0}\n        status: 201",
        "0}\n        status",
        "body /issues_events: the manifest gives false, and the example says 0",
    ),
    (
        "tag_push_events: false, issues_events: false}\n        status: 201",
        "tag_push_events: false}\n        status: 201",
        "body: {url",
        "body /issues_events: the manifest gives false, which the example lacks",
    ),
    (
        "calls:\n      - {method: DELETE",
        "calls:\n      - {method: GET, path: /x}\n      - {method: DELETE",
        "GET",
        "the manifest calls DELETE /projects/1/hooks/5, and the example GET /x",
    ),
    (
        "    calls: []\n    fails: unsafe",
        "    calls: [{method: PUT, path: /x}]\n    fails: unsafe",
        "{method: PUT, path: /x}",
        "the manifest does not make call 1, PUT /x",
    ),
    (
        "    calls: []\n    fails: unsafe",
        "    calls: []\n    fails: vendor",
        "vendor\n",
        "it ends with unsafe (Forge would lose",
    ),
    (
        "/events: [push], /status: executable",
        "/events: [tag_push], /status: executable",
        "/events: [tag_push], /status",
        '/events: the manifest gives ["push"], and the example says ["tag_push"]',
    ),
]


@pytest.mark.parametrize(("old", "new", "at", "what"), DISAGREEMENTS)
def test_an_example_shows_its_difference_at_its_line(
    run: Run, tmp_path: Path, old: str, new: str, at: str, what: str
) -> None:
    """One line a difference, which says the part that differs, and not two whole calls."""
    text = changed("flags", old, new)
    lines = told(run, tmp_path, text)
    line = next((each for each in lines if what in each), None)
    assert line is not None, lines
    assert place_in(text, at) in line or place_in(text, at) in lines[lines.index(line) - 1], (place_in(text, at), lines)
    assert not [each for each in lines if RAW.search(each)]


def test_a_manifest_without_examples_is_not_sound(run: Run, tmp_path: Path) -> None:
    """What was never tried is not called sound; one line says so."""
    text = text_of("flags").partition("examples:")[0] + "examples: []\n"
    lines = told(run, tmp_path, text)
    assert sum("there is no example" in line for line in lines) == 1
    assert place_in(text, "examples") in "".join(lines)


def test_a_call_that_no_example_makes_is_named(run: Run, tmp_path: Path) -> None:
    """Each write has an example: one that was never run may be as wrong as it likes."""
    text = changed("mute", "      - {method: PUT, path: /hooks/h1/state, body: {state: down}, status: 204}", "      []")
    assert "no example makes this call" in "".join(told(run, tmp_path, text.replace("calls:\n      []", "calls: []")))


def test_an_example_with_settings_that_there_are_not_is_told(run: Run, tmp_path: Path) -> None:
    """At its line, and the other examples are run all the same."""
    text = changed("keysafe", "  - about: nor can it be asked for without the calls\n    settings: {keys: false}",
                   "  - about: nor can it be asked for without the calls\n    settings: {keys: maybe}")  # fmt: skip
    lines = told(run, tmp_path, text)
    assert place_in(text, "settings: {keys: maybe}") in lines[0]
    assert 'the setting keys of keysafe is true or false, not "maybe"' in lines[0]
    assert len([line for line in lines if line.startswith("own.yaml")]) == 1


def test_what_a_vendor_sends_for_an_event_is_told_as_it_sends_it(run: Run, tmp_path: Path) -> None:
    """An object where the codec expects a text is shown as JSON, so that the mistake is seen."""
    text = changed("keysafe", "shown: {id: ep_1, url: \"https://a.example/x\", topics: [a]",
                   "shown: {id: ep_1, url: \"https://a.example/x\", topics: [{name: a}]")  # fmt: skip
    (line,) = [line for line in told(run, tmp_path, text) if line.startswith("own.yaml")]
    assert r'/events: the manifest gives ["{\"name\": \"a\"}"], and the example says ["a"]' in line
