"""A lock on a branch of a git repository: each write is a commit, pushed only where the branch is as it was.

`state.stores` imports it by its name. The repository is reached by the `git` program, with the credentials that it has
on this machine. Of the branch only its last commit is fetched, into a folder that is removed afterwards.

Locks of several configurations may share a branch: where another one was pushed meanwhile, ours is put on top of it.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from reconciler.codes import Code
from reconciler.errors import StateError
from reconciler.state.address import LockAddress
from reconciler.state.stores.base import Store
from reconciler.state.stores.medium import Kept, Moved, Unsure
from reconciler.state.stores.places import repository
from reconciler.state.stores.remote import RemoteStore

TIMEOUT = 120.0
"""Seconds that one call of git may take."""

AGAIN = 20
"""How often a commit is put on top of somebody else's before it is given up."""

_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE", "GIT_COMMON_DIR")
_BUSY = ("stale info", "fetch first", "non-fast-forward", "failed to lock", "cannot lock ref", "remote ref does not")
_DENIED = ("authentication failed", "permission denied", "could not read username", "403", "not allowed")
_AWAY = ("could not resolve", "connection", "timed out", "unable to access", "early eof", "hung up")


def at(address: LockAddress, folder: Path | None = None) -> Store:
    """See `Kind` in `state.stores`."""
    return RemoteStore(GitMedium(address))


class GitMedium:
    """See `medium.Medium`."""

    pieces = True
    patience = 300.0

    def __init__(self, address: LockAddress) -> None:
        self.shown, self._place = str(address), repository(address.location)
        self._folder: Path | None = None
        self._tip: str | None = None

    def get(self) -> Kept | None:
        """See `medium.Medium`. The version is the document's own id in git."""
        self._tip = self._fetched()
        blob = self._blob(self._place.path)
        return None if blob is None else Kept(self._git("cat-file", "blob", blob), blob)

    def put(self, data: bytes, version: str | None, pieces: Mapping[str, bytes | None]) -> str:
        """See `medium.Medium`. All of it is one commit."""
        fetched = self._tip is None
        for _ in range(AGAIN):
            if fetched:
                self._tip = self._fetched()
            if self._blob(self._place.path) != version:
                raise Moved
            blobs = {
                self._piece(name): None if piece is None else self._stored(piece) for name, piece in pieces.items()
            }
            document = self._stored(data)
            if self._pushed(self._commit({**blobs, self._place.path: document})):
                return document
            fetched = True
        raise StateError(
            f"the branch {self._place.branch} of {self.shown} is pushed to by others all the time",
            "give this lock a branch of its own, with `?branch=`",
            code=Code.STATE_UNUSABLE,
        )

    def piece(self, name: str) -> bytes | None:
        """See `medium.Medium`."""
        blob = self._blob(self._piece(name))
        return None if blob is None else self._git("cat-file", "blob", blob)

    def claim(self, who: Mapping[str, str]) -> None:
        """See `medium.Medium`; git has no lock of its own."""

    def unclaim(self, id_: str) -> None:
        """See `medium.Medium`."""

    def close(self) -> None:
        """See `medium.Medium`."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = self._tip = None

    def _piece(self, name: str) -> str:
        return f"{self._place.path}.versions/{name}.json"

    def _fetched(self) -> str | None:
        """The commit that the branch is at, fetched; None where there is no such branch."""
        branch = f"refs/heads/{self._place.branch}"
        listed = self._git("ls-remote", "--", self._place.url, branch, about="read").split()
        if not listed:
            return None
        tip = listed[0].decode("ascii", "replace")
        if tip != self._tip:
            self._git("fetch", "--quiet", "--no-tags", "--depth=1", "--", self._place.url, branch, about="read")
            tip = self._git("rev-parse", "FETCH_HEAD").decode("ascii").strip()
        return tip

    def _blob(self, path: str) -> str | None:
        if self._tip is None:
            return None
        found = self._git("ls-tree", "-z", self._tip, "--", path).split(b"\0")[0].split(b"\t")[0].split()
        return found[2].decode("ascii") if len(found) == 3 and found[1] == b"blob" else None

    def _stored(self, data: bytes) -> str:
        return self._git("hash-object", "-w", "--stdin", given=data).decode("ascii").strip()

    def _commit(self, blobs: Mapping[str, str | None]) -> str:
        """A commit on top of the branch in which these files have this content, or, with None, are no more."""
        self._git("read-tree", *([self._tip] if self._tip else ["--empty"]))
        zero = "0" * 40
        lines = (f"{'100644' if blob else '0'} {blob or zero}\t{path}\n" for path, blob in blobs.items())
        self._git("update-index", "--index-info", given="".join(lines).encode())
        tree = self._git("write-tree").decode("ascii").strip()
        parents = ["-p", self._tip] if self._tip else []
        made = self._git("commit-tree", tree, *parents, "-m", f"whsync: {self._place.path}")
        return made.decode("ascii").strip()

    def _pushed(self, commit: str) -> bool:
        """Whether the branch is at `commit` now; it is not where somebody else was quicker."""
        branch = f"refs/heads/{self._place.branch}"
        lease, what = f"--force-with-lease={branch}:{self._tip or ''}", f"{commit}:{branch}"
        ended = self._run("push", "--quiet", "--porcelain", "--no-verify", lease, "--", self._place.url, what)
        said = (ended.stdout + ended.stderr).decode(errors="replace").lower()
        if ended.returncode == 0:
            self._tip = commit
            return True
        if any(words in said for words in _BUSY):
            return False
        raise self._failure(said, "written", Unsure)

    def _git(self, *words: str, given: bytes = b"", about: str = "worked on") -> bytes:
        """What git answers.

        Raises:
            StateError: it refuses; its own words may hold credentials that its settings put into addresses.
        """
        ended = self._run(*words, given=given)
        if ended.returncode != 0:
            raise self._failure(ended.stderr.decode(errors="replace").lower(), about)
        return ended.stdout

    def _run(self, *words: str, given: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        folder = self._opened()
        command = ["git", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "protocol.ext.allow=never", *words]
        try:
            return subprocess.run(
                command,
                cwd=folder,
                env=_environment(folder),
                input=given,
                capture_output=True,
                check=False,
                timeout=TIMEOUT,
            )
        except FileNotFoundError:
            hint = "install git, or keep the lock elsewhere"
            raise StateError("a lock in git needs the program `git`", hint, code=Code.PACKAGE_MISSING) from None
        except subprocess.TimeoutExpired:
            raise Unsure(
                f"{self.shown} did not answer within {TIMEOUT:g} s", "check the network", code=Code.NO_ANSWER
            ) from None

    def _opened(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="whsync-lock-"))
            try:
                self._git("init", "--quiet", "--bare", ".")
            except BaseException:
                self.close()
                raise
        return self._folder

    def _failure(self, said: str, about: str, otherwise: type[StateError] = StateError) -> StateError:
        if any(words in said for words in _DENIED):
            hint = "does `git ls-remote` reach it from here, with the credentials of this user?"
            return StateError(
                f"the lock {self.shown} cannot be {about}: access is denied", hint, code=Code.STATE_UNUSABLE
            )
        away = any(words in said for words in _AWAY)
        why = "the server cannot be reached" if away else "git refuses"
        hint = "does `git ls-remote` reach the repository from here?"
        return otherwise(f"the lock {self.shown} cannot be {about}: {why}", hint, code=Code.STATE_UNUSABLE)


def _environment(folder: Path) -> dict[str, str]:
    """That of this process, without what would lead git to another repository or have it ask on the terminal."""
    kept = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in _AUTHOR.items()}
    ssh = {"GIT_SSH_COMMAND": "ssh -oBatchMode=yes"} if "GIT_SSH_COMMAND" not in kept and "GIT_SSH" not in kept else {}
    fixed = {
        "GIT_DIR": str(folder),
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
        "GIT_ASKPASS": kept.get("GIT_ASKPASS", ""),
    }
    return {**who, **kept, **ssh, **fixed}


_AUTHOR = {"NAME": "whsync", "EMAIL": "whsync@localhost"}
