"""Reported fraud in the fictional city: counts per zone, month and scam type, sparse and uneven as real ones."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from dispatch.demo.variants import ZoneKind

# Twelve months before the campaign and the four it touches; a loader leaves out the months not yet over.
MONTHS = tuple(f"{2026 + (month > 12)}-{(month - 1) % 12 + 1:02d}" for month in range(3, 19))
CAMPAIGN_MONTHS = MONTHS[12:]

SCAM_TYPES = (
    ("task_rebate", "刷单返利", 0.31),
    ("fake_support", "冒充电商物流客服", 0.16),
    ("fake_investment", "虚假投资理财", 0.14),
    ("fake_loan", "虚假贷款", 0.10),
    ("fake_credit_record", "虚假征信", 0.08),
    ("fake_police", "冒充公检法", 0.06),
    ("game_trade", "网络游戏虚假交易", 0.06),
    ("fake_shopping", "虚假购物服务", 0.05),
    ("fake_acquaintance", "冒充领导熟人", 0.04),
)
_YEARLY_PER_THOUSAND = 0.95
_KIND_RATE: dict[ZoneKind, float] = {
    "old_core": 1.0,
    "high_rise": 1.15,
    "campus_industrial": 1.8,
    "urban_fringe": 1.25,
    "county_town": 0.95,
    "township": 0.6,
}
# The campaign's effect is kept as small as a campaign of this size could honestly hope for.
_CAMPAIGN_EFFECT = 0.93


class Incidents(msgspec.Struct, frozen=True, eq=False):
    """`count`[zone, month, scam type] of reported cases; `risk`[zone] is the hidden true factor behind them."""

    months: tuple[str, ...]
    scam_types: tuple[str, ...]
    scam_type_names: tuple[str, ...]
    count: NDArray[np.int64]
    risk: NDArray[np.float64]


def draw_incidents(kinds: list[ZoneKind], population: NDArray[np.int64], rng: np.random.Generator) -> Incidents:
    """Poisson counts around population × kind × a gamma risk per zone; the mix of types differs a little by zone."""
    zones = len(kinds)
    risk = rng.gamma(6.0, 1 / 6.0, zones) * np.array([_KIND_RATE[kind] for kind in kinds])
    mix = rng.dirichlet(np.array([share for _, _, share in SCAM_TYPES]) * 60, zones)
    season = 1 + 0.12 * np.sin(2 * np.pi * (np.arange(len(MONTHS)) - 1) / 12)
    season[[month in CAMPAIGN_MONTHS for month in MONTHS]] *= _CAMPAIGN_EFFECT
    monthly = population * (_YEARLY_PER_THOUSAND / 1000 / 12) * risk
    count = rng.poisson(monthly[:, None, None] * season[None, :, None] * mix[:, None, :])
    return Incidents(
        MONTHS,
        tuple(code for code, _, _ in SCAM_TYPES),
        tuple(name for _, name, _ in SCAM_TYPES),
        count.astype(np.int64),
        risk,
    )
