"""Which notice may be published and which answer counts. Pure.

Precise positions have an agreement of their own, in words of their own (dispatch/positions). Whoever withdraws from
taking part or from the use of location here has withdrawn from them, too.
"""

from dispatch.privacy.notice import STANDARD_EN, STANDARD_ZH
from dispatch.problems import Problem
from schemas.privacy import NewPrivacyNotice, PrivacyNotice

FIRST = 1


class NoticeVersionTaken(Problem):
    """Another text has this version, or a number is left out. `newest`: the version in force."""

    slug, title, status = "notice-version-taken", "The notice has moved on", 409


class NoticeUnknown(Problem):
    """There is no such version of the notice here."""

    slug, title, status = "notice-unknown", "There is no such notice", 422


class ConsentChanged(Problem):
    """The id stands for another answer. An id stands for one answer for ever."""

    slug, title, status = "consent-changed", "This id was used for another answer", 409


def standard() -> PrivacyNotice:
    """What is shown until somebody publishes another text."""
    return PrivacyNotice(version=FIRST, text_zh=STANDARD_ZH, text_en=STANDARD_EN, published_at=None)


def judge_notice(wanted: NewPrivacyNotice, newest: PrivacyNotice | None) -> bool:
    """Whether the notice is to be written; False when it stands there already. Without any, 1 replaces the standard."""
    if newest is not None and wanted.version == newest.version:
        if (wanted.text_zh, wanted.text_en) == (newest.text_zh, newest.text_en):
            return False
        raise NoticeVersionTaken(f"Version {newest.version} has other words.", newest=newest.version)
    expected = FIRST if newest is None else newest.version + 1
    # Riders may hold the standard in their hands as version 1: a first text of one's own may call itself 2.
    if wanted.version != expected and not (newest is None and wanted.version == FIRST + 1):
        raise NoticeVersionTaken(f"The next version is {expected}.", newest=newest.version if newest is not None else 0)
    return True
