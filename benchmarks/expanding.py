"""What it costs to fill webhooks in from rows: `python -m benchmarks.expanding COUNT` in a folder of its own.

Prints CPU seconds as JSON: of so many webhooks that are written out, and of the same ones from rows with events, ids
and secrets of their own, a tenth of them with an override.
"""

import json
import sys
import time
from pathlib import Path

from reconciler.config.load import load
from reconciler.providers.registry import Registry

_HEAD = "version: 1\nproviders: {github: {scope: {owner: acme}}}\n"
_REST = "    options: {content_type: json}\n"


def main() -> None:
    """Load both, three times each in turn, and print the cheapest."""
    count = int(sys.argv[1])
    files = {"plain": Path("plain.yaml"), "rows": Path("rows.yaml")}
    files["plain"].write_text(_plain(count), encoding="utf-8")
    files["rows"].write_text(_rows(count), encoding="utf-8")
    costs = {name: min(_cost(path, count) for _ in range(3)) for name, path in files.items()}
    print(json.dumps(costs))


def _cost(path: Path, count: int) -> float:
    begun = time.process_time()
    found = load([path], {"GITHUB_TOKEN": "made-up"}, Registry()).desired
    assert len(found) == count
    return time.process_time() - begun


def _plain(count: int) -> str:
    blocks = (
        f"  hook-{number}:\n    scope: {{repo: repository-{number}}}\n    url: https://ci.acme.com/{number}\n"
        f"    events: [push, pull_request]\n    secret: {{from: 'env:SECRET_{number}'}}\n{_REST}"
        for number in range(count)
    )
    return f"{_HEAD}webhooks:\n{''.join(blocks)}"


def _rows(count: int) -> str:
    rows = (
        f"    - {{repo: repository-{number}, id: {number}, events: [push, pull_request],"
        f" secret: 'env:SECRET_{number}'}}\n"
        for number in range(count)
    )
    return (
        f"{_HEAD}webhooks:\n  hook:\n    for_each:\n{''.join(rows)}"
        '    scope: {repo: "${each.repo}"}\n    url: https://ci.acme.com/${each.id}\n    events: ${each.events}\n'
        f'    secret: {{from: "${{each.secret}}"}}\n{_REST}    override:\n      "*5": {{status: inactive}}\n'
    )


if __name__ == "__main__":
    main()
