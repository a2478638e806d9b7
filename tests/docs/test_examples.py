"""Every example, run end to end against simulated vendors in a copy of its folder, as its README says."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from reconciler.sandbox import Sandbox
from tests.cli.conftest import Result, Run
from tests.cli.keys import TOKEN, served
from tests.docs.parcelhub import FOLDER as OWN
from tests.docs.parcelhub import VARIABLES as PARCELHUB
from tests.docs.parcelhub import practice_vendor
from tests.docs.practice_gitlab import PracticeGitLab

ROOT = Path(__file__).parents[2]
ACCOUNTS = ("EUROPE", "AMERICA", "TRIAL")
GROUP = "15-whole-group"
EXAMPLES = sorted(folder.name for folder in (ROOT / "examples").iterdir() if folder.is_dir())


class Example:
    """A copy of an example, the variables that its README exports, and the vendors that it meets.

    Args:
        own: the URL of the vendor that an example brings along.
        gitlab: the vendor of one of them; forge: its URL.
    """

    def __init__(self, run: Run, folder: Path, box: Sandbox, own: str, gitlab: PracticeGitLab, forge: str) -> None:
        self.folder, self.box, self.gitlab, self._run = folder, box, gitlab, run
        fuse, pocket = box["cryptofuse"], box["cryptopocket"]
        for repository in ("acme/api", "acme/lib-core", "acme/sandbox-jo"):
            box["github"].make_repo(repository)
        self.variables = {
            "GITHUB_API_URL": box["github"].url,
            "GITHUB_TOKEN": box["github"].credentials["token"],
            "CI_HOOK_SECRET": "what the endpoint checks signatures with",
            "AUDIT_HOOK_SECRET": "another one",
            "CORE_HOOK_SECRET": "what one team has",
            "MONEY_HOOK_SECRET": "what another team has",
            "COINBASE_URL": box["coinbase-payments"].url,
            "COINBASE_TOKEN": box["coinbase-payments"].credentials["token"],
            "CRYPTOFUSE_URL": fuse.url,
            "CRYPTOFUSE_CLIENT_ID": fuse.credentials["client_id"],
            "CRYPTOFUSE_CLIENT_SECRET": fuse.credentials["client_secret"],
            "CRYPTOPOCKET_URL": pocket.url,
            "CRYPTOPOCKET_API_KEY": pocket.credentials["api_key"],
            "CRYPTOPOCKET_API_SECRET": pocket.credentials["api_secret"],
            "PARCELHUB_URL": f"{own}/v2",
            **PARCELHUB,
            "GITLAB_API_URL": forge,
            "GITLAB_TOKEN": TOKEN,
            **{f"DOCS_HOOK_{repo}": f"what the host shows for {repo}" for repo in ("api_client", "handbook", "schema")},
            **{f"{name}_URL": box["coinbase-payments"].url for name in ACCOUNTS},
            **{f"{name}_TOKEN": box["coinbase-payments"].credentials["token"] for name in ACCOUNTS},
        }

    def whsync(self, *argv: str, env: Mapping[str, str] | None = None) -> Result:
        """One command line in the folder."""
        return self._run(*argv, cwd=self.folder, env=self.variables if env is None else env)

    def replace(self, old: str, new: str, file: str = "webhooks.yaml") -> None:
        """Edit a file of the example."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def lock(self) -> Path:
        """The one lock that there is."""
        (found,) = self.folder.rglob("*.lock.json")
        return found

    def writes(self) -> int:
        """How many requests so far could have changed a webhook."""
        paths = ("/hooks", "/webhooks", "Webhook")
        asked = [request for name in self.box for request in self.box[name].requests]
        found = sum(request.method != "GET" and any(part in request.path for part in paths) for request in asked)
        return found + len(self.gitlab.writes())


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """All simulated vendors."""
    with Sandbox() as started:
        yield started


@pytest.fixture
def example(request: pytest.FixtureRequest, run: Run, tmp_path: Path, box: Sandbox) -> Iterator[Example]:
    """A copy of the example named by the test's parameter."""
    folder, gitlab = tmp_path / "copy", PracticeGitLab("api", "web", "legacy", "attic-archived")
    shutil.copytree(ROOT / "examples" / request.param, folder)
    with ExitStack() as stack:
        own = stack.enter_context(practice_vendor()) if request.param == OWN.name else "http://127.0.0.1"
        forge = stack.enter_context(served(gitlab)) if request.param == GROUP else "http://127.0.0.1"
        yield Example(run, folder, box, own, gitlab, forge)


def named(folder: str) -> pytest.MarkDecorator:
    """Run the test with a copy of one example."""
    return pytest.mark.parametrize("example", [folder], indirect=True)


@pytest.mark.parametrize("example", EXAMPLES, indirect=True)
def test_it_is_valid_without_credentials(example: Example) -> None:
    """An example can be checked before any account exists: addresses are all it may ask for."""
    addresses = {name: value for name, value in example.variables.items() if name.endswith("_URL")}
    result = example.whsync("validate", env=addresses)
    assert (result.exit, result.stderr) == (0, "")


@pytest.mark.parametrize("example", EXAMPLES, indirect=True)
def test_plan_apply_plan(example: Example) -> None:
    """Planning writes nothing, applying makes every webhook, and then the plan is empty and an apply writes nothing."""
    before = sorted(path.name for path in example.folder.rglob("*"))
    planned = example.whsync("plan", "--detailed-exitcode")
    assert planned.exit == 2
    assert example.writes() == 0
    assert sorted(path.name for path in example.folder.rglob("*")) == before

    assert example.whsync("apply", "--yes").exit == 0
    written, lock = example.writes(), example.lock().read_bytes()
    again = example.whsync("plan", "--detailed-exitcode")
    assert (again.exit, "No changes." in again.stdout) == (0, True)
    assert example.whsync("apply", "--yes").exit == 0
    assert example.writes() == written
    assert example.lock().read_bytes() == lock


def test_the_sandbox_is_found_where_the_readme_says() -> None:
    """What the first example exports without an account is the simulated vendor's address and token."""
    text = (ROOT / "examples" / "01-one-webhook" / "README.md").read_text(encoding="utf-8")
    exported = dict(re.findall(r"^export (\w+)=(\S+)$", text, re.MULTILINE))
    (port,) = re.findall(r"`whsync sandbox github --port (\d+)`", text)
    assert exported["GITHUB_API_URL"] == f"http://127.0.0.1:{port}"
    assert exported["GITHUB_TOKEN"] == Sandbox(("github",))["github"].credentials["token"]


@named("01-one-webhook")
def test_another_secret_is_noticed(example: Example) -> None:
    """As its README says: another value of the variable, and the plan says that the secret changed."""
    example.whsync("apply", "--yes")
    example.variables["CI_HOOK_SECRET"] = "a new one"
    result = example.whsync("plan", "--detailed-exitcode")
    assert result.exit == 2
    assert "the secret changed" in result.stdout


@named("02-three-vendors")
def test_issued_secrets_are_where_the_file_wants_them(example: Example) -> None:
    """Both issued secrets are in their files, exactly as issued and for nobody else's eyes."""
    example.whsync("apply", "--yes")
    for name, beginning in (("cryptofuse", "whsk_"), ("ledger", "whsec_")):
        path = example.folder / "secrets" / name
        assert path.read_text(encoding="utf-8").startswith(beginning)
        assert path.stat().st_mode & 0o777 == 0o600


@named("02-three-vendors")
def test_what_cannot_be_read_is_called_unverified(example: Example) -> None:
    """One of the three is never said to be in sync, and --reassert sends it again."""
    example.whsync("apply", "--yes")
    assert "unverified" in example.whsync("plan").stdout
    written = example.writes()
    assert example.whsync("apply", "--yes", "--reassert").exit == 0
    assert example.writes() > written


@named("03-many-repositories")
def test_a_target_means_its_whole_family(example: Example) -> None:
    """`--target ci` plans the webhooks that for_each made of ci, and no other."""
    result = example.whsync("plan", "--target", "ci", "--format", "json")
    assert result.exit == 0
    assert [name in result.stdout for name in ("ci[api]", "ci[docs]", "audit[api]", "members")] == [
        True,
        True,
        False,
        False,
    ]


@named("03-many-repositories")
def test_a_dropped_repository_leaves_an_orphan_until_pruned(example: Example) -> None:
    """Its webhook is shown and kept; only --prune deletes it."""
    github = example.box["github"]
    example.whsync("apply", "--yes")
    there = len(github.webhooks())
    example.replace(", docs]", "]")
    assert "orphan" in example.whsync("plan").stdout
    assert (example.whsync("apply", "--yes").exit, len(github.webhooks())) == (0, there)
    assert (example.whsync("apply", "--yes", "--prune").exit, len(github.webhooks())) == (0, there - 1)


@named("03-many-repositories")
def test_a_protected_webhook_survives_its_block(example: Example) -> None:
    """--prune is refused although the block is gone, until protection was taken away and applied."""
    github = example.box["github"]
    example.whsync("apply", "--yes")
    there = len(github.webhooks())
    kept = (example.folder / "teams" / "security.yaml").read_text(encoding="utf-8")
    example.replace("repo: [api, billing]", "repo: [api]", "teams/security.yaml")
    refused = example.whsync("apply", "--yes", "--prune")
    assert (refused.exit, len(github.webhooks())) == (3, there)
    assert "audit[billing] is protected" in refused.stdout  # the plan says it, and nothing says it twice
    assert "audit[billing]" not in refused.stderr

    released = kept.replace("protect: true", "protect: false")
    (example.folder / "teams" / "security.yaml").write_text(released, encoding="utf-8")
    assert example.whsync("apply", "--yes").exit == 0
    example.replace("repo: [api, billing]", "repo: [api]", "teams/security.yaml")
    assert (example.whsync("apply", "--yes", "--prune").exit, len(github.webhooks())) == (0, there - 1)


@named("11-whole-organisation")
def test_an_organisation_changes_and_nothing_is_lost(example: Example) -> None:
    """What is new gets its webhooks, what is archived or deleted is told and kept, and an audit sees them all."""
    github = example.box["github"]
    example.whsync("apply", "--yes")
    hung = {hook["target"] for hook in github.webhooks()}
    assert hung == {"acme/api", "acme/lib-core"}
    github.make_repo("acme/web")
    github.make_repo("acme/lib-core", archived=True)
    github.delete_repo("acme/api")
    there = len(github.webhooks())
    planned = example.whsync("plan", "--prune").stdout
    assert "its place is gone" in planned
    assert "no longer fits" in planned
    assert (example.whsync("apply", "--yes", "--prune").exit, len(github.webhooks())) == (0, there + 1)
    assert "acme web" in example.whsync("audit", "--discover").stdout.replace("owner=", "").replace("repo=", "")


@named("04-drift-check")
def test_the_check_tells_every_case_apart(example: Example) -> None:
    """check.sh ends with 0, 1, 2 and 3 exactly as its README's table says."""
    github = example.box["github"]
    assert _check(example) == 2  # not applied yet
    example.whsync("apply", "--yes")
    assert _check(example) == 0
    (hook,) = github.webhooks()
    github.edit(hook["id"], events=["push"])
    assert _check(example) == 2
    github.edit(hook["id"], events=["push", "release"])
    stranger = github.add("acme/api", config={"url": "https://elsewhere.acme.com/x"})
    assert _check(example) == 3
    github.remove(stranger)
    example.variables["GITHUB_TOKEN"] = "expired"
    assert _check(example) == 1


@named("04-drift-check")
def test_a_pull_request_is_held_to_the_trust_file(example: Example) -> None:
    """As its workflow does it: planned with the trust file of the base branch, or without any credential."""
    example.variables["GITHUB_EVENT_NAME"] = "pull_request"
    for argv in (["validate"], ["plan"]):  # a runner's ${GITHUB_API_URL} is granted by the base
        assert example.whsync(*argv).exit == 3
    assert example.whsync("plan", "--untrusted").exit == 0, "GITHUB_API_URL is set wherever GitHub runs it"
    base = (example.folder / "trust.yaml").read_text(encoding="utf-8")
    assert "https://api.github.com" in base
    example.variables["WHSYNC_TRUST"] = base.replace("https://api.github.com", example.box["github"].url)
    for argv in (["validate"], ["plan"], ["plan", "--untrusted"]):
        assert example.whsync(*argv).exit == 0
    file = example.folder / "webhooks.yaml"
    whole = file.read_text(encoding="utf-8")
    file.write_text(
        whole.replace('["*.acme.com"]', '["*"]').replace("deploy.acme.com", "evil.example"), encoding="utf-8"
    )
    refused = example.whsync("plan")
    assert (refused.exit, "which the trusted policy does not list" in refused.stdout) == (3, True)
    file.write_text(whole.replace("${GITHUB_API_URL:-https://api.github.com}", "http://127.0.0.1:9"), encoding="utf-8")
    assert example.whsync("plan").exit == 3
    assert example.whsync("plan", "--untrusted").exit == 0


@named("10-staging-and-prod")
def test_each_environment_has_a_lock_of_its_own(example: Example) -> None:
    """What is applied to prod is nothing to staging, by flag, file and environment alike; a wrong one stops at once."""
    hooks = example.box["github"].webhooks
    assert example.whsync("apply", "--yes").exit == 0
    staging = {hook["config"]["url"] for hook in hooks()}
    assert staging == {
        *(f"https://staging.acme.com/hooks/{each}" for each in (17, 23, 31)),
        *(f"http://builds.ci.svc/{team}" for team in ("CORE", "MONEY")),
    }
    assert example.whsync("apply", "--yes", "--var", "env=prod").exit == 0
    assert len(hooks()) == 10
    assert sorted(path.name for path in (example.folder / "locks").glob("*.json")) == [
        "prod.lock.json",
        "staging.lock.json",
    ]
    for words, environment in (
        (["--var", "env=prod"], {}),
        (["--var-file", "prod.yaml"], {}),
        ([], {"env": "prod"}),
        (["--var=env=staging"], {"env": "prod"}),
        ([], {"WHSYNC_VAR": "env=prod\ndomain=acme.com"}),
    ):
        for command in (["plan", "--detailed-exitcode"], ["drift"], ["state", "list"]):
            told = example.whsync(*command, *words, env={**example.variables, **environment})
            assert told.exit == 0, told
    for word, code in (("env=prd", 1), ("evn=prod", 64)):
        for asked in ("validate", "plan", "drift"):
            assert example.whsync(asked, "--var", word).exit == code
    example.replace("billing, team: MONEY, id: 31", "billing, team: MONEY, id: 32")
    assert "ci[billing]" in example.whsync("plan", "--var", "env=prod").stdout


@named("10-staging-and-prod")
def test_a_saved_plan_is_of_one_environment(example: Example) -> None:
    """Applied with another one it is stale, and nothing is written."""
    assert example.whsync("plan", "--var", "env=prod", "--out", "plan.json").exit == 0
    assert example.whsync("apply", "plan.json").exit == 1
    assert example.writes() == 0
    assert example.whsync("apply", "plan.json", "--var", "env=prod").exit == 0


@named("10-staging-and-prod")
def test_rows_in_another_order_are_the_same_webhooks(example: Example) -> None:
    """And so are rows whose later keys are; one that is protected by its override is not pruned."""
    assert example.whsync("apply", "--yes").exit == 0
    path = example.folder / "teams.yaml"
    comment, *rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([comment, *reversed(rows)]), encoding="utf-8")
    example.replace("{repo: api, team: CORE, id: 17,", "{repo: api, id: 17, team: CORE,")
    assert "No changes." in example.whsync("plan").stdout
    example.replace("      - {repo: billing, team: MONEY, id: 31, events: [push, release]}\n", "")
    told = example.whsync("validate")
    assert "this override is for" in told.stderr
    example.replace("    override:\n      billing: {lifecycle: {protect: true}}\n", "")
    assert example.whsync("apply", "--yes", "--prune").exit == 3


def _check(example: Example) -> int:
    """The exit code of check.sh, run by a shell."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environment = {**example.variables, "PATH": path}
    script = subprocess.run(
        ["sh", "check.sh"], cwd=example.folder, env=environment, capture_output=True, check=False, timeout=60
    )
    return script.returncode
