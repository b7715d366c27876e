"""Reads every log line that any test causes, and fails the test whose line tells of somebody.

What is looked for: mobile and identity numbers, tokens of sessions and API keys by their shape, and every name, login, PIN
and password that a maker wrote or the product hashed since this worker began.
"""

import logging
import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from argon2 import PasswordHasher

from dispatch.server.logs import JsonFormatter

_SHAPES = {
    "a mobile number": re.compile(r"(?<![\w.])(?:\+?86[- ]?)?1[3-9]\d{9}(?![\w.])"),
    "an identity card's number": re.compile(r"(?<![\w.])\d{17}[\dXx](?!\w)"),
    "a token": re.compile(r"(?<![\w.])\d{1,9}\.[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"),
}
# Ids and instants: long digits that say nothing of anybody.
_HARMLESS = re.compile(
    r'"(?:at|request_id|ms)":(?:"[^"]*"|[\d.]+)|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
)
# Logins of some tests that are words of the product: a line may well say "planner" and mean the role.
_WORDS = {"planner", "auditor", "outlet", "city", "district", "partner", "rider", "firm", "manager", "other", "boss"}

_told: dict[str, str] = {}
"""What must not be in a log, and what it is."""


def tell(kind: str, text: object) -> None:
    """A maker wrote this about somebody; single letters and words of the product would be found everywhere."""
    if isinstance(text, str) and len(text) > 1 and text.lower() not in _WORDS:
        _told[text] = kind


def _is_whole(word: str, line: str) -> bool:
    """Whether the word stands by itself: user1 is not in user12, nor 111111 in a longer number."""
    start = r"(?<![A-Za-z0-9_.])" if word[0].isascii() else ""
    end = r"(?![A-Za-z0-9_])" if word[-1].isascii() else ""
    return re.search(f"{start}{re.escape(word)}{end}", line) is not None


def personal(lines: set[str]) -> list[str]:
    """Each line that tells of somebody, with what it tells."""
    text = "\n".join(lines)
    kinds = [(kind, shape.search) for kind, shape in _SHAPES.items() if shape.search(text)]
    told = [(word, kind) for word, kind in _told.items() if word in text]
    found: list[str] = []
    for line in lines:
        found += [f"{kind} in the log: {line}" for kind, search in kinds if search(line)]
        found += [
            f"{kind} ({word}) in the log: {line}" for word, kind in told if word in line and _is_whole(word, line)
        ]
    return found


class Watch:
    """The lines of the test that is running."""

    def __init__(self) -> None:
        self.lines = set[str]()
        self.count = 0
        self._formatter = JsonFormatter()

    def note(self, record: logging.LogRecord) -> None:
        """Keep the line as it would be written, once."""
        self.count += 1
        self.lines.add(_HARMLESS.sub("", self._formatter.format(record)))

    def judge(self) -> None:
        """Fail if a line since the last time tells of somebody."""
        lines, self.lines = self.lines, set[str]()
        found = personal(lines) if lines else []
        if found:
            pytest.fail("\n".join(found), pytrace=False)


@contextmanager
def watching() -> Generator[Watch]:
    """Before any handler and whatever handlers there are: a test may start the logging of its own, or replace it."""
    watch, handle, hash_ = Watch(), logging.Logger.handle, PasswordHasher.hash

    def handle_and_note(self: logging.Logger, record: logging.LogRecord) -> None:
        watch.note(record)
        handle(self, record)

    def hash_and_tell(self: PasswordHasher, password: str | bytes, **more: Any) -> str:
        tell("a password", password)
        return hash_(self, password, **more)

    logging.Logger.handle = handle_and_note
    PasswordHasher.hash = hash_and_tell
    yield watch
    logging.Logger.handle = handle
    PasswordHasher.hash = hash_
