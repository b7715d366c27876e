"""One run of everything that expires, by the server now and then and by `dispatch retention run`."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from dispatch.audit.expiry import expire_entries
from dispatch.database import Database
from dispatch.retention.expiring import Gone, expire_records, read_cities
from dispatch.settings import Settings

logger = logging.getLogger("dispatch.retention")


async def run_retention(
    database: Database, now: datetime, audit_days: int, city_id: int | None = None
) -> dict[int, tuple[Gone, int]]:
    """Let go what has expired in one city or in all: {city: (records, audit entries)}."""
    cities = [city_id] if city_id is not None else await read_cities(database)
    return {
        city: (await expire_records(database, city, now), await expire_entries(database, city, now, audit_days))
        for city in cities
    }


async def keep_retention(database: Database, clock: Callable[[], datetime], settings: Settings) -> None:
    """Run for ever, for the first time some minutes after the start: a restart at noon should not begin with this."""
    await asyncio.sleep(300)
    while True:
        try:
            for city_id, (gone, entries) in (await run_retention(database, clock(), settings.audit_days)).items():
                if gone.anything or entries:
                    counts = {"handouts": gone.handouts, "visits": gone.visits, "refused": gone.refused}
                    logger.info("records expired", extra={"city_id": city_id, **counts, "audit_entries": entries})
        except Exception:
            logger.warning("expired records are still there", exc_info=True)
        await asyncio.sleep(settings.retention_hours * 3600)
