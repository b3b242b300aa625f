"""A bound on what a worker holds: no fetch is begun while too many bytes wait for their turn."""

import asyncio

from pipeline.stream import metrics

BYTES_MAX = 80 << 20


class Inflow:
    """Bytes that were fetched and are neither passed on nor committed. For one event loop."""

    def __init__(self, bytes_max: int = BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self._room = asyncio.Event()
        self._room.set()

    @property
    def bytes_in_hand(self) -> int:
        """Bytes now in hand."""
        return self._bytes

    def add(self, count: int) -> None:
        """Bytes have come; a negative count, they are done with."""
        self._bytes += count
        metrics.IN_HAND.set(self._bytes)
        if self._bytes < self._bytes_max:
            self._room.set()
        else:
            self._room.clear()

    async def room(self) -> None:
        """Wait until there is room for another fetch."""
        await self._room.wait()
