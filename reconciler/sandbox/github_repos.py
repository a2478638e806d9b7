"""The lists of GitHub's repositories and organisations apart from HTTP: whose they are, and what each item shows.

Used by `sandbox.github` only, with the vendor's lock held. Sources: https://docs.github.com/rest/repos/repos (the
repositories of an organisation, of a user, of the authenticated user) and /rest/orgs/orgs (the organisations of the
authenticated user). An organisation's list has private repositories, a user's by name only public ones.
"""

import re
from collections.abc import Iterable
from typing import Any
from zlib import crc32

PLACES = re.compile(r"/(?P<kind>orgs|users)/(?P<owner>[^/]+)/repos")


class Nobody:
    """That there is no owner of a name."""


class Repositories:
    """Those that were made by hand, by `owner/name` in lower case, and those that were deleted.

    Args:
        known: `owner/name` and organisations that exist from the start.
        users: owners that are users; every other one is an organisation.
        login: the authenticated user.
    """

    def __init__(self, known: Iterable[str], users: Iterable[str], login: str) -> None:
        self._facts: dict[str, dict[str, Any]] = {}
        self._gone: set[str] = set()
        self._organisations = {name for name in known if "/" not in name}
        self._users = {login.lower(), *(name.lower() for name in users)}
        self._login = login
        for name in known:
            if "/" in name:
                self.make(name, {})

    def make(self, full_name: str, facts: dict[str, Any]) -> None:
        """Make a repository, or change what it shows."""
        self._gone.discard(full_name.lower())
        before = self._facts.get(full_name.lower(), self._usual(full_name))
        self._facts[full_name.lower()] = {**before, **facts}

    def delete(self, full_name: str) -> None:
        """Delete one; its hooks are not to be seen any more."""
        self._facts.pop(full_name.lower(), None)
        self._gone.add(full_name.lower())

    def is_gone(self, target: str) -> bool:
        """Whether it was deleted."""
        return target.lower() in self._gone

    def knows(self, target: str) -> bool:
        """Whether it was made."""
        return target.lower() in self._facts

    def listed(self, path: str) -> "list[dict[str, Any]] | Nobody | None":
        """What stands at a path: a list, that nobody has that name, or None where no list has that path."""
        if path == "/user/repos":
            return self._owned(self._login)
        if path == "/user/orgs":
            return self.my_organisations()
        found = PLACES.fullmatch(path)
        if found is None:
            return None
        whose = self.of_organisation if found["kind"] == "orgs" else self.of_user
        items = whose(found["owner"])
        return Nobody() if items is None else items

    def of_organisation(self, name: str) -> list[dict[str, Any]] | None:
        """The repositories of an organisation; None where there is none of that name."""
        owned = self._owned(name)
        is_one = name.lower() in {each.lower() for each in self._organisations} or bool(owned)
        return owned if is_one and name.lower() not in self._users else None

    def of_user(self, name: str) -> list[dict[str, Any]] | None:
        """The public repositories of a user; None where nobody has that name."""
        owned = self._owned(name)
        return [each for each in owned if not each["private"]] if owned or name.lower() in self._users else None

    def my_organisations(self) -> list[dict[str, Any]]:
        """Every organisation: the sandbox has one user."""
        owners = {each["owner"]["login"] for each in self._facts.values()} | self._organisations
        return [
            {"login": name, "id": crc32(name.encode())} for name in sorted(owners) if name.lower() not in self._users
        ]

    def _owned(self, owner: str) -> list[dict[str, Any]]:
        return [each for each in self._facts.values() if each["owner"]["login"].lower() == owner.lower()]

    def _usual(self, full_name: str) -> dict[str, Any]:
        owner, _, name = full_name.partition("/")
        return {
            "id": crc32(full_name.lower().encode()),
            "name": name,
            "full_name": full_name,
            "owner": {"login": owner, "type": "User" if owner.lower() in self._users else "Organization"},
            "private": False,
            "visibility": "public",
            "fork": False,
            "archived": False,
            "disabled": False,
            "is_template": False,
            "language": None,
            "topics": [],
        }
