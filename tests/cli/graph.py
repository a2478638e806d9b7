"""A GraphQL vendor on loopback; it speaks as `tests/manifests/shapes/graph.yaml` describes it."""

from typing import Any

from tests.cli.keys import Vendor

TEAM = "team-1"


class Graph(Vendor):
    """All its calls are a POST to one path.

    Attributes:
        size: of a page.
        queries: what was asked, by the first name in each query: `webhooks`, `webhookCreate`.
        failing: names of queries that are answered with a GraphQL error inside 200.
        broken: statuses that the next calls are answered with instead, one by one.
    """

    kind = "graph"

    def __init__(self) -> None:
        super().__init__()
        self.size = 2
        self.queries: list[str] = []
        self.failing: set[str] = set()
        self.broken: list[int] = []

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """A status and a document."""
        if (method, path) != ("POST", ["graphql"]):
            return 404, {"errors": [{"message": "no such path"}]}
        name = body["query"].partition("{")[2].replace("(", " ").split()[0]
        self.queries.append(name)
        if self.broken:
            return self.broken.pop(0), None
        if name in self.failing:
            return 200, {"data": None, "errors": [{"message": f"{name} is refused"}]}
        return 200, {"data": {name: self._done(name, body.get("variables") or {})}}

    def _done(self, name: str, variables: dict[str, Any]) -> Any:
        match name:
            case "webhooks":
                mine = [row for row in self.rows if row["teamId"] == variables["team"]]
                after = int(variables.get("after", 0))
                page = mine[after : after + self.size]
                info = {"endCursor": str(after + self.size), "hasNextPage": len(mine) > after + self.size}
                return {"nodes": page, "pageInfo": info}
            case "webhook":
                return next((row for row in self.rows if row["id"] == variables["id"]), None)
            case "webhookCreate":
                row = {"id": f"g{len(self.secrets) + 1}", "enabled": True, **variables["input"]}
                self.rows.append(row)
                self.secrets[row["id"]] = "none of ours"
                return {"success": True, "webhook": row}
            case "webhookUpdate":
                self.row(variables["id"]).update(variables["input"])
                return {"success": True, "webhook": self.row(variables["id"])}
            case "webhookDelete":
                self.rows.remove(self.row(variables["id"]))
                return {"success": True}
            case _:
                return {"id": "viewer"}

    def since(self) -> list[str]:
        """What was asked since the last look."""
        asked, self.queries = self.queries, []
        return asked
