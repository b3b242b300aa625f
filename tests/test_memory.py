"""Where columns are allocated, and how often garbage is looked for."""

import gc
import subprocess
import sys

import pyarrow as pa
import pytest

from pipeline.memory import collect_seldom, use_common_memory


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


@pytest.fixture
def thresholds():
    """The collector of this process, as it was."""
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.usefixtures("thresholds")
def test_garbage_is_looked_for_seldom():
    """What is loaded is put aside, and the young objects may be many times the 700 that Python allows."""
    collect_seldom()
    assert gc.get_freeze_count() > 10_000
    assert gc.get_threshold()[0] > 10 * 700
    assert gc.isenabled()


def test_a_process_that_collects_seldom_ends_without_a_word():
    """DuckDB tells on stderr of objects that are left when the interpreter ends; a worker's log is no place for it."""
    script = "import duckdb; from pipeline.memory import collect_seldom; duckdb.connect(); collect_seldom()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ("", "") == (done.stdout, done.stderr)
