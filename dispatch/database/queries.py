"""SQL is kept next to the code that uses it; this reads a file and gives each statement its name.

A block opens with `-- name: read_zones`, then comment lines that say what it answers, then one statement. Parameters
have names, `:zone_id`; PostgreSQL gets them numbered. A module with statements of its own reads `<its name>.sql`, all
others read the `queries.sql` of their folder.

What two statements of a file must do in the same words is written once: a block opened by `-- fragment: sums` is no
statement; its text takes the place of each line `-- include: sums`.
"""

import re
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

import msgspec

_BLOCK = re.compile(r"^-- (name|fragment): ([a-z][a-z0-9_]*)\s*$", re.MULTILINE)
_INCLUDE = re.compile(r"^-- include: ([a-z][a-z0-9_]*)\s*$", re.MULTILINE)
# What is passed over comes first: comments, quoted texts and names, casts. A colon before a digit is an array slice.
_PARAMETER = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"[^\"]*\"|::|:([a-z][a-z0-9_]*)", re.DOTALL)


# What asyncpg's `fetch` and `execute` take: the text of a statement, then its values.
Call: TypeAlias = tuple[str, *tuple[object, ...]]


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Whose rows a caller may see or change: the one value that carries it into SQL. What is None does not limit."""

    city_id: int
    scope_division: str | None = None
    """A planner of one district: zones whose division code begins with this."""
    scope_partner: UUID | None = None
    scope_outlet: UUID | None = None
    scope_rider: UUID | None = None

    def bound_to(self, names: tuple[str, ...]) -> dict[str, object]:
        """The values for those of `names` that a scope has. A statement that limits by nothing but the city takes no
        scope: passing one would look like a limit where there is none."""
        if _LIMITS.isdisjoint(names):
            raise TypeError("this statement has no scope parameter: pass city_id alone")
        return {name: getattr(self, name) for name in self.__struct_fields__ if name in names}


_LIMITS = frozenset(Scope.__struct_fields__) - {"city_id"}


class Statement(msgspec.Struct, frozen=True):
    """A statement with named parameters, as PostgreSQL takes it.

    Called with its parameters it gives what asyncpg's `fetch` and `execute` take:
    `connection.fetch(*SQL.read_zones(caller.scope, kind="old_core"))`. A parameter that is left out is null; a name the
    statement does not have is a TypeError.
    """

    name: str
    text: str
    """With $1, $2, … in the order of `parameters`."""
    parameters: tuple[str, ...]

    def __call__(self, scope: Scope | None = None, /, **values: object) -> Call:
        """The text and the values in the order of its numbers; of `scope` the statement takes what it has names for."""
        if scope is not None:
            values.update(scope.bound_to(self.parameters))
        found: Call = (self.text, *[values.pop(name, None) for name in self.parameters])
        if values:
            wrong, known = ", ".join(sorted(values)), ", ".join(self.parameters)
            raise TypeError(f"{self.name} has no parameter {wrong}; it has {known}")
        return found


class Queries:
    """The named statements of one file, as attributes: `SQL.read_zones`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        text = path.read_text(encoding="utf-8")
        self.statements = parse(text, path.as_posix())

    def __getattr__(self, name: str) -> Statement:
        try:
            return self.statements[name]
        except KeyError:
            raise AttributeError(f"{self.path} has no statement named {name}") from None


def parse(text: str, source: str) -> dict[str, Statement]:
    """Split a file into {name: statement}. Raises ValueError for a repeated name, an empty block, and a fragment that
    is missing or not included anywhere."""
    parts = _BLOCK.split(text)
    blocks: dict[str, dict[str, str]] = {"name": {}, "fragment": {}}
    for kind, name, block in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        if name in blocks[kind]:
            raise ValueError(f"{source}: {name} exists twice")
        if not _without_comments(block):
            raise ValueError(f"{source}: {name} holds no statement")
        blocks[kind][name] = block
    unused = {name: _without_comments(block) for name, block in blocks["fragment"].items()}
    fragments = dict(unused)

    def include(match: re.Match[str]) -> str:
        if match[1] not in fragments:
            raise ValueError(f"{source}: there is no fragment {match[1]}")
        unused.pop(match[1], None)
        return fragments[match[1]]

    found = {
        name: _numbered(name, f"-- {name}\n{_INCLUDE.sub(include, block).strip()}")
        for name, block in blocks["name"].items()
    }
    if unused:
        raise ValueError(f"{source}: no statement includes {', '.join(unused)}")
    return found


def _numbered(name: str, text: str) -> Statement:
    # The city comes first wherever it is: every statement reads the same to whoever looks at the server's log.
    names = [match[1] for match in _PARAMETER.finditer(text) if match[1]]
    parameters = {"city_id": 1} if "city_id" in names else dict[str, int]()

    def number(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0]
        return f"${parameters.setdefault(match[1], len(parameters) + 1)}"

    return Statement(name, _PARAMETER.sub(number, text), tuple(parameters))


def _without_comments(block: str) -> str:
    return "\n".join(line for line in block.splitlines() if not line.lstrip().startswith("--")).strip()


def queries_for(module_file: str) -> Queries:
    """The statements of a module (pass `__file__`): `<its name>.sql` when it has one, else its folder's queries.sql."""
    own = Path(module_file).with_suffix(".sql")
    return Queries(own if own.exists() else own.with_name("queries.sql"))
