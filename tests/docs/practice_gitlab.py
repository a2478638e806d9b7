"""A small GitLab on loopback: a group with projects, and their webhooks. Used by the test of examples/15-whole-group.

As its own pages have it: a flag for each event, 201 with the whole hook, 204 for a deletion, and a token that no read
shows and that a new URL takes away. https://docs.gitlab.com/api/project_webhooks/
"""

from typing import Any
from urllib.parse import unquote

from tests.cli.keys import Vendor

EVENTS = ("push", "merge_requests", "issues", "tag_push", "pipeline", "releases")
FLAGS = tuple(f"{event}_events" for event in EVENTS)


class PracticeGitLab(Vendor):
    """See the module.

    Attributes:
        projects: paths below the group `acme`; `hooks`: each project's, by its path and then their number.
        tokens: the secret token of each hook, by its number.
    """

    kind = "gitlab"

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.projects = {f"acme/{name}": number for number, name in enumerate(names, 1)}
        self.hooks: dict[str, dict[int, dict[str, Any]]] = {path: {} for path in self.projects}
        self.tokens: dict[int, str | None] = {}

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """A status and a document."""
        path = [unquote(part) for part in "/".join(path).partition("?")[0].split("/")]
        match method, path:
            case "GET", ["user"]:
                return 200, {"id": 7, "username": "webhooks"}
            case "GET", ["groups", "acme", "projects"]:
                return 200, [self.shown(path) for path in self.projects]
            case "GET", ["projects", project] if project in self.projects:
                return 200, self.shown(project)
            case "GET", ["projects", project, "hooks"] if project in self.projects:
                return 200, list(self.hooks[project].values())
            case "POST", ["projects", project, "hooks"] if project in self.projects:
                return 201, self.hang(project, **body)
            case "PUT", ["projects", project, "hooks", number] if int(number) in self.hooks.get(project, {}):
                hook = self.hooks[project][int(number)]
                if body["url"] != hook["url"]:
                    self.tokens[hook["id"]] = None
                self.tokens[hook["id"]] = body.pop("token", self.tokens[hook["id"]])
                hook.update(body)
                return 200, hook
            case "DELETE", ["projects", project, "hooks", number] if int(number) in self.hooks.get(project, {}):
                del self.hooks[project][int(number)]
                return 204, None
            case _:
                return 404, {"message": "404 Not Found"}

    def shown(self, path: str) -> dict[str, Any]:
        """A project as lists and reads show it."""
        facts = {"archived": path.endswith("-archived"), "visibility": "private", "topics": []}
        return {"id": self.projects[path], "path_with_namespace": path, **facts}

    def hang(self, project: str, **fields: Any) -> dict[str, Any]:
        """One more webhook of a project."""
        number = len(self.tokens) + 1
        self.tokens[number] = fields.pop("token", None)
        usual = dict.fromkeys(FLAGS, False) | {"push_events": True, "enable_ssl_verification": True}
        self.hooks[project][number] = {"id": number, "created_at": "2020-01-01T00:00:00Z", **usual, **fields}
        return self.hooks[project][number]

    def urls(self) -> dict[str, list[str]]:
        """Where the webhooks of each project lead."""
        return {path: sorted(hook["url"] for hook in hooks.values()) for path, hooks in self.hooks.items()}
