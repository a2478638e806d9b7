"""A clone of git around a world's folder, where git runs this whsync for merges. Used by `test_merge_git`."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.cli.conftest import Result
from tests.cli.world import Block, World

ROOT = Path(__file__).parents[2]


class Clone:
    """A work tree whose configuration includes one file a webhook, so that only the lock is touched by every branch.

    Args:
        world: its folder becomes the work tree.
        folder: where the configuration is, below that.
        lock: the lock's file name.
        knows_whsync: whether git finds a command `whsync`.
    """

    def __init__(
        self, world: World, folder: str = "", lock: str = "webhooks.lock.json", knows_whsync: bool = True
    ) -> None:
        self.world, self.top, self.folder = world, world.folder, world.folder / folder
        self.lock = self.folder / lock
        bin_ = self.top.parent / f"{self.top.name}-bin"
        bin_.mkdir()
        if knows_whsync:
            script = bin_ / "whsync"
            script.write_text(
                f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {sys.executable} -m reconciler "$@"\n'
            )
            script.chmod(0o755)
        self._path = f"{bin_}{os.pathsep}/usr/bin{os.pathsep}/bin"
        (self.folder / "hooks").mkdir(parents=True)
        world.config, world.lock_path = self.folder / "webhooks.yaml", self.lock
        (self.folder / "hooks" / "none.yaml").write_text('{"version": 1}')
        self.git("init", "--initial-branch=main", str(self.top))
        (self.top / ".gitignore").write_text("*.lock.json.lock\nsecrets/\n.state/\n")
        world.write({})
        text = world.config.read_text().replace("{", f'{{"lock": "{lock}", "include": ["hooks/*.yaml"],', 1)
        world.config.write_text(text)

    def git(self, *words: str, exit: int = 0) -> str:
        """Run git, whatever the user's own configuration says, and return what it said on both streams."""
        quiet = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "PATH": self._path, "GIT_EDITOR": "true"}
        identity = ("-c", "user.name=ada", "-c", "user.email=ada@example.com")
        done = subprocess.run(
            ["git", *identity, *words], cwd=self.folder, env=quiet, check=False, stdout=-1, stderr=subprocess.STDOUT
        )
        said = done.stdout.decode()
        assert done.returncode == exit, said
        return said

    def __call__(self, *argv: str, env: Mapping[str, str] | None = None) -> Result:
        """Run whsync where the configuration is."""
        return self.world(*argv, "-c", str(self.world.config), env={"PATH": self._path, **(env or {})})

    def set_up(self) -> None:
        """Have git merge the lock by webhook."""
        result = self("init", "--git", "--yes")
        assert result.exit == 0, result

    def hook(self, name: str, block: Block | None) -> None:
        """Write a webhook's file, or take it away."""
        file = self.folder / "hooks" / f"{name}.yaml"
        if block is None:
            file.unlink()
        else:
            file.write_text(json.dumps({"version": 1, "webhooks": {name: block}}))

    def apply(self, message: str, *argv: str) -> None:
        """Apply what the files say, and commit everything."""
        result = self("apply", "--yes", *argv)
        assert result.exit == 0, result
        self.commit(message)

    def commit(self, message: str) -> None:
        """Commit everything."""
        self.git("add", "--all", ":/")
        self.git("commit", "-m", message)

    def branch(self, name: str, start: str = "main") -> None:
        """Begin a branch and go there."""
        self.git("checkout", "-b", name, start)
