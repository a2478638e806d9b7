"""A fingerprint tells that a secret changed, to those who have the secret, slowly or with a key to those who guess."""

import base64
import hashlib
import hmac
import re
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.errors import SecretError
from reconciler.model.secret import Secret
from reconciler.secrets import fingerprint as module
from reconciler.secrets.fingerprint import Fingerprinter

ONE, OTHER = Secret("the shared secret"), Secret("another secret")
KEY = Secret("a fingerprint key")
REAL = hashlib.scrypt


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every use of scrypt, each made cheap but still dependent on all its input."""
    seen: list[Any] = []

    def counted(password: bytes, *, salt: bytes, n: int, r: int, p: int, maxmem: int, dklen: int) -> bytes:
        seen.append((password, salt, n, r, p))
        return REAL(password, salt=salt + str((n, r, p)).encode(), n=2, r=1, p=1, dklen=dklen)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    return seen


def raw(text: str) -> bytes:
    """Unpadded URL-safe Base64."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_the_text_names_its_parameters() -> None:
    """The form is `scrypt$14$SALT$DIGEST` and can be computed by anyone who knows the secret, as documented."""
    text = Fingerprinter(None, "seed", ()).make(ONE, "ledger")
    algorithm, cost, salts, digest = text.split("$")
    assert (algorithm, cost) == ("scrypt", "14")
    stretch, entry = map(raw, salts.split("."))
    assert len(stretch) >= 12
    assert len(entry) >= 12
    slow = hashlib.scrypt(ONE.reveal().encode(), salt=stretch, n=2**14, r=8, p=1, maxmem=2**26, dklen=32)
    assert raw(digest) == hmac.digest(slow, entry, "sha256")


def test_the_keyed_text_names_its_key(calls: list[Any]) -> None:
    """The form is `hmac$KEYID$SALT$DIGEST`; another key gives another id, and the key itself is nowhere."""
    texts = [Fingerprinter(Secret(key), "seed", ()).make(ONE, "ledger") for key in ("key one", "key one", "key two")]
    assert all(re.fullmatch(r"hmac\$[0-9a-f]{8}\$[\w-]{16}\$[\w-]{43}", text) for text in texts)
    assert texts[0] == texts[1]
    assert texts[0].split("$")[1] != texts[2].split("$")[1]
    assert texts[0].split("$")[3] != texts[2].split("$")[3]


@pytest.mark.parametrize("key", [None, KEY])
def test_equal_secrets_look_different(key: Secret | None, calls: list[Any]) -> None:
    """Nobody sees in the lock that two webhooks share a secret, nor that it is a known one of another project."""
    fingerprinter = Fingerprinter(key, "seed", ())
    salts_and_digests = [fingerprinter.make(ONE, name).split("$")[2:] for name in ("a", "b")]
    assert salts_and_digests[0][0] != salts_and_digests[1][0]
    assert salts_and_digests[0][1] != salts_and_digests[1][1]
    elsewhere = Fingerprinter(None, "another seed", ()).make(ONE, "a")
    assert elsewhere.split("$")[3] != salts_and_digests[0][1]


@pytest.mark.parametrize("key", [None, KEY])
@settings(max_examples=25)
@given(secret=st.text(min_size=1), other=st.text(min_size=1), name=st.text())
def test_it_matches_its_secret_and_no_other(key: Secret | None, secret: str, other: str, name: str) -> None:
    """Whatever the secret and the name are; a fresh run with another seed compares alike."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "COST", 1)
        text = Fingerprinter(key, "seed", ()).make(Secret(secret), name)
        again = Fingerprinter(key, "other seed", [text])
        assert again.matches(Secret(secret), text)
        assert again.matches(Secret(other), text) == (secret == other)
        assert secret not in text or len(secret) < 6


def test_the_same_input_gives_the_same_text(calls: list[Any]) -> None:
    """Two plans of the same files have the same bytes, before and after there is a lock."""
    first = Fingerprinter(None, "seed", ()).make(ONE, "a")
    assert Fingerprinter(None, "seed", ()).make(ONE, "a") == first
    assert Fingerprinter(None, "changed files", [first]).make(ONE, "a") == first


def test_ten_thousand_webhooks_with_one_secret_cost_one_scrypt(calls: list[Any]) -> None:
    """The slow step is done once for each secret in a run, in planning and in comparing."""
    fingerprinter = Fingerprinter(None, "seed", ())
    texts = [fingerprinter.make(ONE, f"webhook-{number}") for number in range(10_000)]
    assert len(set(texts)) == 10_000
    assert len(calls) == 1
    later = Fingerprinter(None, "other", texts)
    assert all(later.matches(ONE, text) for text in texts)
    assert not later.matches(OTHER, texts[0])
    assert len(calls) == 3


def test_with_a_key_the_number_of_secrets_costs_nothing(calls: list[Any]) -> None:
    """Ten thousand different secrets need no more than the key's own stretching."""
    fingerprinter = Fingerprinter(KEY, "seed", ())
    assert all(fingerprinter.matches(secret, fingerprinter.make(secret, "a")) for secret in map(_numbered, range(500)))
    assert len(calls) == 1


def _numbered(number: int) -> Secret:
    return Secret(f"secret {number}")


def test_threads_share_the_slow_step(calls: list[Any]) -> None:
    """Workers that compare the same secret at the same time wait for one computation."""
    fingerprinter = Fingerprinter(None, "seed", ())
    threads = [threading.Thread(target=fingerprinter.make, args=(ONE, str(number))) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1


def test_a_guess_costs_a_scrypt(calls: list[Any]) -> None:
    """A dictionary is tried at one full scrypt a guess: every comparison of a new value runs it with its cost."""
    text = Fingerprinter(None, "seed", ()).make(ONE, "a")
    attacker = Fingerprinter(None, "", ())
    calls.clear()
    assert not any(attacker.matches(secret, text) for secret in map(_numbered, range(20)))
    assert len(calls) == 20
    assert {call[2:] for call in calls} == {(2**14, 8, 1)}


def test_other_parameters_in_the_text_are_honoured(calls: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A fingerprint of an older cost still compares, and is known to be outdated."""
    monkeypatch.setattr(module, "COST", 12)
    old = Fingerprinter(None, "seed", ()).make(ONE, "a")
    monkeypatch.undo()
    monkeypatch.setattr(
        hashlib,
        "scrypt",
        lambda password, *, salt, n, r, p, maxmem, dklen: REAL(
            password, salt=salt + str((n, r, p)).encode(), n=2, r=1, p=1, dklen=dklen
        ),
    )
    today = Fingerprinter(None, "seed", [old])
    assert today.matches(ONE, old)
    assert not today.matches(OTHER, old)
    assert today.outdated(old)
    assert not today.outdated(today.make(ONE, "a"))
    assert Fingerprinter(KEY, "seed", ()).outdated(today.make(ONE, "a"))
    assert not Fingerprinter(KEY, "seed", ()).outdated(Fingerprinter(KEY, "seed", ()).make(ONE, "a"))


def test_the_lock_s_usual_salt_is_gone_on_with(calls: list[Any]) -> None:
    """After a merge of two branches the salt that most webhooks have is used, and broken texts are passed over."""
    many = [Fingerprinter(None, "many", ()).make(ONE, str(number)) for number in range(3)]
    few = [Fingerprinter(None, "few", ()).make(ONE, str(number)) for number in range(2)]
    made = Fingerprinter(None, "seed", ["scrypt$14$broken", "", *few, *many]).make(ONE, "a")
    assert made.split("$")[2].split(".")[0] == many[0].split("$")[2].split(".")[0]


def test_a_missing_or_other_key_is_said_with_its_id(calls: list[Any]) -> None:
    """Without the key a comparison is an error that says which key is needed, never a difference."""
    text = Fingerprinter(KEY, "seed", ()).make(ONE, "a")
    key_id = text.split("$")[1]
    for key in (None, Secret("another key")):
        with pytest.raises(SecretError, match=key_id) as caught:
            Fingerprinter(key, "seed", [text]).matches(ONE, text)
        assert key_id in caught.value.hint
        assert caught.value.kind == "secret"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sha256$abc",
        "argon2$14$YWFhYWFhYWFhYWFh.YWFhYWFhYWFhYWFh$" + "A" * 43,
        "scrypt$14$YWFhYWFhYWFhYWFh$" + "A" * 43,
        "scrypt$30$YWFhYWFhYWFhYWFh.YWFhYWFhYWFhYWFh$" + "A" * 43,
        "scrypt$0$YWFhYWFhYWFhYWFh.YWFhYWFhYWFhYWFh$" + "A" * 43,
        "scrypt$-1$YWFhYWFhYWFhYWFh.YWFhYWFhYWFhYWFh$" + "A" * 43,
        "scrypt$14$YWFhYWFhYWFhYWFh.YWFhYWFhYWFhYWFh$",
        "scrypt$14$YWFhYWFhYWFhYWFh.YWFhYWFhYWFhYWFh$AAAA",
        "scrypt$14$!!!.YWFhYWFhYWFhYWFh$" + "A" * 43,
        "scrypt$14$YWFhYWFhYWFhYWFh.YWFhYWFhYWFhYWFh$" + "A" * 43 + "$more",
    ],
)
def test_unknown_forms_are_refused(text: str, calls: list[Any]) -> None:
    """A damaged, foreign or ruinously costly fingerprint is an error that says so, before any work is done."""
    with pytest.raises(SecretError, match="unknown form"):
        Fingerprinter(None, "seed", [text]).matches(ONE, text)
    assert calls == []


def test_half_a_character_has_a_fingerprint_too(calls: list[Any]) -> None:
    """A vendor's broken text neither crashes the comparison nor shows up in an error."""
    fingerprinter = Fingerprinter(None, "seed", ())
    assert fingerprinter.matches(Secret("abc\ud800"), fingerprinter.make(Secret("abc\ud800"), "a"))
