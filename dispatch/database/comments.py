"""The migrations' comments on each table, column, constraint and index: the comment lines right above it."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

Key = TypeVar("Key")

_TABLE = re.compile(r"create table (\w+) \($")
_INDEX = re.compile(r"create (?:unique )?index (\w+) ")
# A later file that gives a column another meaning repeats its default, and says the meaning above that.
_ADDED = re.compile(r"alter table (\w+) (?:add|alter) (?:column )?(?:(constraint) )?(\w+)\b")
# A column or constraint inside `create table`: four spaces, no more.
_INSIDE = re.compile(r"    (?:(constraint) )?([a-z_]\w*)\b")
_TRAILING = re.compile(r",?\s+-- (.*)$")


class Comments(msgspec.Struct):
    """Lines of comment, without the dashes."""

    tables: dict[str, list[str]] = msgspec.field(default_factory=dict[str, list[str]])
    columns: dict[tuple[str, str], list[str]] = msgspec.field(default_factory=dict[tuple[str, str], list[str]])
    constraints: dict[str, list[str]] = msgspec.field(default_factory=dict[str, list[str]])
    indexes: dict[str, list[str]] = msgspec.field(default_factory=dict[str, list[str]])


def read_comments(files: Iterable[Path]) -> Comments:
    """The comments of these migrations; of two on the same thing, the later counts."""
    comments = Comments()
    for path in files:
        _read(path.read_text(encoding="utf-8").splitlines(), comments)
    return comments


def _read(lines: Iterable[str], comments: Comments) -> None:
    table, above = "", list[str]()
    for line in lines:
        if line.lstrip().startswith("--"):
            above.append(line.lstrip().removeprefix("--").removeprefix(" "))
            continue
        if table and line.startswith(")"):
            table = ""
        elif table and (found := _INSIDE.match(line)):
            trailing = _TRAILING.search(line)
            _note(comments, table, found[1], found[2], above + ([trailing[1]] if trailing else []))
        elif found := _TABLE.match(line):
            table = found[1]
            _keep(comments.tables, table, above)
        elif found := _INDEX.match(line):
            _keep(comments.indexes, found[1], above)
        elif found := _ADDED.match(line):
            _note(comments, found[1], found[2], found[3], above)
        above = []


def _note(comments: Comments, table: str, constraint: str | None, name: str, words: list[str]) -> None:
    if constraint:
        _keep(comments.constraints, name, words)
    else:
        _keep(comments.columns, (table, name), words)


def _keep(kept: dict[Key, list[str]], key: Key, words: list[str]) -> None:
    if words:
        kept[key] = words
