"""A git server's repository on this disk, with a protected main branch. Used by the tests of this folder."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

_PROTECTED = """\
#!/bin/sh
# What a protected main and nobody's --force mean: only a merge moves main, and other branches only grow.
while read -r old new ref; do
  if [ "$ref" = refs/heads/main ] && [ -z "$MERGING" ]; then echo 'main is protected' >&2; exit 1; fi
  case "$ref:$old" in
    refs/heads/main:* | refs/pull/*:* | *:0000000000000000000000000000000000000000) ;;
    *) git merge-base --is-ancestor "$old" "$new" || { echo "$ref was forced" >&2; exit 1; } ;;
  esac
done
"""
_IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ada"), ("EMAIL", "ada@acme.com"))
}


def git(folder: Path, *words: str, env: Mapping[str, str] | None = None) -> str:
    """What one git command prints, without this machine's own settings."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    environment = {**kept, "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder), **_IDENTITY, **(env or {})}
    done = subprocess.run(
        ["git", *words], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, f"git {words}: {done.stderr}"
    return done.stdout.strip()


class Repository:
    """The server's side, and a clone that people work in.

    Args:
        folder: where both go.
        files: the first commit of main.
    """

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        self.server, self.clone = folder / "server.git", folder / "clone"
        self.server.mkdir(parents=True)
        git(self.server, "init", "--quiet", "--bare", "--initial-branch=main")
        hook = self.server / "hooks" / "pre-receive"
        hook.write_text(_PROTECTED, encoding="utf-8")
        hook.chmod(0o755)
        git(folder, "clone", "--quiet", str(self.server), str(self.clone))
        git(self.clone, "checkout", "--quiet", "-b", "main")
        self.publish(files)

    def commit(self, files: Mapping[str, str]) -> str:
        """A commit on the branch that is checked out, with these files changed."""
        for name, text in files.items():
            (self.clone / name).parent.mkdir(parents=True, exist_ok=True)
            (self.clone / name).write_text(text, encoding="utf-8")
        git(self.clone, "add", "--all")
        git(self.clone, "commit", "--quiet", "--allow-empty", "-m", "A change")
        return git(self.clone, "rev-parse", "HEAD")

    def propose(self, number: int, files: Mapping[str, str]) -> str:
        """A further commit of a pull request, and what a merge of it would give under refs/pull/N/merge."""
        branch = f"request-{number}"
        exists = bool(git(self.clone, "branch", "--list", branch))
        git(self.clone, "checkout", "--quiet", *([branch] if exists else ["-b", branch, "main"]))
        head = self.commit(files)
        git(self.clone, "checkout", "--quiet", "--detach", "main")
        git(self.clone, "merge", "--quiet", "--no-ff", "-m", "Merged to see", branch)
        refs = [f"HEAD:refs/pull/{number}/merge", f"{branch}:refs/pull/{number}/head"]
        git(self.clone, "push", "--quiet", "--force", "origin", *refs)
        git(self.clone, "checkout", "--quiet", "main")
        return head

    def publish(self, files: Mapping[str, str]) -> None:
        """A commit on main, by somebody who may."""
        self.commit(files)
        self._push_main()

    def merge(self, number: int) -> str:
        """Merge a pull request into main; the commit that main then is."""
        git(self.clone, "merge", "--quiet", "--squash", f"request-{number}")
        git(self.clone, "commit", "--quiet", "--allow-empty", "-m", f"Merge #{number}")
        self._push_main()
        return self.main()

    def main(self) -> str:
        """The last commit of main."""
        return self.at("refs/heads/main")

    def at(self, ref: str) -> str:
        """The commit that a name stands for."""
        return git(self.server, "rev-parse", ref)

    def show(self, branch: str, path: str) -> str:
        """A file of a branch."""
        return git(self.server, "show", f"refs/heads/{branch}:{path}")

    def files(self, branch: str) -> list[str]:
        """All files of a branch; none where there is no such branch."""
        if not git(self.server, "branch", "--list", branch):
            return []
        return git(self.server, "ls-tree", "-r", "--name-only", f"refs/heads/{branch}").splitlines()

    def _push_main(self) -> None:
        git(self.clone, "push", "--quiet", "origin", "main", env={"MERGING": "yes"})
