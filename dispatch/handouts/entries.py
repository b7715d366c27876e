"""From what was sent to entries that can be judged: records and codes in, entries or problems out."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, tzinfo
from hashlib import sha256
from typing import Any, Final, Literal, TypeVar, cast
from uuid import UUID

import msgspec

from dispatch.handouts.rules import CopiesHolder, CorrectionEntry, HandoutEntry, UnknownZone
from dispatch.handouts.visit_rules import VisitEntry
from dispatch.problems import InvalidRequest, Problem, pointed
from dispatch.server.source_ids import IdOrSourceId
from schemas.handouts import Correction, Handout, ReportedCorrection, ReportedHandout, Visit

T = TypeVar("T")

Entry = HandoutEntry | CorrectionEntry | VisitEntry
Prepared = Entry | Problem
"""An entry, or why the record cannot become one."""
Source = Literal["sync", "report", "correction"]
"""The request that brought a record: enough to prepare it again later."""


class UnknownCode(Problem):
    """A code is not known here, or not to this caller. `field` names it."""

    slug, title, status = "unknown-code", "The code is not known here", 422


class PrecisePosition(Problem):
    """The record brings coordinates. A phone turns its position into a map cell and sends only that."""

    slug, title, status = "precise-position", "Coordinates have no place in a record", 422


class TimeMissing(Problem):
    """A reported handout names neither a day nor a time."""

    slug, title, status = "time-missing", "Neither day nor time is given", 422


# What a sender may call a position. A record with one does not fit its schema; the refusal gives the reason, so that
# the sender does not look for another way.
_POSITION: Final = frozenset(
    {"longitude", "latitude", "lon", "lng", "lat", "coordinates", "position", "location", "gps", "geometry", "accuracy"}
)
# Pages of an earlier version sent a field of this name with a handout. One of them may still be open on a phone: its
# taps count, and what it measured is left out before the record is decoded.
_FORMER_FIELD: Final = "position"


def _decode(kind: Any, sent: Any) -> Any:
    try:
        return msgspec.convert(sent, kind)
    except msgspec.ValidationError as error:
        if isinstance(sent, dict) and {str(key).lower() for key in cast("dict[Any, Any]", sent)} & _POSITION:
            return PrecisePosition("Send the map cell, or name the zone; leave positions on the phone.")
        return InvalidRequest(f"This record does not fit its schema: {error}", errors=[pointed(str(error))])


def sync_entries(sent: Sequence[Any], holder: CopiesHolder) -> list[Prepared]:
    """Entries of a phone's records; a record that does not fit its schema becomes its problem."""
    decoded: list[Handout | Correction | Visit | Problem] = [
        _decode(Handout | Correction | Visit, _without_former_field(record)) for record in sent
    ]
    return [record if isinstance(record, Problem) else _sync_entry(record, holder) for record in decoded]


def _without_former_field(sent: Any) -> Any:
    if not isinstance(sent, dict) or _FORMER_FIELD not in sent:
        return cast("Any", sent)
    known: dict[Any, Any] = cast("dict[Any, Any]", sent)
    return {key: value for key, value in known.items() if key != _FORMER_FIELD}


def _sync_entry(record: Handout | Correction | Visit, holder: CopiesHolder) -> Entry:
    if isinstance(record, Visit):
        return VisitEntry(
            id=record.id, holder=holder, campaign_id=record.campaign_id, result=record.result, visits=record.visits,
            at=record.visited_at.astimezone(UTC), zone_id=record.zone_id, cell=_cell_of(record.cell),
        )  # fmt: skip
    if isinstance(record, Correction):
        return CorrectionEntry(
            id=record.id, holder=holder, corrects_id=record.corrects_id, copies=record.copies,
            at=record.corrected_at.astimezone(UTC), reason=record.reason,
        )  # fmt: skip
    return HandoutEntry(
        id=record.id, holder=holder, campaign_id=record.campaign_id, material_id=record.material_id,
        channel=record.channel, copies=record.copies, at=record.handed_out_at.astimezone(UTC),
        zone_id=record.zone_id, cell=_cell_of(record.cell), first_copy_answer=record.first_copy_answer,
    )  # fmt: skip


def _cell_of(text: str | None) -> int | None:
    return None if text is None else int(text, 16)


class Codes(msgspec.Struct):
    """What the codes of a report mean within the caller's scope."""

    material: dict[str, UUID]
    outlet: dict[str, CopiesHolder]
    rider: dict[str, CopiesHolder]
    zone: dict[str, UUID]
    source: dict[str, UUID] = {}
    """The ids that the reporter's own references stand for."""


def decode_report(sent: Sequence[Any]) -> list[ReportedHandout | Problem]:
    """Records of a report, each or its problem."""
    return [_decode(ReportedHandout, record) for record in sent]


def codes_in(records: Sequence[ReportedHandout | Problem]) -> dict[str, list[str]]:
    """The codes that a report uses, by what they are codes of, each sorted and once."""
    good = [record for record in records if isinstance(record, ReportedHandout)]
    return {
        "material_codes": sorted({record.material_code for record in good}),
        "outlet_codes": sorted({record.outlet_code for record in good if record.outlet_code}),
        "rider_codes": sorted({record.rider_code for record in good if record.rider_code}),
        "zone_codes": sorted({record.zone_code for record in good if record.zone_code}),
    }


def report_entries(
    records: Sequence[ReportedHandout | Problem],
    campaign_id: UUID,
    codes: Codes,
    own_outlet: UUID | None,
    timezone: tzinfo,
) -> list[Prepared]:
    """Entries of reported records. `own_outlet` is an outlet manager's, who need not name it."""
    return [
        record if isinstance(record, Problem) else _report_entry(record, campaign_id, codes, own_outlet, timezone)
        for record in records
    ]


def _report_entry(
    record: ReportedHandout, campaign_id: UUID, codes: Codes, own_outlet: UUID | None, timezone: tzinfo
) -> Prepared:
    try:
        return HandoutEntry(
            id=_id_of_report(record, codes), holder=_holder_of(record, codes, own_outlet), campaign_id=campaign_id,
            material_id=_meaning(codes.material, record.material_code, "material_code"), channel=record.channel,
            copies=record.copies, at=_time_of(record, timezone), zone_id=_reported_zone(record, codes),
            cell=_cell_of(record.cell),
        )  # fmt: skip
    except Problem as problem:
        return problem


def _id_of_report(record: ReportedHandout, codes: Codes) -> UUID:
    """The record's id, or the one its source_id stands for. A record may bring both as an answer gave them."""
    if record.source_id is None:
        if record.id is None:
            raise IdOrSourceId("Send source_id, your own reference, or an id.", field="source_id")
        return record.id
    meant = codes.source.get(record.source_id)
    if meant is None or record.id not in (None, meant):
        raise IdOrSourceId("Send source_id alone, or with the id that an answer gave for it.", field="id")
    return meant


def _holder_of(record: ReportedHandout, codes: Codes, own_outlet: UUID | None) -> CopiesHolder:
    if record.rider_code is not None:
        return _meaning(codes.rider, record.rider_code, "rider_code")
    if record.outlet_code is not None:
        return _meaning(codes.outlet, record.outlet_code, "outlet_code")
    if own_outlet is None:
        raise UnknownCode("Name the outlet or the rider the copies came from.", field="outlet_code")
    return CopiesHolder("outlet", own_outlet, own_outlet)


def _meaning(meanings: Mapping[str, T], code: str, field: str) -> T:
    if code not in meanings:
        raise UnknownCode(f"{code} is not known here; check {field}.", field=field)
    return meanings[code]


def _reported_zone(record: ReportedHandout, codes: Codes) -> UUID | None:
    if record.zone_code is None:
        return None
    if record.zone_code not in codes.zone:
        raise UnknownZone(f"There is no zone {record.zone_code} in this city.", field="zone_code")
    return codes.zone[record.zone_code]


def _time_of(record: ReportedHandout, timezone: tzinfo) -> datetime:
    if record.handed_out_at is not None:
        return record.handed_out_at.astimezone(UTC)
    if record.day is None:
        raise TimeMissing("Give the day, or the time with its offset.", field="day")
    # A sheet has only the day. Its first moment has passed, at whatever time of that day the sheet is sent.
    return datetime.combine(record.day, time(0), tzinfo=timezone).astimezone(UTC)


# All that a record may hold. Anything else that is sent (a position, a name, a phone number) is not kept.
_KNOWN: Final = frozenset(
    field.encode_name
    for kind in (Handout, Correction, Visit, ReportedHandout, ReportedCorrection)
    for field in msgspec.structs.fields(kind)
) | {"kind"}


def identity_of(sent: Any, *, without_cell: bool = False) -> tuple[UUID, bytes, Any]:
    """(id, digest, record) under which a refused record is kept. Without a usable id, one is made from the content."""
    sent = _without_position(sent)
    digest, record = sha256(msgspec.json.encode(sent, order="deterministic")).digest(), _kept_of(sent, without_cell)
    text = msgspec.json.encode(record, order="deterministic")
    if len(text) > 4000 or b"\\u0000" in text:
        # Kept for a person to look at, who reads no more than this; jsonb holds no NUL.
        record = text[:4000].decode(errors="replace").replace("\\u0000", "")
    try:
        return UUID(id_of(sent)), digest, record
    except (ValueError, TypeError):
        return UUID(bytes=digest[:16], version=5), digest, record


def _without_position(sent: Any) -> Any:
    """The record as if it had brought none: even a digest could be searched for the one place that gives it."""
    if not isinstance(sent, dict):
        return sent
    known: dict[Any, Any] = cast("dict[Any, Any]", sent)
    return {key: value for key, value in known.items() if str(key).lower() not in _POSITION}


def _kept_of(sent: Any, without_cell: bool) -> Any:
    if not isinstance(sent, dict):
        return type(sent).__name__
    known: dict[Any, Any] = cast("dict[Any, Any]", sent)
    kept = _KNOWN - {"cell"} if without_cell else _KNOWN
    # A known field may still hold anything; only a plain value means something to the person who looks at it later.
    return {
        key: value if isinstance(value, str | int | float | bool | None | UUID) else "…"
        for key, value in known.items()
        if key in kept
    }


def id_of(sent: Any) -> str | None:
    """The id as it was sent, to answer with; None when there is none."""
    identifier: Any = cast("dict[str, Any]", sent).get("id") if isinstance(sent, dict) else None
    return identifier if isinstance(identifier, str) else None


def source_id_of(sent: Any) -> str | None:
    """The sender's own reference as it was sent, to answer with; None when there is none."""
    reference: Any = cast("dict[str, Any]", sent).get("source_id") if isinstance(sent, dict) else None
    return reference if isinstance(reference, str) else None


def campaign_of(prepared: Prepared) -> UUID | None:
    """The campaign that a record names; None when it names none, or could not be decoded."""
    return prepared.campaign_id if isinstance(prepared, HandoutEntry | VisitEntry) else None
