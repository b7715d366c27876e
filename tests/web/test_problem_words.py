"""Whoever meets a refusal reads it in plain words of their own language, whatever slice it came from."""

import importlib
import pkgutil
import re
from pathlib import Path

import dispatch
from dispatch.server.problem_pages import problem_kinds

MESSAGES = Path(__file__).parents[2] / "dispatch" / "web" / "src" / "messages"
# Refusals of the page itself, which no server sends.
_OF_THE_PAGE = {"offline", "page-fault"}

for _module in pkgutil.walk_packages(dispatch.__path__, "dispatch."):
    if not _module.name.endswith(("__main__", "hatch_build")):  # the build hook needs the builder
        importlib.import_module(_module.name)


def worded() -> dict[str, list[str]]:
    """{slug: its texts, Chinese and English by turns} as the pages have them."""
    texts: dict[str, list[str]] = {}
    for path in MESSAGES.glob("problems.*.ts"):
        dictionary = path.read_text(encoding="utf-8").split("\n} satisfies")[0]
        parts = re.split(r"^  '?([a-z0-9-]+)'?: \[", dictionary, flags=re.MULTILINE)[1:]
        texts |= {slug: _texts(entry) for slug, entry in zip(parts[::2], parts[1::2], strict=True)}
    return texts


def _texts(entry: str) -> list[str]:
    joined = re.sub(r"""(['"])\s*\+\s*\1""", "", entry)  # a long text is written in pieces
    strings = re.findall(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""", joined)
    return [single or double for single, double in strings]


def test_every_refusal_there_is_has_its_words_on_the_pages() -> None:
    missing = sorted(problem_kinds().keys() - worded().keys())
    assert missing == [], f"add [what happened, how to mend it] to {MESSAGES.name}/problems.*.ts for {missing}"


def test_the_words_say_what_happened_and_how_to_mend_it_in_both_languages() -> None:
    for slug, texts in worded().items():
        assert len(texts) in (4, 6), f"{slug}: two or three pairs, got {len(texts)} texts"
        for chinese, english in zip(texts[::2], texts[1::2], strict=True):
            assert re.search(r"[\u4e00-\u9fff]", chinese), f"{slug}: {chinese} is not Chinese"
            assert not re.search(r"[\u4e00-\u9fff]", english), f"{slug}: {english} is not English"
        assert slug in _OF_THE_PAGE or texts[0] != texts[2], slug
