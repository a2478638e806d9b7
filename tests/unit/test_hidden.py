"""Hidden values: what may be kept and shown of a text that holds some, for any text and any value."""

import hashlib
import json
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.config.hidden import calls_itself_secret, templates, token, token_of_variable
from reconciler.model.capabilities import Capabilities
from reconciler.model.diff import diff, record, shown
from reconciler.model.fields import URL, Fields
from reconciler.model.hidden import Hidden, hidden, lined_up, marks_in, merged, short, spans_in_url
from reconciler.model.secret import Secret, SecretRef, shown_url
from reconciler.model.template import Template
from reconciler.model.urls import canonical_url
from reconciler.run.veil import Veil
from reconciler.secrets.digests import HiddenMarks
from reconciler.secrets.fingerprint import Fingerprinter
from reconciler.support.scalars import as_text

PIECE = st.text(st.sampled_from("abc019-_.~"), min_size=1, max_size=8).filter(lambda text: text not in (".", ".."))
VALUE = st.text(st.sampled_from("QZé!$'()+,;<\"λ"), min_size=6, max_size=20)
CAPABILITIES = Capabilities("box", frozenset({URL, "/options/key"}))


class Quick(NamedTuple):
    """Fingerprints of the right shape without the slow step."""

    def make(self, value: str, place: str) -> str:
        """See `Marks`."""
        made = hashlib.sha256(f"{place}\0{value}".encode()).hexdigest()
        return f"scrypt$14${made[:16]}.{made[16:32]}${(made * 2)[:43]}"

    def fits(self, value: str, fingerprint: str) -> bool:
        """See `Marks`; what is made of equal values at one place is equal here anyway."""
        return False


MARKS = Quick()


def url_of(before: str, value: str, after: str) -> str:
    """A URL with one hidden value in its path, as it is sent."""
    url = f"https://h.example/{before}/{value}/{after}"
    start = url.index(value, len("https://h.example/") + len(before))
    return hidden(url, spans_in_url(url, [(start, start + len(value))]), URL, MARKS)


@given(before=PIECE, value=VALUE, after=PIECE)
def test_what_is_kept_has_nothing_of_the_value(before: str, value: str, after: str) -> None:
    """Neither what is kept nor what is shown of a text holds the value; the public text stays as it is."""
    made = url_of(before, value, after)
    assert isinstance(made, Hidden)
    assert str(made) == f"https://h.example/{before}/{value}/{after}"
    for text in (made.kept, short(made.kept), shown_url(made), repr(made), str(record(Fields({URL: made})))):
        assert value not in text
    assert (
        shown(URL, made)
        == shown_url(made)
        == f"https://h.example/{before}/***~{shown_url(made)[-9 - len(after) :][:8]}/{after}"
    )


@given(before=PIECE, value=VALUE, after=PIECE)
def test_kept_texts_are_fixed_points(before: str, value: str, after: str) -> None:
    """What is kept of a kept text, and shown of a shown one, is the same text; one spelling does not change them."""
    kept = url_of(before, value, after).kept  # type: ignore[attr-defined]  # it is Hidden
    assert record(Fields({URL: kept}))[URL] == kept
    assert shown_url(kept) == kept == canonical_url(kept)
    assert shown_url(shown_url(Hidden("x", kept))) == short(kept) == short(short(kept))
    assert len(marks_in(kept)) == 1
    assert marks_in(short(kept)) == ()


@given(before=PIECE, value=VALUE, other=VALUE, after=PIECE)
def test_equal_values_are_equal_and_others_are_not(before: str, value: str, other: str, after: str) -> None:
    """Against the lock a value is the same exactly when it is, whoever shows it; a rotation is a change of the file."""
    applied = record(Fields({URL: url_of(before, value, after)}))
    want, have = url_of(before, other, after), url_of(before, value, after)
    changes = diff(Fields({URL: want}), Fields({URL: have}), applied, CAPABILITIES)
    assert [change.cause for change in changes] == ([] if value == other else ["config"])
    unseen = diff(Fields({URL: want}), None, applied, CAPABILITIES)
    assert bool(unseen) == (value != other)


@given(before=PIECE, value=VALUE, other=VALUE, after=PIECE)
@example("a", "QZQZQZ", "ZQZQZQ", "b")
def test_what_a_vendor_shows_is_lined_up(before: str, value: str, other: str, after: str) -> None:
    """Another value in the same place keeps what is public; anything else is hidden but for its scheme and host."""
    kept = url_of(before, value, after).kept  # type: ignore[attr-defined]  # it is Hidden
    seen = lined_up(f"https://h.example/{before}/{other}/{after}", kept, URL, MARKS, is_url=True)
    assert isinstance(seen, Hidden)
    assert other not in seen.kept
    assert seen.kept.startswith(f"https://h.example/{before}/***~")
    elsewhere = lined_up(f"https://other.example/v2/{other}", kept, URL, MARKS, is_url=True)
    assert isinstance(elsewhere, Hidden)
    assert elsewhere.kept.startswith("https://other.example/***~")
    assert "v2" not in elsewhere.kept.removeprefix("https://other.example/***~scrypt$14$")[-50:-43]
    masked = lined_up(f"https://h.example/{before}/********/{after}", kept, URL, MARKS, is_url=True)
    assert masked == f"https://h.example/{before}/***/{after}"


@given(value=VALUE)
def test_user_info_and_query_values_are_hidden_likewise(value: str) -> None:
    """In a URL with a hidden value nothing stays open that is hidden in every other URL."""
    url = f"https://user:pass@h.example/a?team=blue&t=x{value}&flag"
    start = url.index(value, url.index("&t=x"))
    made = hidden(url, spans_in_url(url, [(start, start + len(value))]), URL, MARKS)
    assert isinstance(made, Hidden)
    assert short(made.kept).count("***~") == 4
    for secret in ("user", "pass", "blue", "flag", f"x{value}"):
        assert secret not in "".join(part for part in short(made.kept).split("***~"))
    assert shown_url(made.kept) == made.kept


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda pair: (min(pair), max(pair)))))
def test_spans_are_in_order_and_apart(spans: list[tuple[int, int]]) -> None:
    """Merging spans covers exactly what they cover, in order, with something between any two."""
    made = merged(spans)
    assert {at for start, end in made for at in range(start, end)} == {at for s, e in spans for at in range(s, e)}
    assert all(first[1] < second[0] for first, second in pairwise(made))


@given(value=VALUE, before=PIECE)
def test_values_stand_in_maps_as_json_writes_them(value: str, before: str) -> None:
    """A reference in a list of maps becomes the text that the vendor is sent, whatever characters are in the value."""
    leaf = templates(as_text([{"name": before, "value": f"is {token('env:KEY')}"}]))
    assert isinstance(leaf, Template)
    assert leaf.references == (SecretRef("env", "KEY"),)
    text, spans = leaf.filled(lambda _: value)
    assert json.loads(text) == [{"name": before, "value": f"is {value}"}]
    ((start, end),) = spans
    assert json.loads(f'"{text[start:end]}"') == value


def test_a_template_shows_what_is_written() -> None:
    """Before it is looked up, a text shows its references; a variable that is secret shows its name."""
    text = f"https://h.example/{token('env:A')}/{token_of_variable('CHAT_TOKEN', 'hunter2-hunter2')}"
    made = templates(text)
    assert made == "https://h.example/${secret:env:A}/${CHAT_TOKEN}"
    assert isinstance(made, Template)
    assert made.parts == ("https://h.example/", SecretRef("env", "A"), "/", Secret("hunter2-hunter2"))
    assert templates("https://h.example/x") == "https://h.example/x"
    assert token_of_variable("A_TOKEN", "short") == "short"


@pytest.mark.parametrize(
    ("kept", "may_be"),
    [
        ("https://h.example/api/***~{}/in?team=***~{}", True),
        ("https://h.example/v2/***~{}/in?team=***~{}", False),
        ("https://h.example/api/open/in?team=***~5e6f7a8b", False),
    ],
)
def test_what_may_be_without_looking(kept: str, may_be: bool) -> None:
    """Offline, what the lock keeps may be the file's text if all that is public is the same."""
    marks = [MARKS.make(str(each), "x") for each in range(kept.count("{}"))]
    made = templates(f"https://h.example/api/{token('env:A')}/in?team=blue")
    assert isinstance(made, Template)
    assert made.may_be(kept.format(*marks), is_url=True) is may_be


@pytest.mark.parametrize(
    "name", ["CHAT_TOKEN", "token", "RECEIVER_KEY", "API_KEY", "APIKEY", "DB_PASSWORD", "A_SECRET_B", "KEY"]
)
def test_names_that_say_secret(name: str) -> None:
    """A variable that calls itself a token, key, secret or password is taken at its word."""
    assert calls_itself_secret(name)


@pytest.mark.parametrize(
    "name", ["MONKEY", "HOST", "ROOM", "KEY_ID", "TOKEN_URL", "SECRET_NAME", "PUBLIC_KEY", "TOKENIZER", "KEYS_OF"]
)
def test_names_that_do_not(name: str) -> None:
    """Words that only look like that, and what names a secret's place or owner, are not hidden."""
    assert not calls_itself_secret(name)


def test_fingerprints_are_those_of_secrets() -> None:
    """They are slow, salted by place, taken over from the lock where they fit, and of a form that locks may hold."""
    marks = HiddenMarks(Fingerprinter(None, "seed", ()))
    one, other = marks.make("a-hidden-value", "/url a"), marks.make("a-hidden-value", "/url b")
    assert one != other
    assert one.startswith("scrypt$14$")
    assert marks.fits("a-hidden-value", one)
    assert not marks.fits("another-value", one)
    url = "https://h.example/a-hidden-value"
    first = hidden(url, [(18, 32)], URL, marks)
    again = hidden(url, [(18, 32)], URL, HiddenMarks(Fingerprinter(None, "another seed", ())), first.kept)  # type: ignore[attr-defined]
    assert again.kept == first.kept  # type: ignore[attr-defined]  # both are Hidden


def test_a_veil_over_nothing_changes_nothing() -> None:
    """Where the files hide nothing, what vendors show passes as it is."""
    fields = Fields({URL: "https://h.example/x"})
    assert Veil().over("p", fields) is fields
