"""Memory of a process that rates for days: where columns come from, and how often Python looks for garbage."""

import atexit
import gc

import pyarrow as pa

_YOUNG_OBJECTS = 50_000
_ROUNDS = 20


def use_common_memory() -> None:
    """Let Arrow allocate as the rest of the process does.

    Its own allocator gives large columns back to the system at once, so that every batch pays for fresh pages again:
    a quarter of the processor time of a worker. The common one keeps and shares them.
    """
    pa.set_memory_pool(pa.system_memory_pool())


def collect_seldom() -> None:
    """Look for cycles of garbage after many more new objects than Python would by itself.

    A worker makes millions of objects, for each record its bytes and its offset, and they end with their batch without
    being looked for. What is loaded by now stays, and is not looked at again before the process ends: libraries that
    find their objects alive then report them as leaked.
    """
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)
    gc.set_threshold(_YOUNG_OBJECTS, _ROUNDS, _ROUNDS)
