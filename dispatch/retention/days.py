"""The daily partitions of the handouts, locked and dropped: their names cannot be parameters."""

from datetime import date

from dispatch.database import Connection, queries_for

SQL = queries_for(__file__)


async def lock_day(connection: Connection, day: date) -> None:
    """Keep a day's partition as it is until the transaction ends; gives up soon when a transaction is writing to it."""
    await connection.execute("set local lock_timeout = '2s'")
    await connection.execute(f"lock table handout_{day:%Y%m%d} in share mode")


async def drop_day(connection: Connection, day: date) -> None:
    """Drop a day's partition; gives up soon when the table is in use, for everything else would have to wait."""
    await connection.execute("set local lock_timeout = '2s'")
    await connection.execute(f"drop table handout_{day:%Y%m%d}")


async def days_with_partition(connection: Connection) -> set[date]:
    """The days that have a partition of their own."""
    days = [row["day"] for row in await connection.fetch(*SQL.read_partitions())]
    return {date(int(day[:4]), int(day[4:6]), int(day[6:])) for day in days}
