"""The reader of the whole suite's log finds what it looks for, wherever a line has it."""

import json
import logging

import pytest

from dispatch.database import Database
from dispatch.identity.secrets import new_password, new_token
from dispatch.server.logs import start_logging
from tests.conftest import Clock, serving
from tests.log_watch import Watch
from tests.make import Make

logger = logging.getLogger("dispatch.example")


def refused(watch: Watch) -> str:
    """What the watch says of the lines since the last time."""
    with pytest.raises(pytest.fail.Exception) as failed:
        watch.judge()
    return str(failed.value)


async def test_a_line_with_something_personal_fails_the_test_that_caused_it(log_watch: Watch, make: Make) -> None:
    world = await make.world()
    await make.rider(99, world.outlets[0], pin="480726", name="慕容不入册")
    await make.account(99, "auditor", login="murong.bu", password=(password := new_password()), display_name="慕容警官")
    for line, said in (
        ("call 13912345678", "a mobile number"),
        ("call +86 13912345678", "a mobile number"),
        ("card 11010519491231002X", "an identity card's number"),
        (f"refused {new_token(99)}", "a token"),
        ("the PIN was 480726", "a rider's PIN"),
        ("慕容不入册 handed out 50", "a rider's name"),
        ("murong.bu signed in", "an account's login"),
        ("by 慕容警官", "an account's name"),
        (f"tried {password}", "a password"),
    ):
        for number, log in enumerate(
            (
                lambda text: logger.info(text),
                lambda text: logger.warning("of %s", text),
                lambda text: logger.info("request", extra={"of": {"words": [text]}}),
                _raised,
            )
        ):
            log(line)
            found = refused(log_watch)
            assert found.startswith(said), (number, line, found)
            assert json.dumps(line, ensure_ascii=False)[1:-1] in found, "the line is named"


def _raised(text: str) -> None:
    try:
        raise ValueError(text)
    except ValueError:
        logger.exception("failed")


async def test_numbers_and_words_that_mean_nobody_pass(log_watch: Watch, make: Make) -> None:
    world = await make.world()
    await make.rider(99, world.outlets[0], pin="480726")
    await make.account(99, "planner", login="planner")
    await make.account(99, "planner", login="user90")
    logger.info("done", extra={"ids": [str(make.id())], "copies": 13912345678901, "share": 0.480726, "role": "planner"})
    logger.info("user901 of user_90 in 1480726 ms")
    log_watch.judge()


async def test_the_line_of_every_request_is_read_even_when_the_logging_is_started_anew(
    log_watch: Watch, database: Database, clock: Clock
) -> None:
    root = logging.getLogger()
    kept, before = root.handlers[:], log_watch.count
    try:
        start_logging("info")
        async with serving(database, clock) as (api, _):
            await api.get("/api/me")
    finally:
        root.handlers[:] = kept
    assert log_watch.count > before
    assert any('"status":401' in line for line in log_watch.lines)
