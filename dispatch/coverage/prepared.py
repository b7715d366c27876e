"""What is slow to prepare and asked for again, kept in memory: outlines for the map, past days for the time slider."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

# Outlines of 60,000 cells take some 10 MB; a server holds a handful of cities and districts.
MOST_KEPT: Final = 16


class PreparedCache(Generic[T]):
    """Remembers the last few results of slow preparations; the least used is forgotten first.

    Two requests that want the same wait for one preparation, which runs in a thread.
    """

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._found: OrderedDict[Hashable, T] = OrderedDict()
        self._locks: dict[Hashable, asyncio.Lock] = {}

    def __len__(self) -> int:
        return len(self._found)

    def get(self, key: Hashable) -> T | None:
        """What is kept under the key."""
        if key in self._found:
            self._found.move_to_end(key)
        return self._found.get(key)

    async def prepared(self, key: Hashable, prepare: Callable[[], T]) -> T:
        """What is kept under the key, or else what `prepare` makes, in a thread."""
        lock = self._locks.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                found = self.get(key)
                if found is None:
                    found = self._found[key] = await asyncio.to_thread(prepare)
                    while len(self._found) > self._most:
                        self._found.popitem(last=False)
                return found
        finally:
            if not lock.locked():
                self._locks.pop(key, None)
