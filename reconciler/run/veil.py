"""Hides in what vendors show the values that the files hide. [pure] Held by `run.runtime`; made by `run.hiding`.

Whatever a vendor shows passes here first, so that matching, comparing, noting and telling meet `Hidden` texts, of which
nothing but what `model.hidden` keeps is ever written down.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar, cast

from reconciler.model.hidden import STARS, Hidden, Marks, kept_leaf, lined_up, marks_in
from reconciler.model.secret import shown_url
from reconciler.model.urls import canonical_url
from reconciler.model.webhook import URL, Desired, Entry, Fields, Leaf, Observation, Part, Remote
from reconciler.providers.protocol import Progress

T = TypeVar("T")
_Key = tuple[str, str, object]


class Veil(NamedTuple):
    """What is hidden in one run.

    Args:
        marks: fingerprints of hidden values; None where nothing is hidden.
        wanted: the hidden leaves of the files, by provider entry, pointer and value in one spelling.
        bound: what the lock keeps of webhooks with hidden values, by provider entry and remote id.
    """

    marks: Marks | None = None
    wanted: Mapping[_Key, Leaf] = {}
    bound: Mapping[tuple[str, str], Fields] = {}

    def over(self, provider: str, result: T) -> T:
        """What a provider returned, with the values of the files hidden in it."""
        if self.marks is None:
            return result
        match result:
            case Observation():
                return cast(T, result._replace(remotes=tuple(self._remote(provider, each) for each in result.remotes)))
            case Progress():
                fields = self._veiled(provider, result.remote_id, result.fields)
                parts = self._parts(provider, result.remote_id, result.parts)
                orphans = self._parts(provider, result.remote_id, result.orphan_parts)
                return cast(T, result._replace(fields=fields, parts=parts, orphan_parts=orphans))
        return result

    def ours(self, desired: Desired, fields: Fields) -> Fields:
        """The fields of a webhook that is known to be this one: nothing stands open where the file hides something."""
        if self.marks is None or not any(pointer in fields for pointer in desired.hidden):
            return fields
        kept = {pointer: kept_leaf(desired.fields[pointer]) for pointer in desired.hidden if pointer in desired.fields}
        return self._lined_up(fields, kept, self.marks)

    def _remote(self, provider: str, remote: Remote) -> Remote:
        fields = self._veiled(provider, remote.remote_id, remote.fields)
        return remote._replace(fields=fields, parts=self._parts(provider, remote.remote_id, remote.parts))

    def _veiled(self, provider: str, remote_id: str, fields: Fields) -> Fields:
        made = dict(fields)
        for pointer, leaf in fields.items():
            known = self.wanted.get((provider, pointer, spelled(pointer, leaf)))
            if known is not None:
                made[pointer] = _as_shown(leaf, known)
        bound = self.bound.get((provider, remote_id))
        assert self.marks is not None
        return self._lined_up(Fields(made), dict(bound), self.marks) if bound is not None else Fields(made)

    def _parts(self, provider: str, remote_id: str, parts: Sequence[Part]) -> tuple[Part, ...]:
        """The parts of a webhook, whose URLs are shown ones already."""
        if not parts:
            return tuple(parts)
        told = {shown_url(str(real)): shown_url(real) for real in self._urls(provider)}
        kept = self.bound.get((provider, remote_id), Fields()).get(URL)
        return tuple(part._replace(url=self._url_of(part.url, told, kept)) for part in parts)

    def _urls(self, provider: str) -> Iterable[Hidden]:
        for (holder, pointer, _), leaf in self.wanted.items():
            if holder == provider and pointer == URL and isinstance(leaf, Hidden):
                yield leaf

    def _url_of(self, url: str | None, told: Mapping[str, str], kept: object) -> str | None:
        if url is None or STARS in url:
            return url
        if url in told:
            return told[url]
        if isinstance(kept, str) and self.marks is not None:
            return shown_url(lined_up(url, kept, URL, self.marks, is_url=True))
        return url

    @staticmethod
    def _lined_up(fields: Fields, kept: Mapping[str, object], marks: Marks) -> Fields:
        made = {
            pointer: _covered(fields[pointer], text, pointer, marks)
            for pointer, text in kept.items()
            if pointer in fields
        }
        return Fields(made).over(fields)


def spelled(pointer: str, leaf: Leaf) -> object:
    """One spelling of a value, to find it by."""
    return canonical_url(leaf) if pointer == URL and isinstance(leaf, str) else leaf


def bound_to(entry: Entry) -> Fields:
    """What an entry keeps of its fields with hidden values."""
    return Fields((pointer, leaf) for pointer, leaf in entry.applied.items() if marks_in(leaf))


def _as_shown(leaf: Leaf, known: Leaf) -> Leaf:
    """What a vendor shows of a value that the files hide, in the vendor's own spelling."""
    return Hidden(leaf, known.kept) if isinstance(leaf, str) and isinstance(known, Hidden) else known


def _covered(leaf: Leaf, kept: object, pointer: str, marks: Marks) -> Leaf:
    """A leaf that stands where one with hidden values is kept."""
    if isinstance(leaf, tuple):
        texts = kept if isinstance(kept, tuple) and len(kept) == len(leaf) else [STARS] * len(leaf)
        return tuple(
            _covered(item, text, pointer, marks) if isinstance(item, str) and item != text else item
            for item, text in zip(leaf, texts, strict=True)
        )
    if not isinstance(leaf, str) or isinstance(leaf, Hidden):
        return leaf
    like = kept if isinstance(kept, str) else STARS
    return lined_up(leaf, like, pointer, marks, is_url=pointer == URL)
