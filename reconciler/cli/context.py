"""What every command is given: the global options, the files they mean, and the ways to speak to the user.

Data goes to stdout, everything else to stderr. Made by `cli.main`; cheap to import, since every command pays for it.
"""

import os
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, TextIO

from reconciler.cli.streams import forget_what_was_typed, in_a_log, write
from reconciler.cli.terminal import foot_of, style_of
from reconciler.cli.typed import Typed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from reconciler.cli.live import Foot
    from reconciler.config.loaded import Loaded
    from reconciler.render.base import Artifacts, Style
    from reconciler.state.address import LockAddress
    from reconciler.trust.grants import Trust


class Context(Typed):
    """The global options as typed, and what follows from them."""

    def __init__(self) -> None:
        super().__init__()
        self.untrusted = False
        self.full = False
        self.delivered = False
        self._told: set[str] = set()
        self._doubted = False
        self._trusted: Trust | None = None
        self._doubts: list[str] = []
        self._foot: Foot | None = None

    def load(
        self,
        paths: "list[Path] | None" = None,
        doubts_later: bool = False,
        instead: "Mapping[str, bytes] | None" = None,
        *,
        runs: bool = True,
    ) -> "Loaded":
        """The configuration, with `--lock`, `--var` and `--var-file` applied.

        Args:
            paths: other files than `config_paths`.
            doubts_later: what is doubtful about the lock is told by `tell_doubts`, once secrets are masked.
            instead: what files are taken to hold, by their names.
            runs: whether commands run that lists come from; else nothing is known of their webhooks.

        Raises:
            ConfigError: with all its problems.
            UntrustedError: the files lead to others that nobody trusts.
        """
        from reconciler.config.load import load
        from reconciler.providers.registry import Registry
        from reconciler.run.list_command import run_command

        asked, named = self._asked_lock(), paths or self.config_paths
        trust = self.believed()
        self._refuse_linked(asked)
        reach, run = trust.reach(named[0].parent), run_command if runs else None
        loaded = load(named, os.environ, Registry(), asked, reach, instead or {}, self.given, run)
        if asked is not None:
            self._doubt_lock(asked, loaded.usual_lock)
        if not doubts_later:
            self.tell_doubts()
        return trust.bounded(loaded)

    def believed(self) -> "Trust":
        """How far the files are believed in this run; read once.

        Raises:
            ConfigError: the trust file is wrong.
            UsageError: `--trust` was typed and names none; an empty variable says nothing.
        """
        if self._trusted is None:
            from reconciler.trust.file import trust_of

            if self.trust is not None and not self.trust.strip() and "trust" not in self._replaceable:
                from reconciler.errors import UsageError

                raise UsageError("--trust names no file", "name the trust file, or leave --trust out")
            folder = self.config_paths[0].parent
            self._trusted = trust_of(self.trust, self.untrusted, folder, os.environ)
        return self._trusted

    def tell_doubts(self) -> None:
        """Say what was found doubtful, once: it may quote the names of files."""
        for doubt in self._doubts:
            self.err(doubt)
        self._doubts = []

    def _asked_lock(self) -> "LockAddress | None":
        """What `--lock` means; None where it is not given.

        Raises:
            UsageError: it names no lock.
        """
        if self.lock is None:
            return None
        from reconciler.state.stores import address_of, misnamed, spelling

        asked = address_of(self.lock)
        wrong = misnamed(asked, self.lock)
        if asked.file is not None and not wrong and os.path.isdir(asked.file):
            wrong = "that is a folder"
        if wrong:
            from reconciler.errors import UsageError

            hint = "--lock FILE says where the lock is; there is no way to work without one, and no -lock=false"
            hint = hint if asked.file is not None else f"write {spelling(asked)}"
            raise UsageError(f"--lock {asked if self.lock else repr('')} names no lock: {wrong}", hint)
        return asked

    def _refuse_linked(self, asked: "LockAddress | None") -> None:
        """Stop where the lock that was typed, or what stands beside it, is a link that leads elsewhere.

        The name that was typed is believed, as those of the files are.

        Raises:
            UntrustedError: it is one, and nobody trusts where it leads.
        """
        from pathlib import Path

        from reconciler.config.places import told
        from reconciler.config.within_reach import lock_out_of_reach, refuse_out_of_reach
        from reconciler.model.webhook import Source

        if asked is not None and asked.file is None and self.untrusted:
            from reconciler.errors import UsageError

            raise UsageError(f"an untrusted plan reads no lock at {asked}", "name a file, or leave --lock out")
        if asked is not None and asked.file is not None:
            reach = self.believed().reach(self.config_paths[0].parent).widened(Path(asked.file).parent)
            strange = lock_out_of_reach(asked, Source(asked.file, ()), reach, "")
            refuse_out_of_reach(told((), [*strange], (), {asked.file: b""}))

    def _doubt_lock(self, asked: "LockAddress", usual: "LockAddress") -> None:
        """Note once that `--lock` names no file where there is another: without one, nothing counts as applied."""
        from pathlib import Path

        if asked.file is None or usual.file is None:
            return
        others = sorted({usual.file} | {str(path) for path in Path(usual.file).parent.glob("*.lock.json")})
        there = [other for other in others if Path(other).is_file()]
        if Path(asked.file).exists() or not there or self._doubted:
            return
        self._doubted = True
        from reconciler.render.base import plain
        from reconciler.support.hints import first_of

        what = f"Warning: there is no lock {asked}, so nothing counts as applied; there is {first_of(there)}."
        self._doubts.append(plain(what))

    def lock_address(self) -> "LockAddress":
        """Where the lock is, without demanding that the rest of the configuration is whole.

        Raises:
            ConfigError: what is wrong in the files leaves that open.
        """
        from reconciler.config.lock_place import lock_of
        from reconciler.providers.registry import Registry
        from reconciler.state.address import DEFAULT_LOCK
        from reconciler.state.stores import address_of

        asked = self._asked_lock()
        if asked is not None:
            self._refuse_linked(asked)
            self._doubt_lock(asked, address_of(DEFAULT_LOCK, self.config_paths[0].parent))
            self.tell_doubts()
            return asked
        reach = self.believed().reach(self.config_paths[0].parent)
        return lock_of(self.config_paths, os.environ, Registry(), reach, self.given)

    def style(self, stream: TextIO | None = None) -> "Style":
        """How text on `stream` (stdout, where none is named) may look."""
        return style_of(stream or sys.stdout, self.no_color, os.environ)._replace(full=self.full)

    def foot(self) -> "Foot | None":
        """The foot of the terminal behind stderr, above which all is written from then on; None where there is none."""
        if self._foot is None:
            self._foot = foot_of(sys.stderr, self.no_color, os.environ)
        return self._foot

    def leave(self) -> None:
        """Leave the terminal as it was, for the process ends at once."""
        if self._foot is not None:
            self._foot.leave()

    def _folded(self, text: str) -> str:
        """Lines for stderr, which a terminal would break anywhere, broken at words."""
        style = self.style(sys.stderr)
        return "\n".join(each for line in text.split("\n") for each in style.folded(line)) if style.wraps else text

    def _write(self, stream: TextIO, text: str, foreign: bool = True) -> None:
        with self._foot.aside() if self._foot is not None and stream.isatty() else nullcontext():
            write(stream, text, foreign)

    def out(self, text: str) -> None:
        """Write data to stdout, ended by a line break."""
        self._write(sys.stdout, text)

    def err(self, text: str) -> None:
        """Write what must be seen to stderr."""
        self._write(sys.stderr, self._folded(text))

    def command(self, text: str) -> None:
        """Write lines to stderr that the CI runner around us is to obey: all other text is kept from being any."""
        self._write(sys.stderr, text, foreign=False)

    def note(self, text: str) -> None:
        """Write progress to stderr, unless the user wants quiet."""
        if not self.quiet:
            self._write(sys.stderr, self._folded(text))

    def deliver(self, artifacts: "Artifacts", text_to: "Callable[[str], object] | None" = None) -> None:
        """Hand over what a renderer made: the text as data, and to the CI around us what is meant for it.

        That reads commands on stderr, and the rest in files of its own, see `cli.step_files`; elsewhere outputs are
        lines on stderr, too.

        Args:
            text_to: takes the text instead of stdout.
        """
        from reconciler.support.runners import only_its_own

        self.delivered |= text_to is None
        (text_to or self.out)(in_a_log(artifacts.text))
        for line in artifacts.annotations:
            if line not in self._told:  # stdout and a report may tell the same
                self._told.add(line)
                self.command(only_its_own(line))
        if artifacts.outputs or artifacts.page:
            from reconciler.cli.step_files import hand_over

            page = "" if artifacts.page in self._told else in_a_log(artifacts.page)
            self._told.add(artifacts.page)
            for line in hand_over(artifacts.outputs, page):
                self.err(line)

    def confirm(self, question: str, yes: bool = False) -> bool:
        """Whether the user agrees, by `--yes` or by typing exactly `yes` on a terminal. The question may be foreign.

        Raises:
            UsageError: there is no terminal to ask on, and `--yes` was not given.
        """
        if yes:
            return True
        if not sys.stdin.isatty():
            from reconciler.errors import UsageError

            raise UsageError("there is no terminal to ask on", "pass --yes to go ahead without being asked")
        from reconciler.render.base import plain

        forget_what_was_typed(sys.stdin)
        sys.stderr.write(in_a_log(f"{plain(question)}\nOnly yes is accepted: "))
        sys.stderr.flush()
        return sys.stdin.readline().strip() == "yes"

    def require(self, question: str, yes: bool = False) -> None:
        """As `confirm`, but anything else than yes ends the command.

        Raises:
            WhsyncError: the user did not agree.
        """
        if not self.confirm(question, yes):
            from reconciler.codes import Code
            from reconciler.errors import WhsyncError

            raise WhsyncError("not confirmed, so nothing was changed", kind="unsafe", code=Code.NOT_CONFIRMED)
