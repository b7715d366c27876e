"""Which notice may be published and which answer counts."""

from uuid import UUID

from msgspec import Struct

from dispatch.privacy.notice import STANDARD_EN, STANDARD_VERSION, STANDARD_ZH
from dispatch.problems import Problem
from schemas.privacy import ConsentAnswer, ConsentPurpose, NewPrivacyNotice, PrivacyNotice


class NoticeVersionTaken(Problem):
    """Another text has this version, or a number is left out. `newest`: the version in force."""

    slug, title, status = "notice-version-taken", "The notice has moved on", 409


class NoticeUnknown(Problem):
    """There is no such version of the notice here."""

    slug, title, status = "notice-unknown", "There is no such notice", 422


class ConsentChanged(Problem):
    """The id belongs to another answer. An id belongs to one answer forever."""

    slug, title, status = "consent-changed", "This id was used for another answer", 409


class StoredAnswer(Struct, frozen=True):
    """An answer on record."""

    rider_id: UUID
    purpose: ConsentPurpose
    version: int
    given: bool


def standard() -> PrivacyNotice:
    """What is shown until a city publishes another text."""
    return PrivacyNotice(version=STANDARD_VERSION, text_zh=STANDARD_ZH, text_en=STANDARD_EN, published_at=None)


def judge_answer(answer: ConsentAnswer, newest: int, kept: bool) -> int:
    """The version of the notice an answer is recorded under. `kept`: whether the city has the version it names.

    Agreeing needs the words that were read; withdrawing counts always, under the newest words when a phone was shown
    others. Raises NoticeUnknown."""
    if answer.version <= newest and kept:
        return answer.version
    if answer.given or answer.version > newest:
        raise NoticeUnknown(f"The newest notice is version {newest}.", field="version")
    return newest


def require_same_answer(answer: ConsentAnswer, rider_id: UUID, stored: StoredAnswer | None) -> None:
    """Refuse an id that is on record with another answer. `stored`: what is on record, None when nothing is.

    A withdrawal may have been recorded under newer words than the phone names; it is the same withdrawal."""
    version = answer.version if answer.given or stored is None else stored.version
    if stored != StoredAnswer(rider_id, answer.purpose, version, answer.given):
        raise ConsentChanged("Make a new id for another answer.", field="consent_id")


def judge_notice(wanted: NewPrivacyNotice, newest: PrivacyNotice | None) -> bool:
    """Whether the notice is to be written; False when it exists already.

    `newest`: the version in force that was answered or published; None when no rider has answered the standard yet,
    which the first text of the city may replace under the same number. Raises NoticeVersionTaken."""
    if newest is not None and wanted.version == newest.version:
        if (wanted.text_zh, wanted.text_en) == (newest.text_zh, newest.text_en):
            return False
        raise NoticeVersionTaken(f"Version {newest.version} has other words.", newest=newest.version)
    expected = STANDARD_VERSION if newest is None else newest.version + 1
    # A rider may be reading the standard at this moment: the first text of the city may take the next number, too.
    if wanted.version != expected and not (newest is None and wanted.version == STANDARD_VERSION + 1):
        raise NoticeVersionTaken(f"The next version is {expected}.", newest=newest.version if newest is not None else 0)
    return True
