"""Forms in the dialects that vendors have, over sockets; `tests/manifests/shapes/formal.yaml` describes this one."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import yaml

from tests.cli.conftest import Run
from tests.loopback import Answer, Asked, served
from tests.wire.test_encode import parts_of

SHAPE = Path(__file__).parents[1] / "manifests" / "shapes" / "formal.yaml"


class Formal:
    """The vendor; `sent` is what stood in each body, and of what type it was."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.sent: list[tuple[str, list[tuple[str, str]]]] = []

    def answer(self, asked: Asked) -> Answer:
        """What it answers to one call."""
        kind = asked.headers.get("content-type", "")
        return Answer.of(*self._done(asked.method, asked.path, kind, asked.body))

    def _done(self, method: str, path: str, kind: str, content: bytes) -> tuple[int, Any]:
        if method == "GET":
            return 200, {"hooks": self.rows}
        parts = kind.startswith("multipart/")
        pairs = parts_of(kind, content) if parts else parse_qsl(content.decode())
        self.sent.append((kind.partition(";")[0], pairs))
        if method == "POST":
            types = [value for name, value in pairs if name == "event_types"]
            made = {"id": f"f{len(self.rows) + 1}", "types": types, "url": dict(pairs)["url"]}
            self.rows.append(made)
            return 201, made
        row = next(row for row in self.rows if path.endswith(f"/{row['id']}"))
        types = [value for name, value in pairs if name.startswith("event_types[")]
        row |= {"types": types} if types else {}
        row |= {name: json.loads(value) for name, value in pairs if name == "config"}
        return 200, row


def test_each_call_is_written_as_its_manifest_says(run: Run, tmp_path: Path) -> None:
    """Repeated keys make it, numbered keys and a JSON text in parts change it, and the next plan finds all in place."""
    vendor = Formal()
    (tmp_path / "own.yaml").write_text(SHAPE.read_text("utf-8"), "utf-8")
    with served(vendor.answer) as url:

        def apply(**hook: Any) -> None:
            own = {"type": "./own.yaml", "base_url": url, "auth": {"key": "env:KEY"}}
            whole = {"version": 1, "providers": {"own": own}, "webhooks": {"hook": hook}}
            (tmp_path / "webhooks.yaml").write_text(yaml.safe_dump(whole), "utf-8")
            for argv in (("apply", "--yes"), ("plan", "--detailed-exitcode")):
                result = run(*argv, env={"KEY": "key-of-the-account"})
                assert result.exit == 0, result

        apply(url="https://hooks.acme.com/x?a=1&b=2", events=["a", "b"])
        apply(url="https://hooks.acme.com/x?a=1&b=2", events=["b", "c"], description='say "ü"')
    made, changed = vendor.sent
    address = ("url", "https://hooks.acme.com/x?a=1&b=2")
    assert (made[0], sorted(made[1])) == (
        "application/x-www-form-urlencoded",
        [("event_types", "a"), ("event_types", "b"), address],
    )
    assert changed[0] == "multipart/form-data"
    pairs = dict(changed[1])
    assert json.loads(pairs.pop("config")) == {"label": 'say "ü"'}
    assert pairs == {"event_types[0]": "b", "event_types[1]": "c"}
