"""What somebody whom the files cannot overrule has said that they may do, and at which level.

Made by `trust.file`; used by `trust.guard` and by `cli`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from reconciler.config.audit import AuditBlock
from reconciler.config.loaded import Loaded
from reconciler.config.policies import PolicyBlock
from reconciler.support.reach import EVERYWHERE, Reach, roots_of
from reconciler.trust.level import Level
from reconciler.trust.needs import Need


class Grants(NamedTuple):
    """What a trust file says.

    Args:
        origins: the references that may go to each origin.
        manifests: digests of the user's own manifests.
        commands: whole texts of commands.
        roots: folders whose files may be used, as written.
        variables: names of variables that may be filled in.
        policy, audit: what the files cannot loosen.
    """

    origins: Mapping[str, frozenset[str]] = {}
    manifests: frozenset[str] = frozenset()
    commands: frozenset[str] = frozenset()
    roots: tuple[str, ...] = ()
    variables: frozenset[str] = frozenset()
    policy: PolicyBlock | None = None
    audit: AuditBlock | None = None

    def joined(self, other: "Grants") -> "Grants":
        """What either of them says; policy and audit are this one's."""
        origins = {
            origin: self.origins.get(origin, frozenset()) | other.origins.get(origin, frozenset())
            for origin in {**self.origins, **other.origins}
        }
        return Grants(
            origins,
            self.manifests | other.manifests,
            self.commands | other.commands,
            (*self.roots, *other.roots),
            self.variables | other.variables,
            self.policy or other.policy,
            self.audit or other.audit,
        )


class Trust(NamedTuple):
    """How far the files of this run are believed.

    Args:
        level: see there.
        grants: what is said besides; what was confirmed on this machine is in it.
        why: what made the level what it is, in words; empty where it is the usual one.
        may_ask: whether a person at a terminal may add to it: not where a change of somebody else's is checked.
    """

    level: Level = Level.OPEN
    grants: Grants = Grants()
    why: str = ""
    may_ask: bool = True

    def reach(self, folder: Path) -> Reach:
        """What the configuration in `folder` may use: files, variables, commands for lists, places for the lock."""
        if self.level is Level.OPEN:
            return EVERYWHERE
        untrusted = self.level is Level.UNTRUSTED
        roots, commands = roots_of(self.grants.roots, folder), frozenset() if untrusted else self.grants.commands
        origins = frozenset() if untrusted else frozenset(self.grants.origins)
        return Reach(roots, self.grants.variables, untrusted, commands, origins).widened(folder)

    def bounded(self, loaded: Loaded) -> Loaded:
        """The files, their policy and their audit held to the trusted ones."""
        policy, audit = self.grants.policy, self.grants.audit
        return loaded._replace(
            policy=policy.bound(loaded.policy) if policy is not None else loaded.policy,
            audit=audit.bound(loaded.audit) if audit is not None else loaded.audit,
        )

    def grants_need(self, need: Need, reach: Reach) -> bool:
        """Whether what the files ask for is as it should be, or was granted.

        Args:
            reach: which files may be used.
        """
        grants = self.grants
        match need.kind:
            case "origin":
                return need.usual or need.what in grants.origins
            case "credential":
                return need.usual or need.what in grants.origins.get(need.origin, ())
            case "command":
                return need.what in grants.commands
            case "manifest":
                return need.what in grants.manifests
            case "file":
                return reach.covers(need.what)
