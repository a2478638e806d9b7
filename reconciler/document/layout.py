"""YAML -> the same YAML in its usual layout: only white space changes, no character of a value or a comment.

Called by `cli.fmt`. Nothing is read into values and written again, since that would respell numbers and words and drop
comments: the text is cut at its tokens, which stay, and what lies between them, comments and white space, is laid out.

    indentation    two spaces a level, list items two below their key; comments with what they stand at
    in a line      one space behind `:`, `-` and `,`, none inside brackets; a comment two spaces away at the least
    lines          broken where they were; no two empty ones together, none at the ends, no white space at any end
"""

import re
from typing import Any, NamedTuple

import yaml
from yaml import tokens as kinds

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STEP = 2
_OPENING = (kinds.FlowSequenceStartToken, kinds.FlowMappingStartToken)
_CLOSING = (kinds.FlowSequenceEndToken, kinds.FlowMappingEndToken)
_EDGES = (kinds.DirectiveToken, kinds.DocumentStartToken, kinds.DocumentEndToken)
_SPACED = (kinds.BlockEntryToken, kinds.FlowEntryToken, kinds.ValueToken, kinds.KeyToken, *_EDGES)
_JOINED = (kinds.FlowEntryToken, kinds.ValueToken)
_WHITE = re.compile(r"\s+")


class _Block(NamedTuple):
    """A list or mapping without brackets: its column, its new one; `indentless`: a list in the column of its key."""

    was: int
    now: int
    is_list: bool
    indentless: bool = False


def laid_out(text: str) -> str:
    """The text in its usual layout; laying it out once more changes nothing.

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    both = text.count("\r\n")
    laid = _Layout(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")).run()
    return laid.replace("\n", "\r\n") if both and both == text.count("\n") else laid  # as Windows checks files out


def same_characters(one: str, other: str) -> bool:
    """Whether two texts differ in white space at the most."""
    return _WHITE.sub("", one.removeprefix("\ufeff")) == _WHITE.sub("", other.removeprefix("\ufeff"))


class _Layout:
    """One pass over the tokens.

    Attributes: `_out` is what is laid out, up to `_end` of the text; `_blocks` are open now, and `_before` were so at
    the last token of more than no characters, `_last`; `_depth` counts open brackets; `_at_key`: a key begins here;
    `_fresh`: a line begins here.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._out: list[str] = []
        self._end = 0
        self._blocks: list[_Block] = []
        self._before: list[_Block] = []
        self._last: Any = None
        self._depth = 0
        self._at_key = False
        self._fresh = True

    def run(self) -> str:
        """The whole text."""
        for token in yaml.scan(self._text, Loader=_Loader):
            self._follow(token)
            if token.end_mark.index > token.start_mark.index:
                self._take(token)
        self._lay_gap(self._text[self._end :], None)
        text = "".join(self._out)
        return text if self._fresh or self._is_unended else text.rstrip("\n") + "\n"

    @property
    def _is_unended(self) -> bool:
        """Whether the text ends in a text behind `|` or `>` without the line break that would be part of it."""
        sign = self._text[self._last.start_mark.index :].partition("\n")[0].partition("#")[0] if self._last else ""
        return sign[:1] in ("|", ">") and "-" not in sign and not self._text.endswith("\n")

    def _follow(self, token: Any) -> None:
        """Which lists and mappings are open: their own tokens have no characters, and some lists have none at all."""
        inner = self._blocks[-1] if self._blocks and not self._depth else None
        if isinstance(token, kinds.BlockEntryToken) and inner is not None and not inner.is_list:
            self._blocks.append(_Block(token.start_mark.column, inner.now + _STEP, True, indentless=True))
        elif isinstance(token, kinds.BlockMappingStartToken | kinds.BlockSequenceStartToken):
            now = self._blocks[-1].now + _STEP if self._blocks else 0
            is_list = isinstance(token, kinds.BlockSequenceStartToken)
            self._blocks.append(_Block(token.start_mark.column, now, is_list))
        elif isinstance(token, kinds.BlockEndToken | kinds.KeyToken | kinds.ValueToken):
            if inner is not None and inner.indentless:
                self._blocks.pop()
            if isinstance(token, kinds.BlockEndToken):
                self._blocks.pop()
        self._at_key = self._at_key or isinstance(token, kinds.KeyToken)

    def _take(self, token: Any) -> None:
        """Lay out what stands before a token, and the token."""
        self._lay_gap(self._text[self._end : token.start_mark.index], token)
        raw = self._text[token.start_mark.index : token.end_mark.index]
        if getattr(token, "style", None) in ("|", ">"):
            raw, written = self._lines_of_text(raw)
        elif "\n" in raw:
            first, *rest = raw.split("\n")
            room = " " * self._inside
            written = "\n".join([first, *(room + line.lstrip() if line.strip() else "" for line in rest)])
        else:
            written = raw
        self._out.append(written)
        self._end = token.start_mark.index + len(raw)
        self._depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        self._last, self._before, self._at_key = token, list(self._blocks), False
        self._fresh = written.endswith("\n")

    @property
    def _inside(self) -> int:
        """Where what goes on in another line begins."""
        base = self._blocks[-1].now + _STEP if self._blocks else 0
        return base + _STEP * self._depth

    def _column(self, token: Any) -> int:
        """Where a token that begins a line stands."""
        if self._depth:
            return self._inside - (_STEP if isinstance(token, _CLOSING) else 0)
        begins = self._at_key or isinstance(token, kinds.BlockEntryToken | kinds.KeyToken | kinds.ValueToken)
        if isinstance(token, _EDGES) or not self._blocks:
            return 0
        return self._blocks[-1].now if begins else self._inside

    def _lines_of_text(self, raw: str) -> tuple[str, str]:
        """A text behind `|` or `>`: what of it counts, and the same at its new place; its own spaces stay."""
        header, *lines = raw.split("\n")
        block = self._blocks[-1] if self._blocks else _Block(-_STEP, -_STEP, False)
        sign = header.partition("#")[0]
        given = re.search(r"[1-9]", sign)
        first = next((line for line in lines if line.strip(" ")), "")
        was = max(block.was, 0) + int(given[0]) if given else len(first) - len(first.lstrip(" "))
        now = max(block.now, 0) + int(given[0]) if given else block.now + _STEP
        if "+" not in sign:
            while lines and len(lines[-1]) <= was and not lines[-1].strip(" "):
                lines.pop()
        moved = (" " * now + line[was:] if line.strip(" ") or len(line) > was else "" for line in lines)
        return "\n".join([header, *lines]), "\n".join([header.rstrip(), *moved])

    def _lay_gap(self, gap: str, token: Any) -> None:
        """White space and comments in front of a token; None: at the end of the text."""
        rest, *lines = gap.split("\n")
        if self._fresh:
            rest, lines = "", [rest, *lines]
        elif not lines and token is not None:
            self._out.append(self._between(token, gap))
            return
        if remark := rest.strip():
            away = len(rest) - len(rest.lstrip())
            self._out.append(" " * max(away, _STEP) + remark)
        empty = False
        for line in lines if token is None else lines[:-1]:
            if remark := line.strip():
                self._begin_line(empty, self._column_of_remark(line, token))
                self._out.append(remark)
            empty = not remark
        if token is not None:
            self._begin_line(empty, self._column(token))

    def _begin_line(self, empty: bool, column: int) -> None:
        """Go on in another line, behind an empty one where there was one (or more)."""
        ends = "" if self._fresh else "\n"
        self._out.append(ends * (2 if empty else 1) + " " * column)
        self._fresh = False

    def _between(self, token: Any, gap: str) -> str:
        """What stands between two tokens of a line."""
        if isinstance(token, _CLOSING) and isinstance(self._last, kinds.ValueToken):
            return " " if gap else ""  # no value: the space is what ends the key
        if isinstance(self._last, _OPENING) or isinstance(token, _CLOSING):
            return ""
        if isinstance(self._last, _SPACED):
            return " "
        named = isinstance(self._last, kinds.AliasToken | kinds.AnchorToken | kinds.TagToken)
        return " " if gap and (named or not isinstance(token, _JOINED)) else ""

    def _column_of_remark(self, line: str, token: Any) -> int:
        """Where a comment of its own line stands: as what it is beside, be it what follows or what ends here."""
        if self._depth:
            return self._inside
        column = len(line) - len(line.lstrip())
        following = self._blocks[-1] if self._blocks and token is not None else None
        if following is not None and not isinstance(token, _EDGES):
            goes_deeper = len(self._blocks) > len(self._before)
            if following.was == column or (goes_deeper and (not self._before or column > self._before[-1].was)):
                return following.now
        around = [block for block in (*self._before, *self._blocks) if block.was <= column]
        return max((block.now for block in around), default=0)
