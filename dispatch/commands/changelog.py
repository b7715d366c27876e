"""schemas/CHANGELOG.md: an entry for every version of the contract, made by comparing it with the one before."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from textwrap import fill
from typing import Any, Final

from dispatch.commands.contract_changes import changes, digest
from dispatch.commands.schema_changes import Change

HEAD: Final = """\
# Changes of the contract

Every version with what it means to programs: what is breaking, what will go, what is new. Made by
`dispatch openapi --changes OLD.json --record`; the rules are in README.md. Newest first.
"""
_BREAKING, _STATED, _DEPRECATED, _ADDITIVE = "Breaking", "Stated, and so before", "Will go", "New"


def entry(old: dict[str, Any], new: dict[str, Any], day: date, *, stated: bool = False, note: str = "") -> str:
    """The entry of the new contract.

    Args:
        old: the contract before.
        new: the contract it is about.
        day: when it was made.
        stated: whether what the old contract said nothing of was so before: then it breaks nothing.
        note: a paragraph for what no comparison can know.
    """
    groups: dict[str, list[Change]] = {_BREAKING: [], _STATED: [], _DEPRECATED: [], _ADDITIVE: []}
    names = {"breaking": _BREAKING, "deprecated": _DEPRECATED, "additive": _ADDITIVE}
    for change in changes(old, new):
        groups[_STATED if stated and change.was_unsaid else names[change.kind]].append(change)
    before = f"{old['info']['version']}, `{digest(old)}`"
    parts = [f"## {new['info']['version']} · {day}", f"Contract `{digest(new)}`; before: {before}."]
    parts += [_wrapped(note)] if note else []
    for name, found in groups.items():
        if found:
            parts.append("\n".join([f"### {name}", "", *_lines(found)]))
    if not any(groups.values()):
        parts.append("Nothing that programs depend on has changed.")
    return "\n\n".join(parts) + "\n"


def _lines(found: Iterable[Change]) -> list[str]:
    """A line for everything that happened alike, with all the places it happened at."""
    by_place: dict[str, list[str]] = defaultdict(list)
    for change in found:
        by_place[change.place].append(change.what)
    by_what: dict[str, list[str]] = defaultdict(list)
    for place, what in by_place.items():
        by_what["; ".join(what)].append(place)
    lines = [f"- {', '.join(_quoted(place) for place in places)}: {what}" for what, places in by_what.items()]
    return [_wrapped(line, "  ") for line in lines]


def _wrapped(text: str, indent: str = "") -> str:
    return fill(text, 116, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _quoted(place: str) -> str:
    """An address or a member as code; a parameter's name is marked already."""
    address, _, parameter = place.partition(": ")
    if " " in address and not re.match(r"[A-Z]+ /", address):
        return place
    return f"`{address}` {parameter}" if parameter else f"`{address}`"


def record(text: str, made: str) -> str:
    """The list with an entry put first, or in the place of the newest one when that began at the same contract. The
    note of the one replaced is kept."""
    entries = [part for part in re.split(r"^(?=## )", text, flags=re.MULTILINE) if part.startswith("## ")]
    if entries and _before(entries[0]) == _before(made):
        kept = _note(entries.pop(0))
        if kept and not _note(made):
            head, _, rest = made.partition(".\n\n")
            made = f"{head}.\n\n{kept}\n\n{rest}"
    return "\n".join([HEAD, *(part.strip() + "\n" for part in [made, *entries])])


def newest(text: str) -> dict[str, str]:
    """Version, digest, and the version before, of the newest entry, and whether it breaks programs ("" for no)."""
    head = r"^## (\S+) · \S+\n\nContract `(\w+)`; before: (\S+), `\w+`\.\n(.*?)(?=^## |\Z)"
    found = re.search(head, text, re.MULTILINE | re.DOTALL)
    assert found is not None, "there is no entry"
    breaks = "yes" if f"### {_BREAKING}\n" in found[4] else ""
    return {"version": found[1], "digest": found[2], "before": found[3], "breaks": breaks}


def _before(made: str) -> str:
    found = re.search(r"before: \S+, `(\w+)`", made)
    return found[1] if found else ""


def _note(made: str) -> str:
    """What is written between the digests and the first list."""
    _, _, rest = made.partition("`.\n\n")
    note = rest.partition("### ")[0].strip()
    return "" if note.startswith("Nothing that programs") else note
