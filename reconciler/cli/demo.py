"""`whsync demo`: the whole story against simulated vendors, in a temporary folder; each step is a command line."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from reconciler.cli.context import Context
from reconciler.cli.options import command as declare
from reconciler.errors import EXIT_DIFFERENCES, EXIT_ERROR, EXIT_FINE
from reconciler.sandbox import Sandbox
from reconciler.trust.level import OPEN_WORD

CONFIG = """\
version: 1
providers:
  github:
    base_url: ${DEMO_GITHUB}
    scope: {owner: acme}
  coinbase:
    type: coinbase-payments
    base_url: ${DEMO_COINBASE}
    auth: {token: "env:DEMO_COINBASE_TOKEN"}
  cryptofuse:
    base_url: ${DEMO_CRYPTOFUSE}
    auth: {client_id: "env:DEMO_CRYPTOFUSE_ID", client_secret: "env:DEMO_CRYPTOFUSE_SECRET"}
  cryptopocket:
    base_url: ${DEMO_CRYPTOPOCKET}
    auth: {api_key: "env:DEMO_CRYPTOPOCKET_KEY", api_secret: "env:DEMO_CRYPTOPOCKET_SECRET"}
policy:
  allowed_hosts: ["*.acme.com"]
webhooks:
  ci:
    provider: github
    for_each: {repo: [api, web]}
    scope: {repo: "${each.repo}"}
    url: https://ci.acme.com/hooks
    events: [push, pull_request]
    options: {content_type: json}
    secret: {from: "env:DEMO_CI_SECRET"}
  ledger:
    provider: coinbase
    url: https://hooks.acme.com/coinbase
    events: [EVENT_TYPE_PAYMENT_CAPTURED]
    status: active
    description: Ledger ingestion
    secret: {to: "file:./secrets/ledger"}
  wallet:
    provider: cryptofuse
    url: https://hooks.acme.com/cryptofuse
    secret: {to: "file:./secrets/wallet"}
  payments:
    provider: cryptopocket
    url: https://hooks.acme.com/cryptopocket
    events: [PAY_IN]
"""

_LOOKS = ("WHSYNC_NO_COLOR",)
"""The variables of the user's that only change how the demo looks."""


@declare("demo", examples=["whsync demo"])
def command(whsync: Context) -> int:
    """Plan, apply, drift, convergence, rotation and a report, against simulated vendors on this machine."""
    with tempfile.TemporaryDirectory(prefix="whsync-demo-") as folder, Sandbox() as box:
        story = _Story(whsync, Path(folder), box)
        with _environment(variables(box)):
            told = story.tell()
    if told:
        whsync.out(
            "\nThat was all of it, on simulated vendors; nothing was left behind. Next: examples/01-one-webhook."
        )
    return EXIT_FINE if told else EXIT_ERROR


def variables(box: Sandbox) -> dict[str, str]:
    """What the demo's configuration takes from the environment, at these vendors."""
    coinbase, fuse, pocket = box["coinbase-payments"], box["cryptofuse"], box["cryptopocket"]
    return {
        "DEMO_GITHUB": box["github"].url,
        "GITHUB_TOKEN": box["github"].credentials["token"],
        "DEMO_COINBASE": coinbase.url,
        "DEMO_COINBASE_TOKEN": coinbase.credentials["token"],
        "DEMO_CRYPTOFUSE": fuse.url,
        "DEMO_CRYPTOFUSE_ID": fuse.credentials["client_id"],
        "DEMO_CRYPTOFUSE_SECRET": fuse.credentials["client_secret"],
        "DEMO_CRYPTOPOCKET": pocket.url,
        "DEMO_CRYPTOPOCKET_KEY": pocket.credentials["api_key"],
        "DEMO_CRYPTOPOCKET_SECRET": pocket.credentials["api_secret"],
        "WHSYNC_TRUST": OPEN_WORD,  # the files are ours, also where a pull request of somebody else's is checked
        "DEMO_CI_SECRET": "the first secret of the demo",
    }


class _Story:
    """The steps, each a heading, a command line as a user would type it, and the exit code it must have."""

    def __init__(self, whsync: Context, folder: Path, box: Sandbox) -> None:
        self._whsync, self._folder, self._box = whsync, folder, box
        self._config = folder / "webhooks.yaml"
        self._step = 0

    def tell(self) -> bool:
        """Whether every step went as it should."""
        self._config.write_text(CONFIG, encoding="utf-8")
        return all(self._steps())

    def _steps(self) -> Iterator[bool]:
        yield self._run("Four vendors hold nothing yet. What would an apply do?", "plan")
        yield self._run("Do it. Issued secrets go to their files before anything is called done.", "apply", "--yes")
        yield self._run("Once more: nothing is left to do, so nothing is written.", "apply", "--yes")
        self._click()
        yield self._run("Someone clicked in two dashboards. Who notices?", "drift", expect=EXIT_DIFFERENCES)
        yield self._run("The plan says what moved, and why.", "plan", "--detailed-exitcode", expect=EXIT_DIFFERENCES)
        yield self._run("Converge.", "apply", "--yes")
        os.environ["DEMO_CI_SECRET"] = "the second secret of the demo"
        self._config.write_text(CONFIG.replace("[PAY_IN]", "[PAY_IN, COINS_SENT]"), encoding="utf-8")
        report = str(self._folder / "plan.json")
        yield self._run(
            "The CI secret is rotated, and payments gets one more event. A report is written beside the text.",
            *("plan", "--report", f"json={report}"),
        )
        yield self._run("Apply that.", "apply", "--yes")
        yield self._run("The report again, as an auditor would open it.", "show", report)
        yield self._run("What the lock knows: ids and fingerprints, no secret.", "state", "list")
        yield self._run("In sync, except what this one vendor never shows.", "plan", "--detailed-exitcode")

    def _click(self) -> None:
        github, coinbase = self._box["github"], self._box["coinbase-payments"]
        github.edit(github.webhooks()[0]["id"], events=["push"])
        coinbase.edit(coinbase.webhooks()[0]["id"], status="WEBHOOK_STATUS_DEACTIVATED")

    def _run(self, heading: str, *words: str, expect: int = EXIT_FINE) -> bool:
        from reconciler.cli.main import main

        self._step += 1
        shown = " ".join(word.replace(f"{self._folder}{os.sep}", "") for word in words)
        title = self._whsync.style().paint(f"{self._step}. {heading}", "strong")
        self._whsync.out(f"\n{title}\n$ whsync {shown}\n")
        code = main([words[0], *words[1:], "-c", str(self._config)])
        if code != expect:
            self._whsync.err(f"whsync {shown} ended with {code}, not with {expect}")
        return code == expect


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """These variables for a while, and none that means the user's own lock or files; what was there comes back."""
    before = dict(os.environ)
    for name in before:
        if name.startswith("WHSYNC_") and name not in _LOOKS:
            del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in variables.keys() - before.keys():
            os.environ.pop(name, None)
        os.environ.update(before)
