"""What code and documents say to look up is there: every document named exists, and every section cited in it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PLACES = ("dispatch", "schemas", "tests", "deploy")
TEXTS = {".py", ".sql", ".ts", ".vue", ".md", ".yaml", ".yml", ".toml", ".conf", ".service", ".sh", ".example"}
LEFT_OUT = {"node_modules", "dist", "__pycache__", ".pytest_cache"}

_DOCUMENT = re.compile(r"(?<![\w./-])(?P<name>(?:[\w.-]+/)*[\w-]+\.md)\b")
# `README.md, section "Posterior"`, or several: `sections "A", "B" and "C"`.
_SECTIONS = re.compile(r'[`)]*,\s+sections?\s+(?P<titles>"[^"]+"(?:,?\s+(?:and\s+)?"[^"]+")*)')
# What begins a line of a comment, and is no part of the sentence.
_MARGIN = re.compile(r"\n[ \t]*(?:#|--|//|\*)?[ \t]*")


class Citation(NamedTuple):
    """A document named in a file, and a section of it where one is cited."""

    file: Path
    document: str
    section: str | None


def files() -> list[Path]:
    return sorted(
        path
        for place in PLACES
        for path in (ROOT / place).rglob("*")
        # The examples below are no citations.
        if path.suffix in TEXTS and path.is_file() and not LEFT_OUT & set(path.parts) and path != Path(__file__)
    )


def citations_in(text: str, file: Path) -> Iterator[Citation]:
    sentences = _MARGIN.sub(" ", text)
    for document in _DOCUMENT.finditer(sentences):
        sections = _SECTIONS.match(sentences, document.end())
        titles = re.findall(r'"([^"]+)"', sections["titles"]) if sections else [None]
        for title in titles:
            yield Citation(file, document["name"], title)


def document_of(citation: Citation) -> Path | None:
    """The document a citation means: next to the file, or by its path from the root or a place."""
    for folder in (citation.file.parent, ROOT, *(ROOT / place for place in PLACES)):
        if (folder / citation.document).exists():
            return (folder / citation.document).resolve()
    return None


def headings_of(document: Path) -> set[str]:
    return set(re.findall(r"^#+ (.+?)\s*$", document.read_text(encoding="utf-8"), re.MULTILINE))


CITATIONS = [citation for path in files() for citation in citations_in(path.read_text(encoding="utf-8"), path)]


def test_every_document_named_is_in_the_repository() -> None:
    missing = {
        f"{citation.file.relative_to(ROOT)}: {citation.document}" for citation in CITATIONS if not document_of(citation)
    }
    assert missing == set()


def test_every_section_cited_exists() -> None:
    missing = {
        f'{citation.file.relative_to(ROOT)}: {citation.document}, section "{citation.section}"'
        for citation in CITATIONS
        if citation.section and (document := document_of(citation)) and citation.section not in headings_of(document)
    }
    assert missing == set()


def test_the_mathematics_is_cited_where_it_is_computed() -> None:
    mathematics = ROOT / "dispatch" / "reach" / "README.md"
    citing = {citation.file.stem for citation in CITATIONS if citation.section and document_of(citation) == mathematics}
    assert {"curve", "evidence", "posterior", "copies_alone", "spot_checks", "risk_weights", "water_filling"} <= citing


def test_every_file_the_mathematics_names_exists() -> None:
    folder = ROOT / "dispatch" / "reach"
    named = set(re.findall(r"`((?:[\w.-]+/)*\w+\.(?:py|json))`", (folder / "README.md").read_text(encoding="utf-8")))
    known = (
        folder,
        ROOT / "dispatch",
        ROOT,
        ROOT / "dispatch" / "allocation" / "solver",
        ROOT / "tests" / "benchmarks",
    )
    assert len(named) > 20
    assert {name for name in named if not any((place / name).exists() for place in known)} == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('see reach/README.md, section "Posterior".', [("reach/README.md", "Posterior")]),
        ('# in dispatch/reach/README.md, sections "A",\n# "B b" and "C".', [
            ("dispatch/reach/README.md", "A"), ("dispatch/reach/README.md", "B b"), ("dispatch/reach/README.md", "C"),
        ]),
        ('-- [the house](README.md), section "Roles"', [("README.md", "Roles")]),
        ("    README.md says so; a plan.mdx does not", [("README.md", None)]),
    ],
)  # fmt: skip
def test_a_citation_is_found_however_its_lines_are_broken(text: str, found: list[tuple[str, str | None]]) -> None:
    assert [citation[1:] for citation in citations_in(text, Path(__file__))] == found
