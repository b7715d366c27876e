"""The first-copy question: on which handouts the rider is asked whether this is the household's first copy."""

from typing import Final
from uuid import UUID

# Three in a hundred are enough that the estimate of a zone's reach is off by four points at most, root mean square, for
# all the order habits that were tried (tests/benchmarks/six_laws.py), and few enough that a rider who hands out thirty
# copies a day is asked about once. The formulas are in dispatch/reach/README.md, section "Question share".
QUESTION_SHARE: Final = 0.03


def carries_question(campaign_id: UUID, handout_id: UUID) -> bool:
    """Whether this handout carries the first-copy question. The choice is the campaign's, not the rider's.

    32-bit FNV-1a over the campaign's and the handout's 16 bytes, finished as in MurmurHash3: a phone without a
    network comes to the same answer in a few lines, and the server checks it again.
    """
    value = 0x811C9DC5
    for byte in campaign_id.bytes + handout_id.bytes:
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    value = (value ^ value >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    value = (value ^ value >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return (value ^ value >> 16) < QUESTION_SHARE * 2**32
