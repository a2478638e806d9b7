"""Every query that a manifest can send, and its variables, against the vendor's own GraphQL schema.

The schemas are not kept here: they are taken by name from the folder that `WHSYNC_SPECS` names.
"""

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from reconciler.providers.registry import builtin
from tests.specs.test_specs import Source, _exchange, _of_a_life, _of_examples

graphql = pytest.importorskip("graphql")

SOURCES = {"linear": "linear.graphql", "linear-workspace": "linear.graphql"}

pytestmark = pytest.mark.xdist_group("specs")


@cache
def schema(file: str) -> Any:
    """A vendor's schema; the test is skipped where it cannot be had."""
    path = Path(os.environ.get("WHSYNC_SPECS", ""), file)
    if not ("WHSYNC_SPECS" in os.environ and path.exists()):
        pytest.skip(f"no package has it; WHSYNC_SPECS may name a folder with {file}")
    return graphql.build_schema(path.read_text(encoding="utf-8"), assume_valid=True)


def complaints(schema_: Any, body: Any) -> list[str]:
    """What is wrong with a query and its variables, the two members of a body."""
    document = graphql.parse(body["query"])
    if faults := graphql.validate(schema_, document):
        return [fault.message for fault in faults]
    wanted, given = document.definitions[0].variable_definitions, body.get("variables", {})
    names = {each.variable.name.value for each in wanted}
    values = graphql.execution.values.get_variable_values(schema_, wanted, given)
    wrong = [fault.message for fault in values] if isinstance(values, list) else []
    return [*wrong, *(f"there is no variable {name}" for name in given if name not in names)]


@pytest.mark.parametrize("name", SOURCES)
def test_queries_are_the_vendors(name: str) -> None:
    """Of the examples, and of a webhook with all fields through its whole life."""
    manifest, made = builtin(name), schema(SOURCES[name])
    calls = [*_of_examples(manifest), *(_exchange(call) for call in _of_a_life(manifest, Source("")))]
    assert len(calls) > 5
    assert [complaint for each in calls for complaint in complaints(made, each.body)] == []


def test_a_wrong_query_is_found() -> None:
    """A field, a variable, a type and a required value that the vendor does not have are each told."""
    made, query = schema("linear.graphql"), "query($id: String!) { webhook(id: $id) { url } }"
    assert complaints(made, {"query": query, "variables": {"id": "w1"}}) == []
    wrong: list[dict[str, Any]] = [
        {"query": "query($id: String!) { webhook(id: $id) { colour } }", "variables": {"id": "w1"}},
        {"query": query, "variables": {"id": "w1", "team": "t1"}},
        {"query": query, "variables": {"id": 1}},
        {"query": query, "variables": {}},
    ]
    assert [len(complaints(made, each)) for each in wrong] == [1] * len(wrong)
