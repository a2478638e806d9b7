"""The first net: a secret that shows itself to nobody who does not ask for it by name."""

import copy
import json
import logging
import pickle
import traceback
from collections.abc import Callable

import pytest

from reconciler.model.secret import Secret

VALUE = "s3cret-5bd2f0c7"
SHOWN: dict[str, Callable[[Secret], str]] = {
    "str": str,
    "repr": repr,
    "format": lambda secret: f"{secret} {secret!s:>20} {secret!r}",
    "percent": lambda secret: "%s %r" % (secret, secret),  # noqa: UP031  # how loggers do it
    "within": lambda secret: str([{"key": (secret,)}]),
    "logged": lambda secret: logging.LogRecord("x", 0, "x", 0, "%s", (secret,), None).getMessage(),
    "raised": lambda secret: "".join(traceback.format_exception(ValueError("no", secret))),
    "vars": lambda secret: str(dir(secret)),
    "copied": lambda secret: repr(copy.deepcopy({"a": secret})),
}


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN)
def test_it_cannot_be_shown(show: Callable[[Secret], str]) -> None:
    """Whatever turns values into text, for people, logs or tracebacks, writes a mask."""
    assert VALUE not in show(Secret(VALUE))


@pytest.mark.parametrize("write", [json.dumps, pickle.dumps, list, "".join])
def test_it_cannot_be_written_by_accident(write: Callable[[object], object]) -> None:
    """Nothing that makes bytes or characters of values takes one, and the complaint does not quote it."""
    with pytest.raises(TypeError) as caught:
        write(Secret(VALUE))
    assert VALUE not in str(caught.value)


def test_it_is_known_by_its_text() -> None:
    """Two secrets are equal where their texts are, and only who asks by name sees it."""
    assert Secret(VALUE) == Secret(VALUE) != Secret("another")
    assert Secret(VALUE) != VALUE
    assert Secret(VALUE).reveal() == VALUE


@pytest.mark.parametrize(
    ("mask", "does"),
    [
        ("whsec_ab...", True),
        ("whsec_ab…", True),
        ("whs***56", True),
        ("****3456", True),
        ("whsec_ac...", False),
        ("********", False),
        ("wh...", False),
        ("whsec_abcd123456", False),
        ("whsec_ab", False),
    ],
)
def test_a_mask_that_fits(mask: str, does: bool) -> None:
    """Three characters around the stars at least, each at its place; what nothing hides is no mask."""
    assert Secret("whsec_abcd123456").fits(mask) is does
