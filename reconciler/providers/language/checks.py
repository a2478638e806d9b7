"""What must fit together in a manifest for it to mean anything. [pure] Used by `providers.language.manifest`.

What is well-formed, but cannot be meant, is found later by the rules in `sound`.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reconciler.providers.language.reads import Get
from reconciler.providers.language.words import Alternative, Operation, variables_in

if TYPE_CHECKING:
    from reconciler.providers.language.manifest import Manifest


def _check_pointers(manifest: "Manifest") -> None:
    """Every pointer that the manifest names has a lens, or is the secret's."""
    pointers = {*manifest.lenses(), *manifest.secret_words()}
    named = [
        *manifest.natural_key,
        *manifest.further_key,
        *(pointer for create in manifest.create for pointer in create.needs),
    ]
    for update in manifest.update:
        resent = (pointer for others in update.resend.values() for pointer in others)
        named += [*(update.covers or ()), *update.for_, *update.always, *update.resend, *resent]
    named += [pointer for retire in manifest.retire if retire.how == "delete" for pointer in retire.first]
    strays = sorted({pointer for pointer in named if pointer not in pointers})
    if strays:
        raise ValueError(f"no field is called {', '.join(strays)}; there are {', '.join(sorted(pointers))}")


def _check_identity(manifest: "Manifest") -> None:
    """A field that is the identity is shown by lists, told by the create, and never changed: else it is another's."""
    of = manifest.identity.of
    if of is None:
        return
    lens = manifest.lenses().get(of)
    if (
        lens is None
        or lens.read is None
        or lens.sets != "create"
        or lens.type != "text"
        or of not in manifest.natural_key
    ):
        raise ValueError(
            f"`identity.of` names {of}; it must be a text that reads show, `sets: create`, a `natural_key`"
        )
    if any(read.how != "list" or read.one is not None for read in manifest.read) or manifest.fan_out is not None:
        raise ValueError("`identity.of` is for webhooks that are listed, without `one` and `fan_out`")
    if manifest.secret.fetch is not None:
        raise ValueError("`fetch` asks for a webhook by an id, and with `identity.of` there is none")


def _check_reads(manifest: "Manifest") -> None:
    """`only` compares with parameters of the scope, so that a misspelt one does not leave everything out."""
    known = {name for way in manifest.scope for name in way.params}
    used = {
        name for read in manifest.read for text in getattr(read, "only", {}).values() for name in variables_in(text)
    }
    used |= manifest.fields.events.catalogue.only.keys()
    if strays := sorted(used - known):
        raise ValueError(f"`only` speaks of {', '.join(strays)}; the scope has {', '.join(sorted(known)) or 'nothing'}")


def _check_key(manifest: "Manifest") -> None:
    """What a list shows is told apart by something that it shows; else nothing of ours would ever be found in it."""
    if manifest.mark is not None or all(read.how != "list" for read in manifest.read):
        return
    if not manifest.natural_key:
        raise ValueError("`natural_key` is empty and there is no `mark`, so that no webhook of a list would be found")
    lenses = manifest.lenses()
    for word, pointers in (("natural_key", manifest.natural_key), ("further_key", manifest.further_key)):
        if hidden := [at for at in pointers if at not in lenses or lenses[at].read is None]:
            raise ValueError(f"`{word}` names {', '.join(hidden)}, which no read shows")


def _check_fan_out(manifest: "Manifest") -> None:
    """What `fan_out` does not go together with."""
    if manifest.fan_out is None:
        return
    if any(read.how not in ("list", "none") for read in manifest.read):
        raise ValueError("`fan_out` is for APIs that list their objects, or cannot be read at all")
    if any(read.how == "list" for read in manifest.read):
        _check_objects(manifest)
    if words := next((words for words, used in _beside_fan_out(manifest) if used), None):
        raise ValueError(f"{words} for APIs without `fan_out`, so far")


def _beside_fan_out(manifest: "Manifest") -> Iterator[tuple[str, bool]]:
    """The words that objects which are written one by one do not know yet, and whether a manifest has them."""
    yield "`values` and `also` of events are", bool(manifest.fields.events.values or manifest.fields.events.also)
    yield "`first` is", any(retire.how == "delete" and retire.first for retire in manifest.retire)
    yield "`fetch` and `rotate` are", bool(manifest.secret.fetch or manifest.secret.rotate)
    yield "`secrets` are", bool(manifest.secrets)
    yield "`sets: update` is", any(lens.sets == "update" for lens in manifest.lenses().values())


def _check_objects(manifest: "Manifest") -> None:
    """What objects that are listed and of which several are one webhook must have, and cannot have."""
    if manifest.fields.events.codec.kind != "one" or "/events" in manifest.natural_key:
        raise ValueError("with `fan_out` each object has `codec: {kind: one}`, and the events are no `natural_key`")
    if manifest.secret.lifecycle in ("issued", "either"):
        raise ValueError("with `fan_out` each object would have an issued secret of its own, and a webhook has one")
    if any(retire.how == "deactivate" for retire in manifest.retire):
        raise ValueError("with `fan_out` an event that is dropped needs a `delete`")


def _check_credentials(manifest: "Manifest") -> None:
    """Credentials in paths have names of their own, which every way to authenticate gives; bodies have a place."""
    in_paths = {getattr(auth, "names", ()) for auth in manifest.auth}
    if len(in_paths) > 1:
        raise ValueError("where paths hold credentials, every way of `auth` is `kind: path` with the same `names`")
    taken = {"id", *manifest.settings, *(name for way in manifest.scope for name in way.params)}
    if both := sorted(taken & set(next(iter(in_paths), ()))):
        raise ValueError(f"{', '.join(both)} would be a credential and something else; paths could not tell them apart")
    if any(auth.kind == "body" for auth in manifest.auth):
        for call in _calls(manifest):
            no_object = isinstance(call, Operation) and call.body not in ("fields", "changed", "full", "merge", "parts")
            if call.method == "GET" or no_object:
                raise ValueError(f"{call.method} {call.path} has no body in which credentials could stand")


def _calls(manifest: "Manifest") -> Iterator[Get | Operation]:
    """Every call of a manifest but those for tokens."""
    reads = [*manifest.read, *(getattr(read, "one", None) for read in manifest.read)]
    reads += [words for read in manifest.read for words in getattr(read, "beside", {}).values()]
    reads += [
        *manifest.discover.values(),
        manifest.probe,
        manifest.account,
        *(way.place for way in manifest.scope),
        manifest.secret.fetch,
    ]
    yield from (read for read in reads if isinstance(read, Get))
    yield from (Get(path=read) for read in reads if isinstance(read, str))
    writes = (*manifest.create, *manifest.update, *manifest.retire, manifest.secret.rotate)
    yield from (write for write in writes if isinstance(write, Operation))


def _check_settings(manifest: "Manifest") -> None:
    """Every setting that the manifest names is declared; `sound.choices` says what else is wrong with them."""
    alternatives: list[Alternative] = [*manifest.auth, *manifest.read, *manifest.create, *manifest.update]
    alternatives += [*manifest.retire, *filter(None, (manifest.secret.fetch, manifest.secret.rotate))]
    used = {name for each in alternatives for name in each.when} | set(manifest.fields.events.catalogue.open_when)
    used |= {value.setting for auth in manifest.auth for value in dict(auth).values() if hasattr(value, "setting")}
    strays = sorted(used - set(manifest.settings))
    if strays:
        raise ValueError(f"no setting is called {', '.join(strays)}")


CHECKS = (
    _check_pointers,
    _check_identity,
    _check_reads,
    _check_key,
    _check_fan_out,
    _check_settings,
    _check_credentials,
)
"""Each raises ValueError for a manifest in which something does not fit."""
