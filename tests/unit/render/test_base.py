"""What every format stands on: plain text, cut text, and finding a format by its name."""

from importlib import import_module
from inspect import signature
from pkgutil import iter_modules

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler import render
from reconciler.errors import UsageError
from reconciler.render.base import FORMATS, PlanHeader, Style, cells, cut, plain, plan_format
from reconciler.render.containers import explain
from tests.unit.render.plans import example


@given(st.text())
def test_plain_text_is_one_printable_line(text: str) -> None:
    """Nothing survives that a terminal would obey, and what was harmless stays as it was."""
    shown = plain(text)
    assert shown.isprintable()
    assert shown == text or not text.isprintable()


@given(st.text().map(plain), st.integers(40, 200), st.integers(0, 50))
def test_cut_text_fits_and_says_so(text: str, width: int, start: int) -> None:
    """Cut text needs no more columns than there are, wide characters counted twice, and shows that it was cut."""
    shown = cut(text, width, start)
    assert cells(shown) <= width
    assert shown == text or "…" in shown


def test_every_format_can_be_written() -> None:
    """Each name that `--format` offers gives text for the same plan, and every format is offered."""
    modules = {
        module.name: import_module(f"reconciler.render.{module.name}") for module in iter_modules(render.__path__)
    }
    writers = {name: getattr(module, f"plan_{name}", None) for name, module in modules.items()}
    assert set(FORMATS) == {name for name, write in writers.items() if write and signature(write).parameters}
    for name in FORMATS:
        assert plan_format(name)(example(), PlanHeader(), Style()).endswith("\n")


@pytest.mark.parametrize(("name", "hint"), [("jsn", "did you mean `json`?"), ("zzz", "there are: "), ("base", "")])
def test_an_unknown_format_is_wrong_usage(name: str, hint: str) -> None:
    """A misspelt format is answered with the nearest one, and no helper module passes for a format."""
    with pytest.raises(UsageError) as caught:
        plan_format(name)
    assert hint in caught.value.hint


def test_containers_are_explained_item_by_item() -> None:
    """A long list of an option shows the items that differ, each with its place, not twice the whole list."""
    before = ("same", ("deep", 1), "gone")
    changes = explain(before, ("same", ("deep", 2)))
    assert [tuple(change) for change in changes] == [("[1][1]", "1", "2"), ("[2]", '"gone"', None)]
