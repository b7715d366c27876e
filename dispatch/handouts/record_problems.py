"""Why a single record may be refused while the others of its call are taken: what the contract says of each request."""

from typing import Final

from dispatch.handouts import rules
from dispatch.handouts.entries import PrecisePosition, TimeMissing, UnknownCode
from dispatch.handouts.judgement import ConsentWithdrawn, LocationWithdrawn
from dispatch.problems import InvalidRequest
from dispatch.server.source_ids import IdOrSourceId
from dispatch.stock.rules import NotEnoughStock

_OF_CORRECTIONS: Final = frozenset({rules.UnknownHandout, rules.NothingToCorrect})
_OF_ANY: Final = frozenset({rules.IdNotVersion7, rules.ClockAhead, rules.HandoutChanged})
_OF_CONFIRMATIONS: Final = frozenset({
    InvalidRequest, PrecisePosition, ConsentWithdrawn, LocationWithdrawn, NotEnoughStock, rules.OutsideCampaign,
    rules.CampaignNotOpen, rules.NotHeld, rules.ChannelNotForMaterial, rules.ZoneMissing, rules.UnknownZone,
    rules.NotACell, rules.OutsideZones,
})  # fmt: skip

OF_CORRECTION: Final = _OF_ANY | _OF_CORRECTIONS
"""Of a manager's correction of one handout."""
OF_SYNC: Final = OF_CORRECTION | _OF_CONFIRMATIONS
"""Of what a phone sends."""
OF_REPORT: Final = _OF_ANY | _OF_CONFIRMATIONS | {UnknownCode, TimeMissing, IdOrSourceId}
"""Of what an outlet or a partner's system reports."""
OF_RETRY: Final = OF_SYNC | OF_REPORT
"""Of what is judged again."""
