"""Where columns are allocated."""

import pyarrow as pa
import pytest

from pipeline.memory import use_common_memory


@pytest.fixture
def pool():
    """The allocator of this process, as it was."""
    before = pa.default_memory_pool()
    yield before
    pa.set_memory_pool(before)


@pytest.mark.usefixtures("pool")
def test_columns_come_from_the_common_memory():
    """From then on, and what was allocated before stays where it is."""
    before = pa.array(range(10_000))
    use_common_memory()
    allocated = pa.system_memory_pool().bytes_allocated()
    after = pa.array(range(10_000))
    assert ("system", 80_000) == (
        pa.default_memory_pool().backend_name,
        pa.system_memory_pool().bytes_allocated() - allocated,
    )
    assert before == after
