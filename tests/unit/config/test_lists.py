"""Lists from elsewhere: variables, files and commands, what they may say, and what is never taken for one."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.config.load import load
from reconciler.config.loaded import Loaded
from reconciler.config.values import list_in
from reconciler.errors import ConfigError, UntrustedError
from reconciler.support.reach import EVERYWHERE, NOWHERE, Reach
from tests.unit.config.fakes import HEAD, VENDORS, loaded, problems, said

BLOCK = """\
webhooks:
  ci:
    for_each: %s
    url: https://h.example/x
    scope: {owner: acme, repo: "${each.%s}"}
"""


def block(lists: str, key: str = "value") -> str:
    """A configuration with one block."""
    return HEAD + BLOCK % (lists, key)


def names(found: Loaded) -> list[str]:
    """The webhooks' names."""
    return [each.name for each in found.desired]


def run(folder: Path, text: str, said: bytes = b"api\nweb\n", reach: Reach = EVERYWHERE) -> Loaded:
    """The configuration, where each command prints the same; commands are noted in `folder/ran`."""
    (folder / "main.yaml").write_text(text)

    def command(written: str, where: Path, most: int) -> bytes:
        with (folder / "ran").open("a") as ran:
            ran.write(f"{written}\n")
        return said

    return load([folder / "main.yaml"], {}, VENDORS, reach=reach, run=command)


@pytest.mark.parametrize("text", ["api,web", "api, web ,", "api\nweb\n", '["api", "web"]', ' ["api",\n"web"]'])
@pytest.mark.parametrize(
    "lists", ["'${REPOS}'", "{value: '${REPOS}'}", "{from: env:REPOS}", "{value: {from: env:REPOS}}"]
)
def test_a_variable_may_be_a_list(tmp_path: Path, text: str, lists: str) -> None:
    """JSON, or texts between commas or line breaks, wherever a list can stand."""
    assert names(loaded(tmp_path, block(lists), {"REPOS": text})) == ["ci[api]", "ci[web]"]


@pytest.mark.parametrize("lists", ["'${R}'", "{rows: '${R}'}", "{from: env:R}", "{rows: {from: env:R}}"])
def test_a_variable_may_have_rows(tmp_path: Path, lists: str) -> None:
    """What is JSON there is what it would be in the file."""
    rows = json.dumps([{"repo": "api", "events": ["push"]}, {"repo": "web", "events": ["push"]}])
    text = block(lists, "repo") + "    events: ${each.events}\n"
    assert [each.fields.events for each in loaded(tmp_path, text, {"R": rows}).desired] == [{"push"}, {"push"}]
    lists_of_values = json.dumps({"repo": ["api"], "stage": ["a", "b"]})
    with pytest.raises(ConfigError):  # the same webhook twice: both names are there
        loaded(tmp_path, block(lists, "repo"), {"R": lists_of_values})
    assert "`ci[api,b]` and `ci[api,a]`" in said(tmp_path, block(lists, "repo"), {"R": lists_of_values})[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("r.yaml", "- {repo: api, n: 0123}\n- {repo: web, n: 1.10}\n"),
        ("r.yml", "# rows\n- repo: api\n  n: 0123\n- repo: web\n  n: 1.10\n"),
        ("r.json", '[{"repo": "api", "n": "0123"}, {"repo": "web", "n": 1.10}]'),
    ],
)
def test_a_file_may_have_rows(tmp_path: Path, name: str, text: str) -> None:
    """YAML and JSON keep the spelling of numbers; paths start at the configuration."""
    (tmp_path / name).write_text(text)
    whole = block(f"{{from: 'file:./{name}'}}", "repo").replace("example/x", "example/${each.n}")
    found = loaded(tmp_path, whole)
    assert [each.fields.url for each in found.desired] == ["https://h.example/0123", "https://h.example/1.10"]


def test_any_other_file_is_a_list_of_lines(tmp_path: Path) -> None:
    """One name on each line, or commas."""
    (tmp_path / "repos.txt").write_text("api\r\nweb\r\n")
    assert names(loaded(tmp_path, block("{from: 'file:repos.txt', exclude: [w*]}"))) == ["ci[api]"]


def test_a_command_may_print_a_list(tmp_path: Path) -> None:
    """It runs once, however often it is named; without leave to run commands nothing is known of its webhooks."""
    text = block("{from: 'cmd:gh repo list'}") + BLOCK.replace("  ci", "  cd", 1).partition("\n")[2] % (
        "{value: {from: 'cmd:gh repo list'}}",
        "value",
    )
    text = text.replace("example/x", "example/${each.value}", 1)
    assert names(run(tmp_path, text)) == ["cd[api]", "cd[web]", "ci[api]", "ci[web]"]
    assert (tmp_path / "ran").read_text() == "gh repo list\n"
    unread = loaded(tmp_path, text)
    assert (unread.desired, [each.unread for each in unread.templates]) == ((), ["a command", "a command"])
    wrong = text.replace("acme,", "acme, x: y,").replace("https://h.example/x", "ftp://h.example/x")
    assert any("`url` is not an absolute" in line for line in said(tmp_path, wrong)) or said(tmp_path, wrong) == []


def test_what_lists_gave_is_a_part_of_what_was_planned(tmp_path: Path) -> None:
    """A saved plan goes stale with another list, and only then."""
    text = block("{from: 'cmd:x'}")
    digests = [run(tmp_path, text, printed).digest for printed in (b"a", b"a", b"b")]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize(
    ("lists", "environment", "told"),
    [
        ("'${R}'", {}, "the variable R is not set"),
        ("{from: env:R}", {}, "the variable R is not set; set it, or let it be [] for no webhook at all"),
        ("{from: env:R}", {"R": " "}, "env:R is empty; for no webhook at all, let it be []"),
        ("'${R}'", {"R": ""}, "the list ${R} is empty"),
        ("{from: env:R}", {"R": '["a"'}, "env:R is no JSON: Expecting ',' delimiter, in line 1, column 5"),
        ("{from: env:R}", {"R": '["a", null]'}, "env:R holds a null"),
        ("{from: env:R}", {"R": '[{"a": 1, "a": 2}]'}, "env:R has the key `a` twice in one object"),
        ("{from: env:R}", {"R": "[" * 100_000}, "env:R is no JSON that can be read"),
        ("{from: env:R}", {"R": "a,a"}, "`for_each` holds a value twice"),
        ("{from: env:R}", {"R": "a],b"}, "`for_each` may hold texts only"),
        ("{from: 'env:a-b'}", {}, "`from` names no variable"),
        ("{from: 'vault:a/b#c'}", {}, "`vault:` gives no list; write env:NAME, file:PATH or cmd:COMMAND"),
        ("{from: [a]}", {}, "`from` of a `for_each` is no reference to a list"),
        ("{from: repos}", {}, "`from` of a `for_each` is no reference to a list"),
        ("{from: 'file:'}", {}, "`from` of a `for_each` is no reference to a list"),
        ("{from: 'file:none.yaml'}", {}, "the list file:none.yaml cannot be read: No such file or directory"),
        ("{from: 'file:.'}", {}, "the list file:. cannot be read"),
        ("{from: env:R, exlude: [a]}", {"R": "a"}, "`exlude` is not known beside `from`; did you mean `exclude`?"),
        (
            "{from: env:T}",
            {"T": "t0ken-t0ken"},
            "env:T is a secret, so no webhook is called after it",
        ),
    ],
)
def test_what_is_no_list_is_told(tmp_path: Path, lists: str, environment: dict[str, str], told: str) -> None:
    """With a way out, at its place, and without a word of what stands in it."""
    found = said(tmp_path, block(lists), environment)
    assert told in found[0]
    assert found[0].startswith("main.yaml:7:")
    assert not any("t0ken" in line for line in found)


def test_a_mistake_in_a_list_file_is_told_there(tmp_path: Path) -> None:
    """With the line and column of that file, as of any other of the configuration."""
    (tmp_path / "r.yaml").write_text("- {repo: api}\n- {id: 2}\n")
    text = block("{from: 'file:r.yaml'}", "repo")
    assert said(tmp_path, text)[0].startswith("r.yaml:2:3 row 2 of `for_each` begins with `id`")
    (tmp_path / "r.yaml").write_text("- {repo: api}\n- {repo: web, repo: x}\n")
    assert said(tmp_path, text)[0].startswith("r.yaml:2:15 the key `repo` is written twice")
    (tmp_path / "r.yaml").write_text("")
    assert said(tmp_path, text)[0].startswith("r.yaml:1:1 the file is empty; for no webhook at all, let it be []")
    (tmp_path / "r.yaml").write_text("just text")
    assert said(tmp_path, text)[0].startswith("r.yaml:1:1 the file is neither a list nor a mapping")
    (tmp_path / "r.txt").write_bytes(b"\xff")
    assert "is not UTF-8 text" in said(tmp_path, block("{from: 'file:r.txt'}"))[0]


@pytest.mark.parametrize("reference", ["file:token", "cmd:pass show token"])
def test_a_secret_is_no_list(tmp_path: Path, reference: str) -> None:
    """Nothing that a credential or a webhook's secret comes from is read for names, nor shown."""
    (tmp_path / "token").write_text("t0ken-t0ken")
    text = block(f"{{from: '{reference}'}}").replace("env:T", f"'{reference}'")
    with pytest.raises(ConfigError) as raised:
        run(tmp_path, text, b"t0ken-t0ken")
    assert "is a secret, so no webhook is called after it" in str(raised.value)
    assert not (tmp_path / "ran").exists()


def test_a_list_whose_variable_only_another_list_calls_a_secret(tmp_path: Path) -> None:
    """Found once all rows are known; then nothing else is said, for it could show it."""
    rows = json.dumps([{"repo": "api", "secret": "env:KEYS"}])
    text = block("{from: env:ROWS}", "repo") + "    secret: {from: '${each.secret}'}\n"
    text += (
        "  other: {for_each: {from: env:KEYS}, url: 'ftp://h.example/${each.value}', scope: {org: '${each.value}'}}\n"
    )
    (told,) = problems(tmp_path, text, {"ROWS": rows, "KEYS": "t0ken,k3y"})
    assert told.summary == "the variable KEYS is the secret of `ci`, so no webhook is called after it"


@pytest.mark.parametrize(
    ("lists", "line"),
    [
        ("{from: 'cmd:x'}", 'commands: ["x"]'),
        ("{from: 'file:/etc/hostname'}", 'roots: ["/etc"]'),
        ("{from: env:R}", 'variables: ["R"]'),
        ("'${R}'", 'variables: ["R"]'),
    ],
)
def test_lists_are_held_to_what_somebody_trusts(tmp_path: Path, lists: str, line: str) -> None:
    """Before anything is read or run; the trust file's line is told."""
    reach = Reach((), frozenset(), commands=frozenset())
    (tmp_path / "main.yaml").write_text(block(lists))
    with pytest.raises(UntrustedError) as raised:
        load([tmp_path / "main.yaml"], {"R": "a"}, VENDORS, reach=reach, run=_never)
    assert line in raised.value.problems[0].hint
    granted = Reach(("/etc",), frozenset({"R"}), commands=frozenset({"x"}))
    found = load([tmp_path / "main.yaml"], {"R": "a"}, VENDORS, reach=granted, run=lambda *_: b"a")
    assert len(found.desired) == 1


def test_an_untrusted_configuration_runs_nothing(tmp_path: Path) -> None:
    """Whatever a trust file says of commands."""
    (tmp_path / "main.yaml").write_text(block("{from: 'cmd:x'}"))
    with pytest.raises(UntrustedError):
        load([tmp_path / "main.yaml"], {}, VENDORS, reach=NOWHERE, run=_never)


def _never(command: str, folder: Path, most: int) -> bytes:
    raise AssertionError("nothing runs")


@settings(max_examples=60)
@given(st.lists(st.text(st.characters(exclude_characters=",\n\r", exclude_categories=["Cs"]), min_size=1), max_size=4))
def test_texts_come_through(texts: list[str]) -> None:
    """What is written between commas is what the list has, without spaces around it; JSON brings any text through."""
    assert list_in(json.dumps(texts)) == texts
    plain = [text.strip() for text in texts if text.strip()]
    if plain and plain[0][0] not in "[{":
        assert list_in(",".join(plain)) == plain
