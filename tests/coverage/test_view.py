"""What a version stands on, and when an answer is another one. No database."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from litestar import Request
from litestar.testing import RequestFactory
from msgspec import structs

from dispatch.coverage.rules import CutOff
from dispatch.coverage.view import Version, View
from dispatch.reach.copies_alone import PRIOR_ORDERS, Orders
from dispatch.server.caller import Caller

NOW = datetime(2027, 4, 20, 2, 0, tzinfo=UTC)
VERSION = Version(
    revision=7, zones=4, zones_changed_at=NOW, estimated_at=NOW, a_median=1.04, a_log_sd=0.26, target_reach=0.6
)
VIEW = View(
    campaign_id=UUID(int=1), name="百日行动", status="open", starts_on=date(2027, 3, 15), ends_on=date(2027, 6, 22),
    timezone="Asia/Shanghai", datum="gcj02", demonstration=False, material_ids=[UUID(int=2)], material=None,
    version=VERSION, cut=CutOff(as_of=NOW, known_on=None, day=date(2027, 4, 20)),
    caller=Caller(city_id=99, role="planner", subject_id=UUID(int=3)),
)  # fmt: skip
PAST = CutOff(as_of=NOW, known_on=date(2027, 4, 1), day=date(2027, 4, 1))


@pytest.mark.parametrize(
    "change",
    [{"revision": 8}, {"zones": 5}, {"zones_changed_at": None}, {"estimated_at": NOW + timedelta(microseconds=1)}],
    ids=str,
)
def test_a_version_differs_with_each_of_its_parts(change: dict[str, Any]) -> None:
    assert structs.replace(VERSION, **change).digest() != VERSION.digest()
    assert VERSION.digest("a") != VERSION.digest("b")
    assert VERSION.digest("a") == VERSION.digest("a")


def test_outlines_depend_on_the_zones_alone() -> None:
    assert structs.replace(VERSION, revision=8, estimated_at=None).outlines_version == VERSION.outlines_version
    assert structs.replace(VERSION, zones=5).outlines_version != VERSION.outlines_version
    assert structs.replace(VERSION, zones_changed_at=None).outlines_version != VERSION.outlines_version


def test_orders_of_today_are_what_the_campaign_has_shown_and_of_a_past_day_what_is_known_of_any() -> None:
    assert VIEW.orders == Orders(1.0, 0.3)
    assert structs.replace(VIEW, cut=PAST).orders == PRIOR_ORDERS
    for missing in ({"a_median": None}, {"a_log_sd": None}):
        assert structs.replace(VERSION, **missing).orders == PRIOR_ORDERS


def asked(path: str = "/coverage", query: dict[str, str | list[str]] | None = None) -> Request[Caller, Any, Any]:
    return RequestFactory().get(path, query_params=query or {})


@pytest.mark.parametrize(
    "change",
    [{"city_id": 98}, {"role": "auditor"}, {"partner_id": UUID(int=4)}, {"outlet_id": UUID(int=4)}, {"division_code": "9901"}],
    ids=str,
)  # fmt: skip
def test_another_caller_has_another_answer(change: dict[str, Any]) -> None:
    other = structs.replace(VIEW, caller=structs.replace(VIEW.caller, **change))
    assert other.etag(asked()) != VIEW.etag(asked())


def test_another_question_or_day_has_another_answer_and_another_person_of_the_same_scope_the_same() -> None:
    tag = VIEW.etag(asked())
    assert tag != VIEW.etag(asked("/coverage/zones"))
    assert tag != VIEW.etag(asked(query={"material": "M1"}))
    tomorrow = CutOff(as_of=NOW, known_on=None, day=date(2027, 4, 21))
    assert tag != structs.replace(VIEW, cut=tomorrow).etag(asked())
    assert structs.replace(VIEW, cut=PAST).etag(asked()) != structs.replace(
        VIEW, cut=structs.replace(PAST, known_on=None)
    ).etag(asked())
    colleague = structs.replace(VIEW, caller=structs.replace(VIEW.caller, subject_id=UUID(int=9)))
    assert colleague.etag(asked()) == tag
