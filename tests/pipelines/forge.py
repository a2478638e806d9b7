"""The part of GitHub's API that the examples use, on loopback, strict: what it does not know, it refuses and remembers.

Used by the tests of this folder. A token may do what its job's `permissions:` say, and nothing else. Calls about
webhooks go on to the simulated vendor, which is the same API: one token of ours may read there, the other may write.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from tests.loopback import Answer, Asked, Server

LONGEST = 65_536
BOT = "github-actions[bot]"
REPOSITORY = "acme/hooks"
HOOKS_READ, HOOKS_WRITE = "hooks-read-0123", "hooks-write-4567"


class Refused(Exception):
    """A call that GitHub would refuse.

    Args:
        status: of the answer.
        why: what is wrong with the call.
    """

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Call(NamedTuple):
    """A call that was let in: its words, its query, its JSON, and what its token may do."""

    words: tuple[str, ...]
    query: dict[str, str]
    body: dict[str, Any]
    may: Mapping[str, str]

    def needs(self, *permissions: str) -> None:
        """One of these permissions, `NAME: read` or `NAME: write`.

        Raises:
            Refused: the token has none of them.
        """
        for permission in permissions:
            name, level = permission.split(": ")
            if self.may.get(name) in (level, "write"):
                return
        raise Refused(403, f"{self.words} needs {permissions}")

    def takes(self, *names: str, query: tuple[str, ...] = ()) -> None:
        """Nothing but these keys of a body and words of a query.

        Raises:
            Refused: there is something else.
        """
        extra = ({*self.body} - {*names}) | ({*self.query} - {*query})
        if extra or int(self.query.get("per_page", 30)) > 100:
            raise Refused(422, f"{self.words} does not take {sorted(extra)}")
        if len(self.body.get("body", "")) > LONGEST:
            raise Refused(422, "the body is too long")


class Forge:
    """The API, and what is kept behind it.

    Args:
        vendor: the address of the simulated vendor.
        token: what that lets in.
    """

    def __init__(self, vendor: str, token: str) -> None:
        self.server = Server(self._answer)
        self.url = self.server.url
        self.wrong: list[str] = []
        self.comments: list[dict[str, Any]] = []
        self.issues: list[dict[str, Any]] = []
        self.pulls: list[dict[str, Any]] = []
        self.runs: list[dict[str, Any]] = []
        self.artifacts: list[dict[str, Any]] = []
        self.failing = ""
        self._vendor, self._vendor_token = vendor, token
        self._tokens: dict[str, Mapping[str, str]] = {}
        self._last = 100

    def mint(self, permissions: Mapping[str, str]) -> str:
        """The token of one job."""
        token = f"ghs_{self.number()}"
        self._tokens[token] = permissions
        return token

    def number(self) -> int:
        """A number that nothing else here has."""
        self._last += 1
        return self._last

    def say(self, number: int, body: str, login: str) -> dict[str, Any]:
        """A comment that somebody writes."""
        comment = {"id": self.number(), "issue": number, "body": body, "user": {"login": login}}
        self.comments.append(comment)
        return comment

    def keep(self, run: int, name: str, files: Mapping[str, bytes]) -> None:
        """An artefact of a run."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for path, data in files.items():
                archive.writestr(path, data)
        kept = {"id": self.number(), "name": name, "expired": False, "run": run, "data": packed.getvalue()}
        self.artifacts.append(kept)

    def _answer(self, asked: Asked) -> Answer:
        path, _, query = asked.path.partition("?")
        if path.startswith("/blob/"):
            return self._blob(asked, path)
        if re.fullmatch(r"/repos/[^/]+/[^/]+/hooks(/.*)?", path):
            return self._hooks(asked)
        try:
            if self.failing and re.search(self.failing, f"{asked.method} {path}"):
                return Answer(403, b"{}")  # what a limit of calls is answered with; curl does not wait for it
            return self._known(asked, path, dict(parse_qsl(query, strict_parsing=True)) if query else {})
        except Refused as refused:
            self.wrong.append(f"{asked.method} {asked.path}: {refused}")
            return Answer(refused.status, json.dumps({"message": str(refused)}).encode())

    def _known(self, asked: Asked, path: str, query: dict[str, str]) -> Answer:
        scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self._tokens:
            raise Refused(401, "bad credentials")
        if "X-GitHub-Api-Version" not in asked.headers:
            raise Refused(400, "no version was named")
        body = json.loads(asked.body) if asked.body else {}
        for pattern, route in _ROUTES.items():
            if found := re.fullmatch(pattern, f"{asked.method} {path}"):
                return route(self, Call(found.groups(), query, body, self._tokens[token]))
        raise Refused(404, "not found")

    def _hooks(self, asked: Asked) -> Answer:
        token = asked.headers.get("Authorization", "").rpartition(" ")[2]
        if token != HOOKS_WRITE and not (token == HOOKS_READ and asked.method == "GET"):
            return Answer(403 if token == HOOKS_READ else 401, b'{"message": "Resource not accessible"}')
        onward = HTTPConnection(urlsplit(self._vendor).netloc, timeout=30)
        headers = {name: value for name, value in asked.headers.items() if name.lower() not in ("host", "connection")}
        headers["Authorization"] = f"Bearer {self._vendor_token}"
        onward.request(asked.method, asked.path, asked.body or None, headers)
        answer = onward.getresponse()
        data = answer.read()
        kept = {name: value for name, value in answer.getheaders() if name.lower() not in _OURS}
        onward.close()
        return Answer(answer.status, data, {key: value.replace(self._vendor, self.url) for key, value in kept.items()})

    def _blob(self, asked: Asked, path: str) -> Answer:
        if "Authorization" in asked.headers:
            self.wrong.append("the token went to where artefacts lie")
            return Answer(400, b"")
        kept = next(each for each in self.artifacts if path == f"/blob/{each['id']}")
        return Answer(200, kept["data"], {"Content-Type": "application/zip"})

    # What each address does

    def list_comments(self, call: Call) -> Answer:
        """Comments of an issue or of a pull request."""
        call.needs("issues: read", "pull-requests: read")
        call.takes(query=("per_page", "page"))
        return _page(call, [each for each in self.comments if each["issue"] == int(call.words[0])])

    def add_comment(self, call: Call) -> Answer:
        """A new one."""
        number = int(call.words[0])
        call.needs("issues: write", *(["pull-requests: write"] if self._is_pull(number) else []))
        call.takes("body")
        return _created(self.say(number, call.body["body"], BOT))

    def edit_comment(self, call: Call) -> Answer:
        """One that exists; a bot may not write over what a person said."""
        comment = _one(self.comments, "id", call.words[0])
        call.needs("issues: write", *(["pull-requests: write"] if self._is_pull(comment["issue"]) else []))
        call.takes("body")
        if comment["user"]["login"] != BOT:
            raise Refused(403, "this comment is another's")
        comment["body"] = call.body["body"]
        return _shown(comment)

    def list_issues(self, call: Call) -> Answer:
        """Issues; pull requests are among them."""
        call.needs("issues: read")
        call.takes(query=("state", "per_page", "page"))
        pulls = [
            {"number": each["number"], "state": "open", "pull_request": {}, "body": "", **_BY} for each in self.pulls
        ]
        return _page(call, [*pulls, *(each for each in self.issues if each["state"] == call.query["state"])])

    def add_issue(self, call: Call) -> Answer:
        """A new one."""
        call.needs("issues: write")
        call.takes("title", "body")
        issue = {"number": self.number(), "state": "open", **call.body, **_BY}
        self.issues.append(issue)
        return _created(issue)

    def edit_issue(self, call: Call) -> Answer:
        """One that exists."""
        call.needs("issues: write")
        call.takes("title", "body", "state", "state_reason")
        issue = _one(self.issues, "number", call.words[0])
        issue |= call.body
        return _shown(issue)

    def show_pull(self, call: Call) -> Answer:
        """A pull request."""
        call.needs("pull-requests: read")
        return _shown(_one(self.pulls, "number", call.words[0]))

    def pulls_of_commit(self, call: Call) -> Answer:
        """The pull requests that have a commit."""
        call.needs("pull-requests: read")
        call.takes(query=("per_page", "page"))
        return _shown([each for each in self.pulls if call.words[0] in (each["merge_commit_sha"], each["head"]["sha"])])

    def list_runs(self, call: Call) -> Answer:
        """Runs of a workflow."""
        call.needs("actions: read")
        call.takes(query=("head_sha", "event", "status", "per_page"))
        found = [
            run
            for run in self.runs
            if run["path"] == f".github/workflows/{call.words[0]}"
            and (run["head_sha"], run["event"], run["conclusion"])
            == (call.query["head_sha"], call.query["event"], call.query["status"])
        ]
        return _shown({"total_count": len(found), "workflow_runs": found})

    def list_artifacts(self, call: Call) -> Answer:
        """What a run has left."""
        call.needs("actions: read")
        call.takes(query=("name", "per_page"))
        found = [
            each for each in self.artifacts if (str(each["run"]), each["name"]) == (*call.words, call.query["name"])
        ]
        return _shown({"artifacts": [{key: each[key] for key in ("id", "name", "expired")} for each in found]})

    def lead_to_artifact(self, call: Call) -> Answer:
        """Where an artefact lies: at another host, that must not get the token."""
        call.needs("actions: read")
        kept = _one(self.artifacts, "id", call.words[0])
        return Answer(302, b"", {"Location": f"{self.url.replace('127.0.0.1', 'localhost')}/blob/{kept['id']}"})

    def _is_pull(self, number: int) -> bool:
        return any(each["number"] == number for each in self.pulls)


_BY = {"user": {"login": BOT}}
_OURS = ("connection", "content-length", "transfer-encoding", "date", "server")
_HERE = f"/repos/{REPOSITORY}"
_ROUTES: dict[str, Callable[[Forge, Call], Answer]] = {
    rf"GET {_HERE}/issues/(\d+)/comments": Forge.list_comments,
    rf"POST {_HERE}/issues/(\d+)/comments": Forge.add_comment,
    rf"PATCH {_HERE}/issues/comments/(\d+)": Forge.edit_comment,
    rf"GET {_HERE}/issues": Forge.list_issues,
    rf"POST {_HERE}/issues": Forge.add_issue,
    rf"PATCH {_HERE}/issues/(\d+)": Forge.edit_issue,
    rf"GET {_HERE}/pulls/(\d+)": Forge.show_pull,
    rf"GET {_HERE}/commits/([0-9a-f]{{40}})/pulls": Forge.pulls_of_commit,
    rf"GET {_HERE}/actions/workflows/([\w.-]+)/runs": Forge.list_runs,
    rf"GET {_HERE}/actions/runs/(\d+)/artifacts": Forge.list_artifacts,
    rf"GET {_HERE}/actions/artifacts/(\d+)/zip": Forge.lead_to_artifact,
}


def _one(among: list[dict[str, Any]], key: str, value: str) -> dict[str, Any]:
    for each in among:
        if str(each[key]) == value:
            return each
    raise Refused(404, f"there is no {key} {value}")


def _page(call: Call, whole: list[dict[str, Any]]) -> Answer:
    size, page = int(call.query.get("per_page", 30)), int(call.query.get("page", 1))
    return _shown(whole[(page - 1) * size : page * size])


def _shown(value: Any) -> Answer:
    return Answer(200, json.dumps(value).encode())


def _created(value: Any) -> Answer:
    return Answer(201, json.dumps(value).encode())
