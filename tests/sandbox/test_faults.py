"""Faults: what the client sees, whether the vendor did the work, and the words that ask for them."""

import http.client
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.sandbox import KINDS, Fault, Sandbox, parse_faults
from tests.sandbox.client import Reply, send


@pytest.fixture
def vendor() -> Iterator[Any]:
    """A GitHub to spoil."""
    with Sandbox(["github"]) as box:
        yield box["github"]


def create(vendor: Any, url: str = "https://example.com/hook") -> Reply:
    """Create a hook."""
    headers = {"User-Agent": "test", "Authorization": f"Bearer {vendor.credentials['token']}"}
    return send(vendor.url, "POST", "/repos/acme/api/hooks", headers=headers, json_body={"config": {"url": url}})


@pytest.mark.parametrize(
    ("kind", "status", "done"),
    [
        ("500", 500, 0),
        ("commit-500", 500, 1),
        ("502", 502, 0),
        ("503", 503, 0),
        ("429", 429, 0),
        ("401", 401, 0),
        ("403", 403, 0),
        ("404", 404, 0),
        ("html", 200, 0),
        ("commit-html", 200, 1),
        ("empty", 200, 0),
        ("commit-empty", 200, 1),
        ("redirect", 307, 0),
    ],
)
def test_a_fault_answers_wrongly_and_commits_only_where_it_says_so(
    vendor: Any, kind: str, status: int, done: int
) -> None:
    """The status is the fault's, the work is done only for `commit-` kinds, and the next request is fine again."""
    vendor.fail(kind)
    assert create(vendor).status == status
    assert len(vendor.webhooks()) == done
    assert create(vendor, "https://example.com/next").status == 201


@pytest.mark.parametrize(("kind", "done"), [("drop-before", 0), ("drop-after", 1)])
def test_a_dropped_connection_gives_no_answer(vendor: Any, kind: str, done: int) -> None:
    """The client sees the end of the stream; after `drop-after` the hook exists all the same."""
    vendor.fail(kind, method="POST", path="/hooks")
    with pytest.raises(http.client.RemoteDisconnected):
        create(vendor)
    assert len(vendor.webhooks()) == done
    assert vendor.requests[0].status is None


def test_hang_closes_without_an_answer_and_slow_answers_late(vendor: Any) -> None:
    """`hang` ends in a closed connection with nothing done; `slow` ends in a correct answer."""
    vendor.fail("hang", value=0.01)
    vendor.fail("slow", value=0.01)
    with pytest.raises(http.client.RemoteDisconnected):
        create(vendor)
    assert vendor.webhooks() == []
    assert create(vendor).status == 201


def test_half_json_is_whole_as_http_and_broken_as_json(vendor: Any) -> None:
    """The body's length is honest, and what it holds does not parse."""
    vendor.fail("commit-half-json")
    reply = create(vendor)
    assert reply.status == 201
    assert int(reply.headers["Content-Length"]) == len(reply.body)
    with pytest.raises(ValueError, match=r".+"):
        reply.json()
    assert len(vendor.webhooks()) == 1


def test_huge_streams_as_much_as_asked(vendor: Any) -> None:
    """The body of `huge` has the asked number of MiB."""
    vendor.fail("huge", value=2)
    assert len(create(vendor).body) == 2 * 2**20 + 2


def test_rate_limits_say_when_to_come_back(vendor: Any) -> None:
    """Seconds, a date, or an epoch, each relative to the vendor's clock."""
    now = time.time() + 5000
    vendor.clock = lambda: now
    vendor.fail("429", value=7)
    assert create(vendor).headers["Retry-After"] == "7"
    vendor.fail("429-date", value=60)
    assert parsedate_to_datetime(create(vendor).headers["Retry-After"]).timestamp() == int(now + 60)
    vendor.fail("429-reset", value=60)
    reply = create(vendor)
    assert (reply.headers["X-RateLimit-Remaining"], reply.headers["X-RateLimit-Reset"]) == ("0", str(int(now + 60)))
    vendor.fail("403-retry", value=3)
    reply = create(vendor)
    assert (reply.status, reply.headers["Retry-After"]) == (403, "3")


def test_a_redirect_leads_to_another_origin(vendor: Any) -> None:
    """The Location has the same path at the origin that the fault names."""
    vendor.fail("redirect", value=301, to="http://127.0.0.1:9/")
    reply = create(vendor)
    assert (reply.status, reply.headers["Location"]) == (301, "http://127.0.0.1:9/repos/acme/api/hooks")


def test_a_fault_meets_only_its_method_and_path_as_often_as_told(vendor: Any) -> None:
    """Other requests pass; `skip` lets some through first; `times` counts; None means always."""
    vendor.fail("500", method="GET")
    vendor.fail("500", path="/orgs/")
    vendor.fail("500", method="POST", skip=1, times=2)
    assert [create(vendor, f"https://example.com/{turn}").status for turn in range(4)] == [201, 500, 500, 201]
    vendor.fail("503", times=None)
    assert {create(vendor).status for _ in range(5)} == {503}
    vendor.faults.clear()
    assert create(vendor, "https://example.com/after").status == 201


def test_the_grammar_of_faults() -> None:
    """A specification names vendor, kind, number, method, path, times and what to skip, in any order after the kind."""
    found = parse_faults("github:drop-after:POST:2, cryptofuse:429=5:/user/me/,github:commit-500:always:+3")
    assert found == {
        "github": (Fault("drop-after", method="POST", times=2), Fault("commit-500", times=None, skip=3)),
        "cryptofuse": (Fault("429", path="/user/me/", value=5.0),),
    }
    assert parse_faults("") == {}


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("gihub:500", "did you mean 'github'"),
        ("github", "names no kind"),
        ("github:", "names no kind"),
        ("github:drop-aftr", "did you mean 'drop-after'"),
        ("github:500:FETCH", "'FETCH' is no METHOD"),
        ("github:429=soon", "'soon' is no number"),
        ("github:500:0", "times must be 1 or more"),
        ("github:redirect=200", "301, 302"),
        ("github:hang=-1", "not negative"),
    ],
)
def test_a_wrong_specification_says_what_would_be_right(spec: str, words: str) -> None:
    """Each mistake in `--faults` is a ValueError that names it."""
    with pytest.raises(ValueError, match=words):
        parse_faults(spec)


@given(
    st.sampled_from(sorted(KINDS)),
    st.sampled_from(["", "commit-"]),
    st.sampled_from([None, "GET", "POST"]),
    st.sampled_from(["", "/hooks"]),
    st.none() | st.integers(1, 9),
    st.integers(0, 9),
)
def test_written_faults_read_back(
    kind: str, commit: str, method: str | None, path: str, times: int | None, skip: int
) -> None:
    """Whatever can be asked for in code can be asked for on the command line."""
    options = [method, path, "always" if times is None else str(times), f"+{skip}"]
    spec = ":".join(["github", commit + kind, *filter(None, options)])
    assert parse_faults(spec) == {"github": (Fault(commit + kind, method, path, times, skip=skip),)}


def test_latency_holds_for_every_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request waits the sandbox's latency before anything else."""
    with Sandbox(["github"], latency=0.25) as box:
        waited: list[float] = []
        monkeypatch.setattr(box["github"].stopping, "wait", waited.append)
        create(box["github"])
        create(box["github"])
        assert waited == [0.25, 0.25]
