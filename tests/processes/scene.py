"""A user's folder, five accounts at four simulated vendors, and `whsync` as processes; used by every test here.

Two stories: the FIRST apply makes everything, the SECOND changes everything (other URLs, events, secrets and states, a
webhook more, one less, one under a new name).
"""

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from reconciler.sandbox import Sandbox
from tests.processes.forks import FINGERPRINT_KEY, Ended, Forks
from tests.waiting import PATIENCE, until

Block = dict[str, Any]
OUR_SECRET, OUR_NEXT_SECRET = "ours-5bd2f0c7a1", "ours-next-88c1e4d96b"


def webhooks(first: bool = True) -> dict[str, Block]:
    """What is declared: of the first story, or of the second."""
    version = "v1" if first else "v2"

    def block(provider: str, path: str, **more: Any) -> Block:
        return {"provider": provider, "url": f"https://hooks.acme.com/{path}/{version}", **more}

    ours = {"from": "env:CI_SECRET"}
    made = {"generate": 24, "to": "file:./secrets/deploy"}
    events = ["push"] if first else ["push", "release"]
    renamed = {"early": {}} if first else {"late": {"lifecycle": {"was": ["early"]}}}
    ledger = {"status": "inactive" if first else "active", "description": version}
    declared = {
        "ci": block("github", "ci", for_each={"repo": ["api", "web"]}, scope={"repo": "${each.repo}"}, secret=ours),
        "deploy": block("github", "deploy", scope={"repo": "ops"}, secret=made),
        "ledger": block("coinbase", "ledger", secret={"to": "env-file:./secrets/all.env#LEDGER"}, **ledger),
        "blind": block("blind", "blind", secret={"to": "file:./secrets/blind"}),
        "wallet": block("cryptofuse", "wallet", secret={"to": "file:./secrets/wallet"}),
        "payments": block("cryptopocket", "payments", events=["PAY_IN", "COINS_SENT"]),
        **{name: block("github", "early", scope={"repo": "web"}, **more) for name, more in renamed.items()},
    }
    for name in ("ci", "deploy", *renamed):
        declared[name]["events"] = events
    for name in ("ledger", "blind"):
        declared[name]["events"] = ["EVENT_TYPE_PAYMENT_CAPTURED"]
    if first:
        declared["gone"] = block("github", "gone", scope={"repo": "ops"}, events=events)
    else:
        declared["extra"] = block("github", "extra", scope={"repo": "api"}, events=events, secret=ours)
        declared["payments"]["events"] = ["PAY_IN", "COINS_SENT", "CRYPTO_RECEIVED"]
    return declared


class Scene:
    """A folder with a configuration, and everything around it; closed by the `with` of its maker."""

    def __init__(self, folder: Path, forks: Forks, stack: ExitStack) -> None:
        self.folder, self.out = folder / "home", folder / "out"
        self.folder.mkdir(mode=0o777)
        self.out.mkdir()
        self.config, self.lock_path = self.folder / "webhooks.yaml", self.folder / "webhooks.lock.json"
        self.journal = self.folder / "webhooks.lock.json.journal"
        self._forks = forks
        settings: dict[str, Block] = {"coinbase-payments": {"list": True}}
        settings["cryptopocket"] = {"subscribe_twice": "duplicate"}
        boxes = (Sandbox(settings=settings), Sandbox(["coinbase-payments"]))
        self._boxes = tuple(stack.enter_context(box) for box in boxes)
        main, other = boxes
        self.vendors: dict[str, Any] = {
            "github": main["github"],
            "coinbase": main["coinbase-payments"],
            "blind": other["coinbase-payments"],
            "cryptofuse": main["cryptofuse"],
            "cryptopocket": main["cryptopocket"],
        }
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.folder),
            "WHSYNC_FINGERPRINT_KEY": FINGERPRINT_KEY,
            "GITHUB_TOKEN": main["github"].credentials["token"],
            "COINBASE_TOKEN": main["coinbase-payments"].credentials["token"],
            "FUSE_ID": main["cryptofuse"].credentials["client_id"],
            "FUSE_SECRET": main["cryptofuse"].credentials["client_secret"],
            "POCKET_KEY": main["cryptopocket"].credentials["api_key"],
            "POCKET_SECRET": main["cryptopocket"].credentials["api_secret"],
            "CI_SECRET": OUR_SECRET,
        }
        self.heard: list[str] = []
        self.clock: tuple[float, ...] = ()
        self._coinbase = {"token": "env:COINBASE_TOKEN"}
        self.write(webhooks())

    def write(self, declared: Mapping[str, Block]) -> None:
        """Write webhooks.yaml with these webhooks, and the providers that they need."""
        token = {"token": "env:COINBASE_TOKEN"}
        more: dict[str, Block] = {
            "github": {"scope": {"owner": "acme"}},
            "coinbase": {"type": "coinbase-payments", "settings": {"list": True}, "auth": self._coinbase},
            "blind": {"type": "coinbase-payments", "auth": token},
            "cryptofuse": {"auth": {"client_id": "env:FUSE_ID", "client_secret": "env:FUSE_SECRET"}},
            "cryptopocket": {"auth": {"api_key": "env:POCKET_KEY", "api_secret": "env:POCKET_SECRET"}},
        }
        used = {block["provider"] for block in declared.values()}
        providers = {
            name: {"base_url": self.vendors[name].url, "limits": {"per_second": 1000}, **keys}
            for name, keys in more.items()
            if name in used
        }
        whole = {"version": 1, "providers": providers, "webhooks": dict(declared)}
        self.config.write_text(json.dumps(whole, indent=1), encoding="utf-8")
        self.declared = dict(declared)

    def sign_requests(self) -> None:
        """The account `coinbase` takes tokens that are signed for each request."""
        self.environment |= {
            f"COINBASE_{name.upper()}": key for name, key in self.vendors["coinbase"].new_key().items()
        }
        self._coinbase = {"key_id": "env:COINBASE_KEY_ID", "private_key": "env:COINBASE_PRIVATE_KEY"}
        self.write(self.declared)

    def second_story(self) -> None:
        """Go on from the first story to the second."""
        self.write(webhooks(first=False))
        self.environment["CI_SECRET"] = OUR_NEXT_SECRET

    def __call__(self, *argv: str, **how: Any) -> Ended:
        """Run a command to its end, by a fork; see `Forks.run`. What it says is kept in `heard`."""
        ended = self._forks.run(list(argv), self.folder, self.environment, self.out, **{"clock": self.clock, **how})
        self.heard.append(ended.said)
        return ended

    def apply(self, *argv: str, **how: Any) -> Ended:
        """`whsync apply --yes --prune`."""
        return self("apply", "--yes", "--prune-all", *argv, **how)

    @property
    def lock(self) -> dict[str, Any]:
        """The lock's webhooks; none where there is no lock."""
        if not self.lock_path.exists():
            return {}
        entries: dict[str, Any] = json.loads(self.lock_path.read_text(encoding="utf-8"))["webhooks"]
        return entries

    def writes(self) -> int:
        """How many requests to change something all vendors got; asking for a token is none."""
        tokens = ("/o/token/", "/api/authenticate")
        requests = [each for vendor in self.vendors.values() for each in vendor.requests]
        return sum(each.method != "GET" and each.path not in tokens for each in requests)

    def forget_requests(self) -> None:
        """Count only the requests from now on."""
        for vendor in self.vendors.values():
            vendor.clear_requests()

    def settle(self) -> None:
        """Wait until the vendors have done everything that was sent to them, also by runs that are dead.

        A server takes connections in order, so once it has answered a new one, it has taken all before.
        """
        for vendor in self.vendors.values():
            address = urlsplit(vendor.url)
            probe = http.client.HTTPConnection(str(address.hostname), address.port, timeout=PATIENCE)
            probe.request("GET", "/", headers={"Connection": "close"})
            probe.getresponse().read()
            probe.close()
        servers = [server for box in self._boxes for server in box._servers]
        until(lambda: not any(server._open for server in servers), "the vendors are still at work")

    def files(self) -> set[str]:
        """The names of all files below the folder."""
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file()}


def readable_only(scene: Scene) -> None:
    """Leave out what cannot be read or listed."""
    scene.write({name: block for name, block in scene.declared.items() if name not in ("blind", "payments")})


def ledger_only(scene: Scene, secret: Block) -> None:
    """One webhook, at the account that cannot list; its secret goes to the sink that is given."""
    scene.write({"ledger": {**scene.declared.get("blind", scene.declared.get("ledger", {})), "secret": secret}})


@contextmanager
def standing(folder: Path, forks: Forks) -> Iterator[Scene]:
    """A scene in a folder that is made where it is missing."""
    folder.mkdir(exist_ok=True)
    with ExitStack() as stack:
        yield Scene(folder, forks, stack)
