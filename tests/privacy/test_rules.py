"""Which text may be published under which number, and which answers count: by rules that need no database."""

from typing import Any
from uuid import UUID

import pytest

from dispatch.privacy import rules
from dispatch.privacy.notice import STANDARD_EN, STANDARD_VERSION, STANDARD_ZH
from dispatch.privacy.rules import (
    ConsentChanged,
    NoticeUnknown,
    NoticeVersionTaken,
    StoredAnswer,
    judge_answer,
    judge_notice,
    require_same_answer,
)
from schemas.privacy import ConsentAnswer, NewPrivacyNotice, PrivacyNotice

RIDER, COLLEAGUE = UUID(int=1), UUID(int=2)
TEXTS = {"text_zh": "给骑手的说明，请您看过以后再决定。", "text_en": "A notice to riders, in plain words."}


def notice(version: int, **more: Any) -> NewPrivacyNotice:
    """A text to be published."""
    values: dict[str, Any] = {**TEXTS, **more}
    return NewPrivacyNotice(version=version, **values)


def in_force(version: int) -> PrivacyNotice:
    """The text in force."""
    return PrivacyNotice(version=version, published_at=None, **TEXTS)


def answer(version: int = 3, *, given: bool = True, purpose: Any = "location") -> ConsentAnswer:
    """A rider's answer."""
    return ConsentAnswer(consent_id=UUID(int=9), purpose=purpose, given=given, version=version)


def test_the_standard_is_shown_until_a_text_is_published() -> None:
    shown = rules.standard()
    assert (shown.version, shown.text_zh, shown.text_en) == (STANDARD_VERSION, STANDARD_ZH, STANDARD_EN)
    assert shown.published_at is None


@pytest.mark.parametrize(
    ("version", "newest"),
    [
        (STANDARD_VERSION, None), (STANDARD_VERSION + 1, None), (8, in_force(7)),
        (STANDARD_VERSION + 1, in_force(STANDARD_VERSION)),
    ],
)  # fmt: skip
def test_the_next_number_can_be_published(version: int, newest: PrivacyNotice | None) -> None:
    assert judge_notice(notice(version), newest)


@pytest.mark.parametrize(
    ("version", "newest", "named"),
    [
        (STANDARD_VERSION - 1, None, 0), (STANDARD_VERSION + 2, None, 0), (6, in_force(7), 7), (9, in_force(7), 7),
        (STANDARD_VERSION + 1, in_force(7), 7),
        (STANDARD_VERSION + 2, in_force(STANDARD_VERSION), STANDARD_VERSION),
    ],
)  # fmt: skip
def test_no_number_is_left_out_or_used_again(version: int, newest: PrivacyNotice | None, named: int) -> None:
    with pytest.raises(NoticeVersionTaken) as caught:
        judge_notice(notice(version), newest)
    assert caught.value.extensions == {"newest": named}
    expected = STANDARD_VERSION if newest is None else newest.version + 1
    assert caught.value.detail == f"The next version is {expected}."


def test_the_same_text_once_more_is_not_written_again() -> None:
    assert judge_notice(notice(7), in_force(7)) is False


@pytest.mark.parametrize(
    "change", [{"text_zh": "另一份给骑手的说明，请您看过。"}, {"text_en": "Other words to riders."}]
)
def test_a_number_keeps_its_words(change: dict[str, str]) -> None:
    with pytest.raises(NoticeVersionTaken) as caught:
        judge_notice(notice(7, **change), in_force(7))
    assert (caught.value.detail, caught.value.extensions) == ("Version 7 has other words.", {"newest": 7})


@pytest.mark.parametrize(
    ("version", "given", "kept", "recorded"),
    [
        (3, True, True, 3),  # the newest words
        (2, True, True, 2),  # earlier words that the city keeps
        (2, False, True, 2),
        (2, False, False, 3),  # a phone was shown words that the city never had
        (3, False, False, 3),
    ],
)
def test_an_answer_is_recorded_under_the_words_that_were_read(
    version: int, given: bool, kept: bool, recorded: int
) -> None:
    assert judge_answer(answer(version, given=given), 3, kept) == recorded


@pytest.mark.parametrize(
    ("version", "given", "kept"),
    [(2, True, False), (3, True, False), (4, True, False), (4, False, False), (4, True, True), (4, False, True)],
)
def test_agreeing_needs_words_that_exist_and_so_does_a_number_that_is_still_to_come(
    version: int, given: bool, kept: bool
) -> None:
    with pytest.raises(NoticeUnknown) as caught:
        judge_answer(answer(version, given=given), 3, kept)
    assert caught.value.extensions == {"field": "version"}


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (answer(3), StoredAnswer(RIDER, "location", 3, given=True)),
        (answer(3, given=False), StoredAnswer(RIDER, "location", 3, given=False)),
        (answer(3, given=False), StoredAnswer(RIDER, "location", 4, given=False)),
    ],
)
def test_an_answer_sent_again_is_the_same_answer(sent: ConsentAnswer, stored: StoredAnswer) -> None:
    require_same_answer(sent, RIDER, stored)


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (answer(3), None),
        (answer(3, given=False), None),
        (answer(3), StoredAnswer(COLLEAGUE, "location", 3, given=True)),
        (answer(3), StoredAnswer(RIDER, "taking_part", 3, given=True)),
        (answer(3), StoredAnswer(RIDER, "location", 4, given=True)),
        (answer(3), StoredAnswer(RIDER, "location", 3, given=False)),
        (answer(3, given=False), StoredAnswer(RIDER, "location", 3, given=True)),
    ],
)
def test_an_id_belongs_to_one_answer(sent: ConsentAnswer, stored: StoredAnswer | None) -> None:
    with pytest.raises(ConsentChanged) as caught:
        require_same_answer(sent, RIDER, stored)
    assert caught.value.extensions == {"field": "consent_id"}
