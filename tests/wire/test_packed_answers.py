"""Answers that are packed: whole or refused, and never larger than the cap."""

import gzip
import tracemalloc

import httpx
import pytest

from tests.wire.support import send

GZIP = {"content-encoding": "gzip"}


@pytest.mark.parametrize("size", [1000, 1001])
def test_the_cap_counts_what_is_unpacked(size: int) -> None:
    """A small packed answer cannot become a huge one; one of exactly the cap is fine."""
    packed = gzip.compress(b"x" * size)
    vendor = httpx.MockTransport(lambda _: httpx.Response(200, content=packed, headers=GZIP))
    reply = send("https://a.test", transport=vendor, largest=1000).reply
    assert (reply.status, len(reply.body)) == ((200, 1000) if size == 1000 else (0, 0))


@pytest.mark.parametrize("piece", [1, 7, 1000])
@pytest.mark.parametrize("between", [b"", bytes(9)], ids=["close", "padded"])
def test_members_that_follow_each_other_are_one_answer(piece: int, between: bytes) -> None:
    """A body that was packed in several members is whole, wherever the network cuts it."""
    packed = between.join(map(gzip.compress, [b"[1,", b"", b"2]"])) + between
    stream = iter([packed[at : at + piece] for at in range(0, len(packed), piece)])
    vendor = httpx.MockTransport(lambda _: httpx.Response(200, content=stream, headers=GZIP))
    assert send("https://a.test", transport=vendor).reply.body == b"[1,2]"


@pytest.mark.parametrize("rest", [b"and more", gzip.compress(b"2]")[:-1]], ids=["something else", "half a member"])
def test_what_follows_a_member_is_not_left_out(rest: bytes) -> None:
    """What cannot be unpacked makes the answer none, rather than a shorter one."""
    packed = gzip.compress(b"[1,") + rest
    vendor = httpx.MockTransport(lambda _: httpx.Response(200, stream=httpx.ByteStream(packed), headers=GZIP))
    assert send("https://a.test", transport=vendor).reply.status == 0


def test_a_bomb_is_not_unpacked() -> None:
    """An answer that would unpack to far more than the cap never takes that much memory."""
    packed = gzip.compress(bytes(20 << 20))
    vendor = httpx.MockTransport(lambda _: httpx.Response(200, stream=httpx.ByteStream(packed), headers=GZIP))
    tracemalloc.start()
    sent = send("https://a.test", transport=vendor, largest=1000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent.reply.failure == "the answer is larger than 1000 bytes"
    assert peak < 5 << 20


@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "zstd"])
def test_packings_that_were_not_asked_for_are_refused(coding: str) -> None:
    """An answer in a packing that is not understood is no answer, rather than rubbish."""
    vendor = httpx.MockTransport(lambda _: httpx.Response(200, content=b"x", headers={"content-encoding": coding}))
    assert send("https://a.test", transport=vendor).reply.status == 0


def test_an_empty_answer_may_claim_a_packing() -> None:
    """A 204 that says gzip is whole."""
    vendor = httpx.MockTransport(lambda _: httpx.Response(204, headers={"content-encoding": "gzip"}))
    assert send("https://a.test", transport=vendor).reply.status == 204
