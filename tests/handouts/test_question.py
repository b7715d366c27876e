"""The first-copy question: chosen by the campaign, not by the rider, on about three handouts in a hundred."""

from uuid import UUID

import httpx

from dispatch.database.ids import new_id
from dispatch.handouts.question import carries_question
from tests.handouts.phone import Phone, kinds
from tests.make import Make, World


def test_about_three_in_a_hundred_carry_the_question_and_campaigns_choose_differently() -> None:
    handouts = [UUID(int=0x7 << 76 | 0b10 << 62 | number * 7919) for number in range(20_000)]
    one, other = UUID(int=1), UUID(int=2)
    chosen = {handout for handout in handouts if carries_question(one, handout)}
    assert 0.026 < len(chosen) / len(handouts) < 0.034
    again = {handout for handout in handouts if carries_question(other, handout)}
    assert len(chosen & again) < 60


def test_phones_can_check_their_own_arithmetic() -> None:
    """Vectors for the phone's implementation."""
    campaign = UUID("01a5004e-dd00-7163-be70-b7ac8e6760a0")
    asked = [n for n in range(200) if carries_question(campaign, UUID(f"01a5004e-dd00-7c33-8385-{n:012x}"))]
    assert asked == [36, 59, 69, 136]


async def test_an_answer_counts_only_where_the_question_was_due(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    ids = [new_id(make.now) for _ in range(600)]
    due = [i for i in ids if carries_question(world.campaign, i)][:3]
    not_due = [i for i in ids if not carries_question(world.campaign, i)][:3]
    sent = [
        phone.handout(id=str(i), first_copy_answer=answer)
        for i, answer in zip(due, ("yes", "no", "unknown"), strict=True)
    ]
    sent += [phone.handout(id=str(i), first_copy_answer="yes") for i in not_due]
    assert kinds(await phone.sync(api, sent)) == ["recorded"] * 6
    assert kinds(await phone.sync(api, sent)) == ["duplicate"] * 6
    tally = (await make.fetch("select first_asked, first_yes, first_unknown from zone_tally"))[0]
    assert tally == {"first_asked": 2, "first_yes": 1, "first_unknown": 1}
    # Taken back, the handout takes its answer with it.
    assert (
        kinds(await phone.sync(api, [phone.correction(str(due[0])), phone.correction(str(not_due[0]))]))
        == ["recorded"] * 2
    )
    tally = (await make.fetch("select first_asked, first_yes, first_unknown from zone_tally"))[0]
    assert tally == {"first_asked": 1, "first_yes": 0, "first_unknown": 1}
