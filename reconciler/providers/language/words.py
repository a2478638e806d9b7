"""The small words of the manifest language: expressions, templates, pointers, settings, operations.

Used by all of `providers.language`, and by `providers.engine` for the types.

Texts are JMESPath expressions (looking into answers), templates of the simplest kind (`{name}`, making paths) or JSON
pointers (making bodies); there is no template language. Each is checked where it stands, so that a wrong one is
reported with its place.

One idea, so longer than most: what a word is, and the words that all others are made of.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Literal, NoReturn, Self, TypeVar

import jmespath
from jmespath import functions
from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic.json_schema import WithJsonSchema

from reconciler.codes import Code
from reconciler.errors import ConfigError
from reconciler.providers.language.jmes import why_not
from reconciler.providers.vendor import Switch
from reconciler.support.deferring import DEFERS

Plain = str | bool | int | float | None | tuple[Any, ...] | dict[str, Any]


class Word(BaseModel):
    """The base of everything in a manifest: frozen, and misspelt keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, defer_build=DEFERS)

    @model_validator(mode="after")
    def _is_frozen_throughout(self) -> Self:
        """One manifest serves every webhook of a run, so what one left in it would be sent with the next."""
        self.__dict__.update({name: frozen(self.__dict__[name]) for name in type(self).model_fields})
        return self

    @classmethod
    def silent(cls) -> Self:
        """One in which nothing is said, as a default: made without its validator, for that is slow to build."""
        made = cls.model_construct()
        made.__dict__.update({name: frozen(value) for name, value in made.__dict__.items()})
        return made


class ReadOnly(dict[str, Any]):
    """An object in a manifest: read like any other dict, and never changed. A copy is a plain dict again."""

    def _refuse(self, *args: Any, **named: Any) -> NoReturn:
        raise TypeError("a manifest is never changed")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[type[Self], tuple[dict[str, Any]]]:
        return type(self), (dict(self),)


def frozen(value: Any) -> Any:
    """The value with read-only containers in it, all the way down."""
    if isinstance(value, dict):
        return ReadOnly({key: frozen(inner) for key, inner in value.items()})
    return tuple(frozen(item) for item in value) if isinstance(value, list | tuple) else value


VARIABLE = re.compile(r"\{(\+?)(\w+)\}")
"""A variable of a template, and whether it keeps its `/`. Of RFC 6570 there is no more than this."""


@cache
def variables_in(text: str) -> tuple[str, ...]:
    """The names of a template's variables, in order, each once; taken apart once however many webhooks use it."""
    return tuple(dict.fromkeys(found[2] for found in VARIABLE.finditer(text)))


_BRACES = re.compile(r"\{[^{}]*\}?|\}")


def _expression(text: str) -> str:
    try:
        parsed = jmespath.compile(text).parsed
    except jmespath.exceptions.JMESPathError as error:
        raise ValueError(f"not a JMESPath expression: {why_not(text, error)}") from None
    if fault := next(_faults(parsed), None):
        raise ValueError(f"not a JMESPath expression: {fault}")
    return text


def _faults(node: Mapping[str, Any]) -> Iterator[str]:
    """What no answer could be evaluated by, although it is well-formed."""
    children = [child for child in node["children"] if isinstance(child, dict)]
    if node["type"] == "function_expression":
        known = functions.Functions.FUNCTION_TABLE.get(node["value"])
        if known is None:
            yield f"there is no function {node['value']}()"
        else:
            wanted, given = known["signature"], len(children)
            variadic = bool(wanted and wanted[-1].get("variadic"))
            if given < len(wanted) or (given > len(wanted) and not variadic):
                yield f"{node['value']}() takes {len(wanted)} argument{'s' * (len(wanted) != 1)}, not {given}"
    if node["type"] == "slice" and node["children"][2:] == [0]:
        yield "a slice's step is zero"
    for child in children:
        yield from _faults(child)


def _path(text: str) -> str:
    if text and not text.startswith("/"):
        raise ValueError("a path begins with /")
    return _braced(text, "only `{name}` and, where the value's `/` are parts of the path, `{+name}` are put in")


def _template(text: str) -> str:
    if whole := next((found for found in VARIABLE.finditer(text) if found[1]), None):
        raise ValueError(f"`{whole[0]}` is for paths; write `{{{whole[2]}}}`: outside of a path nothing is encoded")
    return _braced(text, "only `{name}` is put in")


def _braced(text: str, takes: str) -> str:
    if stray := _BRACES.search(VARIABLE.sub("", text)):
        raise ValueError(f"`{stray[0]}` is no variable; {takes}")
    return text


def _pointer(text: str) -> str:
    if text and not text.startswith("/"):
        raise ValueError("a JSON pointer is empty or begins with /")
    return text


Expression = Annotated[str, AfterValidator(_expression)]
Path = Annotated[str, AfterValidator(_path)]
Template = Annotated[str, AfterValidator(_template)]
Pointer = Annotated[str, AfterValidator(_pointer)]
Scalar = Annotated[str | bool | int | float, WithJsonSchema({"type": ["string", "boolean", "number"]})]


class FromSetting(Word):
    """A value that a setting gives: `{setting: token_path}`."""

    setting: str


class Alternative(Word):
    """What holds for some settings only: `when: {list: true}`. Where one is needed, the first that holds is taken."""

    when: Mapping[str, Switch] = Field(default_factory=dict)

    def holds(self, settings: Mapping[str, Switch]) -> bool:
        """Whether every setting named in `when` has the value given there."""
        return all(settings.get(name) == value for name, value in self.when.items())


A = TypeVar("A", bound=Alternative)


def first_that_holds(alternatives: Sequence[A], settings: Mapping[str, Switch]) -> A:
    """The first alternative that holds for these settings.

    Raises:
        ConfigError: none does.
    """
    for alternative in alternatives:
        if alternative.holds(settings):
            return alternative
    raise ConfigError("the manifest has no way for these settings", code=Code.WRONG_SETTING)


class FormWords(Word):
    """A form, and how it writes what forms have no way of their own for.

    Args:
        form: how it is sent.
        lists: `brackets` writes `key[]=a&key[]=b`, `repeat` `key=a&key=b`, `index` `key[0]=a&key[1]=b`.
        json_: parts that are JSON texts, by JSON pointer; `/key/*` is each item of the list `key`.
    """

    form: Literal["urlencoded", "multipart"] = "urlencoded"
    lists: Literal["brackets", "repeat", "index"] = "brackets"
    json_: tuple[Pointer, ...] = Field(default=(), alias="json")


def by_shape(value: object) -> str:
    """What tells a block from a name."""
    return "block" if isinstance(value, dict | Word) else "name"


Encoding = Annotated[
    Annotated[Literal["json", "form"], Tag("name")] | Annotated[FormWords, Tag("block")], Discriminator(by_shape)
]
"""By a name, or as a block: told apart by its shape, so that a mistake in one is not told of the other."""


class CallWords(Word):
    """Where a call goes, and what stands in its body whatever it is for. Paths stand below the path of the scope.

    Args:
        fixed: parts of the body that are always sent, by JSON pointer.
        with_: parts of the body by JSON pointer, as templates over `{id}`, the scope's parameters and the settings. One
            that is a single variable keeps that one's type; one with a variable that has no value is left out.
    """

    path: Path
    query: Mapping[str, Template] = Field(default_factory=dict)
    encoding: Encoding = "json"
    fixed: Mapping[Pointer, Plain] = Field(default_factory=dict)
    with_: Mapping[Pointer, Template] = Field(default_factory=dict, alias="with")


class Idempotency(Word):
    """Where a call has a key by which its vendor knows that it was sent before: in a `header`, or `at` a JSON pointer.

    Then it may be repeated after a lost answer, with the same key; what is intended anew has another one.
    """

    header: str | None = None
    at: Pointer | None = None

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if (self.header is None) == (self.at is None):
            raise ValueError("give either `header` or `at`")
        return self


class Operation(Alternative, CallWords):
    """One write call.

    `ok` lists the statuses that may mean success; `ok_when` must hold beside them, `rejected_when` and `errors` are
    asked first. What is neither ok nor rejected may have happened: nobody knows.

    Args:
        body: `fields` sends what the call is for; whatever it is for, `none` sends no body, `empty` sends `{}`, and
            `parts` what `fixed` and `with` hold.
        root: fields whose pointers lie below it are sent relative to it (a sub-resource that is a part of the whole).
        wrap: the whole body is put at this pointer (`/webhook`).
        answer: where the answer holds the webhook, in the shape that reads give; null where the answer says nothing.
        safe_to_repeat: whether sending it twice has the effect of sending it once; with `idempotency` it has.
        whole_place: that the path needs no `{id}`, since the place is the one webhook itself. Left out, a call about a
            webhook must name one: without it, a delete would take away whatever is there.
    """

    method: Literal["POST", "PUT", "PATCH", "DELETE", "GET"] = "POST"
    body: Literal["fields", "none", "empty", "parts"] = "fields"
    root: Pointer = ""
    wrap: Pointer = ""
    answer: Expression = "@"
    ok: tuple[int, ...] = (200, 201, 204)
    ok_when: Expression | None = None
    rejected_when: Expression | None = None
    safe_to_repeat: bool = False
    whole_place: bool = False
    idempotency: Idempotency | None = None

    @property
    def says_nothing(self) -> bool:
        """Whether its body is the same whatever it is for."""
        return self.body in ("none", "empty", "parts")

    @model_validator(mode="after")
    def _has_parts_only_in_a_body(self) -> Self:
        if self.body in ("none", "empty") and (self.fixed or self.with_ or self.wrap):
            raise ValueError(f"`body: {self.body}` has no place for `fixed`, `with` or `wrap`")
        if self.body == "parts" and not (self.fixed or self.with_):
            raise ValueError("`body: parts` needs parts: `fixed` or `with`")
        if self.idempotency is not None and self.idempotency.at is not None and self.body in ("none", "json_patch"):
            raise ValueError(f"`body: {self.body}` has no place for a key `at` a pointer; a `header` may have it")
        return self


class Create(Operation):
    """The call that makes a webhook. Fields with `sets: update` follow in an update where they need another value.

    Args:
        needs: pointers of the fields without which the vendor makes none; such a create is a problem of the plan.
    """

    needs: tuple[Pointer, ...] = ()


class Delta(Word):
    """A list that is changed by what joins and what leaves: where the body holds the one and the other."""

    add: Pointer
    remove: Pointer


class Update(Operation):
    """One way to change a webhook. Of all whose `when` holds, the fewest calls and then the smallest bodies are used.

    Args:
        covers: the pointers that it can change (`/url`, `/options/…`, `/secret`); left out: all.
        body: `changed` sends what changed, `full` every field that is known (the unmanaged ones as they were read),
            `merge` the whole object as it was read, with the changes; `json_patch` one operation (RFC 6902) for each
            place that changes; `none`, `empty` and `parts` send nothing of what they cover, which `for` must say.
        for_: pointer -> the only values of that field for which this call is made (`/status: active`).
        drop: parts of the object as read, by JSON pointer, that no update takes: `merge` leaves them out.
        keeps: parts of the body, by JSON pointer, that the vendor keeps where they are left out.
        whole: parts of the body, by JSON pointer, that the vendor replaces: all in them is sent if anything is.
        always: pointers that are sent with every change.
        resend: pointer -> pointers that must be sent with it, because changing the one resets the others.
        delta: the one list that is covered is sent as what joins it (`add`) and what leaves it (`remove`), by pointer.
        each: made once for each item that joins the one list that is covered (`joined`), or leaves it (`left`). It is
            `{item}` in path, query and `with`, and no field goes along.
    """

    method: Literal["POST", "PUT", "PATCH", "DELETE", "GET"] = "PATCH"
    covers: tuple[Pointer, ...] | None = None
    body: Literal["changed", "full", "merge", "json_patch", "none", "empty", "parts"] = "changed"  # type: ignore[assignment]
    for_: Mapping[Pointer, Scalar | tuple[Scalar, ...]] = Field(default_factory=dict, alias="for")
    drop: tuple[Pointer, ...] = ()
    keeps: tuple[Pointer, ...] = ()
    whole: tuple[Pointer, ...] = ()
    always: tuple[Pointer, ...] = ()
    resend: Mapping[Pointer, tuple[Pointer, ...]] = Field(default_factory=dict)
    delta: Delta | None = None
    each: Literal["joined", "left"] | None = None

    @property
    def by_items(self) -> bool:
        """Whether it changes a list by what joins and leaves it, instead of sending the whole."""
        return self.delta is not None or self.each is not None

    @property
    def regions(self) -> tuple[str, ...]:
        """The parts of the body that are all or nothing; the empty pointer is the whole body."""
        return ("",) if self.body in ("full", "merge") else self.whole

    @model_validator(mode="after")
    def _says_what_it_changes(self) -> Self:
        if self.says_nothing and not set(self.covers or ("",)) <= self.for_.keys():
            raise ValueError(f"`body: {self.body}` needs `covers`, and in `for` the value that each of them then has")
        return self

    @model_validator(mode="after")
    def _moves_one_list(self) -> Self:
        word = "delta" if self.delta is not None else "each"
        if self.by_items and (self.delta is not None) == (self.each is not None):
            raise ValueError("give either `delta` or `each`")
        if self.by_items and len(self.covers or ()) != 1:
            raise ValueError(f"`{word}` needs `covers`, with the one list that it changes")
        if self.by_items and (self.body != "changed" or self.whole or self.always or self.resend):
            raise ValueError(f"with `{word}` nothing else goes along: no `body`, `whole`, `always` or `resend`")
        return self
