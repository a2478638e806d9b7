"""Templates as a later step uses them, which knows rows that no file holds: what a vendor lists, for one."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.config.expand import Expansion, Template, expand
from reconciler.config.fault import Faulty
from reconciler.config.loaded import Loaded
from reconciler.config.places import told
from reconciler.config.rows import ONE, Row, rows_of
from reconciler.model.webhook import Source
from tests.unit.config.fakes import HEAD, HOOK, loaded, problems

OUTSIDE = Source("outside", ())
BLOCK = """\
defaults:
  options: {content_type: json}
  secret: {from: env:S}
webhooks:
  ci:
    for_each: %s
    url: https://${HOST:-h.example}/${each.repo}
    events: [push]
    scope: {owner: acme, repo: "${each.repo}"}
    secret: {from: "cmd:get ${each.repo}"}
    lifecycle: {was: [old]}
"""


def text(lists: str) -> str:
    """A file with one block, whose `for_each` is `lists`."""
    return HEAD + BLOCK % lists


def only(found: Loaded) -> Template:
    """The one template of a configuration."""
    (template,) = found.templates
    return template


def expanded(template: Template, *values: str) -> Expansion:
    """What the template makes of repositories that something outside has listed."""
    return expand(template, rows_of({"repo": [*values]}, OUTSIDE))


@settings(max_examples=30)
@given(st.lists(st.from_regex(r"[a-z]{1,5}", fullmatch=True), min_size=1, max_size=4, unique=True))
def test_rows_from_outside_make_what_rows_in_the_file_make(
    tmp_path_factory: pytest.TempPathFactory, values: list[str]
) -> None:
    """A webhook is the same, names, former names and places included, wherever its row came from."""
    folder = tmp_path_factory.mktemp("rows")
    made = expanded(only(loaded(folder, text("{repo: []}"))), *values)
    quoted = ", ".join(f"'{value}'" for value in values)
    in_the_file = loaded(folder, text(f"{{repo: [{quoted}]}}"))
    assert tuple(sorted(made.desired, key=lambda each: each.name)) == in_the_file.desired
    assert (made.faults, made.unset) == ((), ())


def test_the_templates_together_make_the_file(tmp_path: Path) -> None:
    """A block without `for_each` is a template, too: of one webhook, which bears its name."""
    found = loaded(tmp_path, text("{repo: [api, web]}") + f"  plain: {HOOK}\n")
    assert [template.name for template in found.templates] == ["ci", "plain"]
    rows = (Row("api", {"repo": "api"}), Row("web", {"repo": "web"}))
    assert [template.rows for template in found.templates] == [rows, ONE]
    assert found.desired == tuple(one for each in found.templates for one in expand(each, each.rows).desired)


def test_expanding_leaves_no_trace(tmp_path: Path) -> None:
    """What a template makes depends on the rows alone, however often and with whatever else it was asked before."""
    template = only(loaded(tmp_path, text("{repo: [api]}")))
    first = expanded(template, "api")
    assert expanded(template, "..").faults != ()
    assert expanded(template, "api") == first
    assert first.desired == loaded(tmp_path, text("{repo: [api]}")).desired


def test_rows_from_outside_are_held_against_the_vendor(tmp_path: Path) -> None:
    """A value that the vendor cannot take is told of its webhook, as if it stood in the file."""
    found = loaded(tmp_path, text("{repo: []}"))
    made = expanded(only(found), "api", "..")
    assert [fault.name for fault in made.faults] == ["ci[..]"]
    assert told([], made.faults, made.unset, found.files) == [*problems(tmp_path, text("{repo: [..]}"))]


def test_variables_are_filled_in_with_the_rows(tmp_path: Path) -> None:
    """The user's variables reach webhooks whose rows came later; which they were is told, and one that is not set."""
    template = only(loaded(tmp_path, text("{repo: []}"), {"HOST": "hooks.example"}))
    made = expanded(template, "api")
    assert [webhook.fields.url for webhook in made.desired] == ["https://hooks.example/api"]
    assert made.used == {"HOST": "hooks.example"}
    unset = only(loaded(tmp_path, text("{repo: []}").replace("HOST:-h.example", "NONE")))
    assert [fault.summary for fault in expanded(unset, "api").unset] == ["the variable NONE is not set"]


@pytest.mark.parametrize("values", [["a", "a"], ["a,b"], ["a]"], [""], [["a"]]])
def test_rows_without_clear_names_are_refused(values: list[object]) -> None:
    """Whatever a vendor lists, two webhooks never get one name, and no name becomes unclear."""
    with pytest.raises(Faulty) as raised:
        rows_of({"repo": values}, OUTSIDE)
    assert [fault.source for fault in raised.value.faults] == [OUTSIDE]


def test_several_lists_make_every_combination() -> None:
    """The rows come in the order in which their values are listed."""
    rows: tuple[Row, ...] = rows_of({"repo": ["api", "web"], "stage": [1]}, OUTSIDE)
    assert rows == (Row("api,1", {"repo": "api", "stage": 1}), Row("web,1", {"repo": "web", "stage": 1}))


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        ("provider: git", "git"),
        ("provider: '${P}'", "solo"),
        ("provider: '${P:-git}'", "solo"),
        ("provider: '${each.repo}'", None),
        ("provider: '${NONE}'", None),
        ("provider: 7", "7"),
        ("", None),
    ],
)
def test_a_template_knows_its_provider(tmp_path: Path, provider: str, name: str | None) -> None:
    """Whoever would ask a vendor for rows knows whom to ask, unless only the rows can tell."""
    more = "  solo: {base_url: https://s.example, auth: {token: env:T}}\n  7: {type: git, auth: {token: env:T}}\n"
    block = f"webhooks:\n  ci:\n    for_each: {{repo: []}}\n    url: https://h.example\n    {provider}\n"
    found = loaded(tmp_path, HEAD + more + block, {"P": "solo"})
    known = only(found).provider
    assert (known.name if known else None) == name


def test_the_usual_provider_of_a_template(tmp_path: Path) -> None:
    """It is the one of the defaults, else the only one there is."""
    only_one = only(loaded(tmp_path, text("{repo: []}"))).provider
    assert only_one is not None
    assert only_one.name == "git"
    two = text("{repo: []}").replace("defaults:", "  fan: {auth: {token: env:T}}\ndefaults:\n  provider: fan")
    usual = only(loaded(tmp_path, two)).provider
    assert usual is not None
    assert usual.name == "fan"
