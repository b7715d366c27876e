"""Which handouts and corrections of handouts are recorded, which are on record already, which are refused and why."""

from dispatch.database.ids import day_of
from dispatch.handouts.question import carries_question
from dispatch.handouts.rules import (
    CorrectionEntry,
    Facts,
    HandoutEntry,
    Stored,
    UnknownHandout,
    judge_occasion,
    judge_taking_back,
    require_clock,
    require_same,
)
from dispatch.stock.rules import NotEnoughStock


def judge_handout(entry: HandoutEntry, facts: Facts) -> Stored | None:
    """The handout as it is to be recorded; None when it is on record already. What is recorded lowers `facts.held` and
    joins `facts.stored`. Raises the problem that keeps it out."""
    known = facts.stored.get(entry.id)
    if known is not None:
        require_same(_is_same_handout(entry, known), entry.id)
        return None
    holding = facts.held.get((entry.holder.id, entry.campaign_id, entry.material_id))
    occasion = judge_occasion(entry, holding, facts, channel=entry.channel)
    held = occasion.held
    if entry.copies > held.quantity:
        raise NotEnoughStock(
            f"{held.quantity} copies are left on record. If more were handed over, have the hand-over recorded.",
            field="copies",
            held=held.quantity,
        )
    held.quantity -= entry.copies
    stored = Stored(
        id=entry.id, id_day=day_of(entry.id), campaign_id=entry.campaign_id, zone_id=occasion.zone_id, cell=entry.cell,
        outlet_id=entry.holder.outlet_id, holder_id=entry.holder.id, holder_kind=entry.holder.kind,
        material_id=entry.material_id, channel=entry.channel, copies=entry.copies, day=occasion.day,
        handed_out_at=entry.at, counts=held.counts, first_copy_answer=_answer_of(entry),
    )  # fmt: skip
    facts.stored[stored.id] = stored
    return stored


def _is_same_handout(entry: HandoutEntry, stored: Stored) -> bool:
    """Whether the sender repeats what is stored. A zone the server found from the cell is not the sender's word."""
    return (
        stored.corrects_id is None
        and stored.holder_id == entry.holder.id
        and stored.campaign_id == entry.campaign_id
        and stored.material_id == entry.material_id
        and stored.channel == entry.channel
        and stored.copies == entry.copies
        and stored.cell == entry.cell
        and stored.handed_out_at == entry.at
        and stored.first_copy_answer == _answer_of(entry)
        and entry.zone_id in (None, stored.zone_id)
    )


def judge_correction(entry: CorrectionEntry, facts: Facts) -> Stored | None:
    """The correction of a handout as it is to be recorded; None when it is on record already. What it takes back is
    the holder's again in `facts.held`. Raises the problem that keeps it out."""
    known = facts.stored.get(entry.id)
    if known is not None:
        require_same(known.corrects_id == entry.corrects_id and entry.copies in (None, -known.copies), entry.id)
        return None
    require_clock(entry, facts.now)
    original = facts.stored.get(entry.corrects_id)
    if original is None or original.corrects_id is not None or original.holder_id != entry.holder.id:
        raise UnknownHandout("There is no such handout of yours yet.", field="corrects_id")
    copies = judge_taking_back(entry, original.copies, facts.corrected, "copies of this handout")
    held = facts.held.get((original.holder_id, original.campaign_id, original.material_id))
    if held is not None:
        held.quantity += copies
    stored = Stored(
        id=entry.id, id_day=day_of(entry.id), campaign_id=original.campaign_id, zone_id=original.zone_id,
        cell=original.cell, outlet_id=original.outlet_id, holder_id=original.holder_id,
        holder_kind=original.holder_kind, material_id=original.material_id, channel=original.channel,
        copies=-copies, day=original.day, handed_out_at=entry.at, counts=original.counts, corrects_id=original.id,
        reason=entry.reason,
        # The question is asked on single copies only, so that a correction always takes the whole answer back.
        first_copy_answer=original.first_copy_answer,
    )  # fmt: skip
    facts.stored[stored.id] = stored
    return stored


def _answer_of(entry: HandoutEntry) -> str | None:
    """The answer, where the question was due: an answer nobody asked for would let the rider choose the sample."""
    due = entry.copies == 1 and carries_question(entry.campaign_id, entry.id)
    return entry.first_copy_answer if due else None
