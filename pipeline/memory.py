"""Where the memory of columns comes from in a process that rates for days."""

import pyarrow as pa


def use_common_memory() -> None:
    """Let Arrow allocate as the rest of the process does.

    Its own allocator gives large columns back to the system at once, so that every batch pays for fresh pages again:
    a quarter of the processor time of a worker. The common one keeps and shares them.
    """
    pa.set_memory_pool(pa.system_memory_pool())
