"""The trust file: read, written for review, and the one that is kept of what a person confirmed on this machine.

Used by `cli.context`, `cli.session` and `cli.trust`. It is YAML; its shape is `TrustFile`.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from reconciler import document
from reconciler.codes import Code
from reconciler.config.addresses import account_of, base_url_fault
from reconciler.config.audit import AuditBlock
from reconciler.config.block import Block
from reconciler.config.fault import Wrong, validated
from reconciler.config.places import told
from reconciler.config.policies import PolicyBlock
from reconciler.document.writer import dump
from reconciler.errors import ConfigError
from reconciler.model.webhook import Source
from reconciler.secrets import registry
from reconciler.state.stores import places
from reconciler.support import atomic, intake
from reconciler.support.paths import is_in_checkout, state_folder
from reconciler.trust.grants import Grants, Trust
from reconciler.trust.level import OPEN_WORD, Level, change_under_review, level_of
from reconciler.trust.needs import Need, origin_of

VARIABLE = "WHSYNC_TRUST"
"""Names the trust file, or holds all of it."""


def _origin(text: str) -> str:
    if places.is_origin(text):
        return text
    if fault := base_url_fault(text):
        raise Wrong(Code.WRONG_TRUST_FILE, fault, "write an origin as https://HOST or https://HOST:PORT")
    if origin_of(text) != text.lower().rstrip("/"):
        raise Wrong(Code.WRONG_TRUST_FILE, "is more than an origin", f"write {origin_of(text)}")
    return account_of(text)


def _digest(text: str) -> str:
    hexadecimal = text.removeprefix("sha256:")
    if len(hexadecimal) != 64 or not text.startswith("sha256:") or set(hexadecimal) - set("0123456789abcdef"):
        raise Wrong(Code.WRONG_TRUST_FILE, "is not a digest", "write sha256: and what `sha256sum MANIFEST` prints")
    return text


class TrustedOrigin(Block):
    """An origin, and which credentials and secrets may go there."""

    origin: Annotated[str, AfterValidator(_origin)] = Field(
        description="Scheme, host and port; of a lock elsewhere such as s3://BUCKET."
    )
    credentials: tuple[str, ...] = Field((), description="References, as the files have them.")


class TrustFile(Block):
    """What the files may do beyond what whsync itself knows to be usual."""

    version: Literal[1] = Field(description="The trust file's version.")
    origins: tuple[TrustedOrigin, ...] = Field((), description="Where calls may go, each with its credentials.")
    manifests: tuple[Annotated[str, AfterValidator(_digest)], ...] = Field(
        (), description="Manifests of one's own, each by the digest of its bytes."
    )
    commands: tuple[str, ...] = Field((), description="Commands that may run, each by its whole text.")
    roots: tuple[str, ...] = Field((), description="Folders beside the configuration's whose files may be used.")
    variables: tuple[str, ...] = Field((), description="Variables that may be filled in as `${NAME}`.")
    policy: PolicyBlock | None = Field(None, description="A policy that the files cannot loosen.")
    audit: AuditBlock | None = Field(None, description="What an audit looks for, which the files cannot loosen.")

    @property
    def grants(self) -> Grants:
        """The file as the rest of whsync knows it."""
        origins: dict[str, frozenset[str]] = {}
        for each in self.origins:
            origins[each.origin] = origins.get(each.origin, frozenset()) | frozenset(each.credentials)
        return Grants(
            origins,
            frozenset(self.manifests),
            frozenset(self.commands),
            self.roots,
            frozenset(self.variables),
            self.policy,
            self.audit,
        )


def read(path: Path) -> Grants:
    """What the trust file says.

    Raises:
        ConfigError: it cannot be read, or says something wrong; then nothing is trusted by it.
    """
    try:
        text = intake.read(path, intake.WRITTEN)
    except OSError as error:
        raise ConfigError(
            f"the trust file {path} cannot be read: {error.strerror or error}",
            "`whsync trust write` makes one; --trust and WHSYNC_TRUST name it",
            code=Code.WRONG_TRUST_FILE,
        ) from None
    return parse(text, str(path))


def parse(text: bytes, file: str) -> Grants:
    """What a trust file with this content says; `file` is for messages.

    Raises:
        ConfigError: it says something wrong.
    """
    tree, problems = document.read(text, file)
    if tree is not None and not problems:
        block, faults = validated(TrustFile, tree, Source(file, ()), registry)
        if block is not None and not faults:
            return block.grants
        problems = told([], faults, [], {file: text})
    first = problems[0]
    summary = f"the trust file is wrong, so that nothing is trusted by it: {first.summary}"
    raise ConfigError(summary, first.hint, problems=problems, code=Code.WRONG_TRUST_FILE)


def trust_of(asked: str | None, untrusted: bool, folder: Path, environment: Mapping[str, str]) -> Trust:
    """How far the configuration in `folder` is believed in one run.

    Args:
        asked: what `--trust` or its variable says: a file's path, or the whole text of one, or `open`.
        untrusted: the command line says that nothing is to be believed.

    Raises:
        ConfigError: a trust file is wrong; then nothing goes on without it.
    """
    asked, said = (asked or "").strip() and asked, Grants()
    level, review = level_of(asked, untrusted, environment), change_under_review(environment)
    if asked and asked != OPEN_WORD:
        said = parse(asked.encode(), VARIABLE) if is_whole(asked) else read(Path(asked))
    if level is Level.UNTRUSTED:
        binding = Grants(variables=said.variables, policy=said.policy, audit=said.audit)
        return Trust(level, binding, why="--untrusted", may_ask=False)
    if review is None:
        said = said.joined(kept(folder, environment))
    why = f"{asked}" if asked and not is_whole(asked) else VARIABLE if asked else review or ""
    return Trust(level, said, why, may_ask=review is None)


def is_whole(asked: str) -> bool:
    """Whether that is a trust file itself rather than its path; one of no more than a line is none of a path either."""
    return "\n" in asked or asked.lstrip().startswith(("{", "version:"))


def granting(needs: Iterable[Need], roots: Iterable[str] = (), variables: Iterable[str] = ()) -> Grants:
    """Exactly what was asked for.

    Args:
        roots: folders that hold the files among it.
        variables: names of those that may be filled in, too.
    """
    origins: dict[str, frozenset[str]] = {}
    by_kind: dict[str, set[str]] = {"manifest": set(), "command": set()}
    for need in needs:
        if need.kind == "origin":
            origins.setdefault(need.what, frozenset())
        elif need.kind == "credential":
            origins[need.origin] = origins.get(need.origin, frozenset()) | {need.what}
        elif need.kind in by_kind:
            by_kind[need.kind].add(need.what)
    manifests, commands = map(frozenset, by_kind.values())
    return Grants(origins, manifests, commands, tuple(sorted(set(roots))), frozenset(variables))


def written(grants: Grants, comment: str) -> str:
    """A trust file that says this; `comment` stands above it, line by line."""
    origins = [{"origin": each, "credentials": sorted(refs)} for each, refs in sorted(grants.origins.items())]
    tree: dict[str, object] = {
        "version": 1,
        "origins": origins,
        "manifests": sorted(grants.manifests),
        "commands": sorted(grants.commands),
        "roots": list(grants.roots),
        "variables": sorted(grants.variables),
    }
    return dump({key: value for key, value in tree.items() if value}, comment)


def kept_at(folder: Path, environment: Mapping[str, str]) -> Path:
    """Where this machine keeps what its user confirmed for the configuration in `folder`; not in that folder."""
    name = hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()[:32]
    return state_folder(environment) / "trust" / f"{name}.yaml"


def kept(folder: Path, environment: Mapping[str, str]) -> Grants:
    """What its user confirmed on this machine; nothing where nothing was.

    Raises:
        ConfigError: it cannot be understood.
    """
    path = kept_at(folder, environment)
    if is_in_checkout(path, folder):
        return Grants()
    try:
        text = intake.read(path, intake.WRITTEN)
    except OSError:  # nothing is trusted by what is not there, or not ours
        return Grants()
    return parse(text, str(path))


def keep(grants: Grants, folder: Path, environment: Mapping[str, str]) -> Path:
    """Add to what is kept; returns where.

    Raises:
        OSError, ConfigError: that cannot be done.
    """
    path = kept_at(folder, environment)
    if is_in_checkout(path, folder):
        summary = f"{path} is where changes of these files reach, so nothing can be kept there"
        raise ConfigError(summary, "set XDG_STATE_HOME to a folder elsewhere", code=Code.WRONG_TRUST_FILE)
    both = kept(folder, environment).joined(grants)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    atomic.replace(path, written(both, f"Confirmed for {os.path.realpath(folder)}").encode())
    return path
