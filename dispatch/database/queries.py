"""SQL lives in queries.sql beside the code that uses it; this reads the file and gives each statement its name.

A block opens with `-- name: read_zones`, then comment lines that say what it answers, then one statement.
"""

import re
from pathlib import Path

_BLOCK = re.compile(r"^-- name: ([a-z][a-z0-9_]*)\s*$", re.MULTILINE)


class Queries:
    """The named statements of one file, as attributes: `SQL.read_zones`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.statements = parse(path.read_text(encoding="utf-8"), path.as_posix())

    def __getattr__(self, name: str) -> str:
        try:
            return self.statements[name]
        except KeyError:
            raise AttributeError(f"{self.path} has no statement named {name}") from None


def parse(text: str, source: str) -> dict[str, str]:
    """Split a file into {name: statement}. Raises ValueError for a repeated name or an empty block."""
    parts = _BLOCK.split(text)
    found: dict[str, str] = {}
    for name, block in zip(parts[1::2], parts[2::2], strict=True):
        if name in found:
            raise ValueError(f"{source}: {name} stands twice")
        if not _without_comments(block):
            raise ValueError(f"{source}: {name} holds no statement")
        found[name] = f"-- {name}\n{block.strip()}"
    return found


def _without_comments(block: str) -> str:
    return "\n".join(line for line in block.splitlines() if not line.lstrip().startswith("--")).strip()


def beside(module_file: str) -> Queries:
    """The statements of the queries.sql in the folder of `module_file` (pass `__file__`)."""
    return Queries(Path(module_file).with_name("queries.sql"))
