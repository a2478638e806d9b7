"""One vendor's API as the verbs see it: a manifest with its settings applied, and calls made of its words. [pure]

Made by `providers.engine.interpret`; used by the verbs: `providers.engine.reading`, `providers.engine.writes`,
`providers.engine.verbs`, `providers.engine.removal`, `providers.engine.fanout`, and by `providers.engine.carried`.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from reconciler.model.capabilities import Capabilities
from reconciler.model.webhook import Scope
from reconciler.providers.engine.bodies import body_of, encoding_of, keyed
from reconciler.providers.engine.classify import ReplyClassifier
from reconciler.providers.engine.codec import Codec
from reconciler.providers.engine.extract import built
from reconciler.providers.engine.template import AppliedScope, expand, filled, plain
from reconciler.providers.language.manifest import Manifest, RetireWay
from reconciler.providers.language.reads import Get, ReadWay
from reconciler.providers.language.words import CallWords, Create, Operation, Update
from reconciler.providers.protocol import Call, ChangeRequest, Tree
from reconciler.providers.vendor import Switch
from reconciler.support.bounds import USUAL, Bounds


class Api(NamedTuple):
    """A manifest with its settings applied: of all alternatives those that hold.

    Args:
        settings: the settings as templates take them; `switches`: as they are.
        credentials: the names of those that paths hold.
        applied: a scope, applied; raises what `template.applied` does.
        bounds: how much the vendor may send.
    """

    manifest: Manifest
    settings: Mapping[str, str]
    applied: Callable[[Scope], AppliedScope]
    capabilities: Capabilities
    codec: Codec
    classifier: ReplyClassifier
    read: ReadWay
    create: Create
    updates: tuple[Update, ...]
    retire: RetireWay
    base_url: str = ""
    bounds: Bounds = USUAL
    switches: Mapping[str, Switch] = {}
    credentials: tuple[str, ...] = ()

    def get(self, scope: AppliedScope, words: Get, remote_id: str | None = None) -> Call:
        """A call that only reads, and is marked so, also where it is a POST."""
        variables = self._variables(scope, remote_id)
        path, query = self._where(scope, words, variables)
        body: Tree = built({**words.fixed, **self._filled(words, variables)})
        return Call(words.method, path, query, scope.headers, body or None, encoding_of(words), safe_to_repeat=True)

    def write(
        self,
        scope: AppliedScope,
        operation: Operation,
        pairs: Mapping[str, Tree],
        remote_id: str | None,
        base: Tree = None,
        intent: str = "",
        name: str = "",
        item: str = "",
    ) -> Call:
        """A call that writes `pairs` and the operation's fixed parts.

        Args:
            scope: where the webhook hangs.
            operation: which call it is.
            pairs: body pointers and values.
            remote_id: the webhook's id; None where it is made.
            base: the object that an update is written over; None for an empty one.
            intent: of the change that it belongs to.
            name: what the webhook is called, where it is made: an id of our choice.
            item: of a list, that joins or leaves it by this call.
        """
        variables = {**self._variables(scope, remote_id, name), **({"item": item} if item else {})}
        path, query = self._where(scope, operation, variables)
        call = Call(
            operation.method,
            path,
            query,
            scope.headers,
            body=body_of(operation, self._filled(operation, variables), pairs, base),
            encoding=encoding_of(operation),
            writes=True,
            safe_to_repeat=operation.safe_to_repeat,
        )
        return keyed(call, operation.idempotency, intent) if operation.idempotency is not None else call

    def id_for(self, request: ChangeRequest, remote_id: str | None) -> str | None:
        """What `{id}` is in a call about one webhook: its id; where a field is what the vendor knows, that as read."""
        of = self.manifest.identity.of
        if of is None:
            return remote_id
        leaf = request.remote.fields.get(of) if request.remote is not None else None
        return leaf if isinstance(leaf, str) else None

    def _where(
        self, scope: AppliedScope, words: CallWords, variables: Mapping[str, str]
    ) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Path and query of a call: those of the scope, then those of the words."""
        query = ((name, plain(text, variables)) for name, text in words.query.items())
        return scope.path + expand(words.path, variables, self.credentials), (*scope.query, *query)

    def _variables(self, scope: AppliedScope, remote_id: str | None, name: str = "") -> Mapping[str, str]:
        """What templates may name: settings, the scope's parameters, the id or the name where there is one."""
        chosen = {"name": name} if name else {}
        return {**chosen, **self.settings, **scope.variables, **({"id": remote_id} if remote_id else {})}

    def _filled(self, words: CallWords, variables: Mapping[str, str]) -> dict[str, Switch]:
        """The parts of a body that are templates; one that is a setting alone keeps that one's type."""
        texts: dict[str, Switch] = {n: value for n, value in variables.items() if value != self.settings.get(n)}
        if self.manifest.identity.number and (digits := variables.get("id", "")).isascii() and digits.isdigit():
            texts["id"] = int(digits)
        return filled(words.with_, variables, {**self.switches, **texts})
