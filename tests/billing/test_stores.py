"""A ledger in an object store closes like one in a folder."""

from pathlib import Path
from uuid import uuid4

import pytest

from pipeline.billing.audit import audit_period
from pipeline.billing.errors import AnotherCloser
from pipeline.billing.schema import BILLING_SCHEMA
from pipeline.billing.table import BillingTable
from tests.billing.world import World, a_call
from tests.s3_server import ObjectStore

CALLS = (
    a_call("acme-front-desk", "+442079460018", "2026-10-05T10:00:00", 61, cdr_id="london"),
    a_call("heron-drivers", "+16125550177", "2026-10-09T10:00:00", 600),
)


@pytest.mark.s3
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_same_documents_from_an_object_store(s3: ObjectStore, tmp_path: Path) -> None:
    """Byte by byte; a correction makes a note; the month is proved."""
    in_folder = World(tmp_path / "folder")
    in_store = World(tmp_path / "store")
    in_store.settings = in_store.settings.model_copy(
        update={"ledger_url": f"{s3.url}/{uuid4()}", "storage_options": s3.options}
    )
    for world in (in_folder, in_store):
        world.receive(*CALLS)
        world.close()
        world.correct("london", measured_ms=121_000)
        world.close("2026-11")
    assert in_folder.files() == in_store.files()
    assert () == audit_period(in_store.settings, "2026-10").findings
    assert "TL-000005" in {path.split("/")[-1].partition(".")[0] for path in in_store.files()}


@pytest.mark.s3
def test_the_store_refuses_the_second_closer(s3: ObjectStore) -> None:
    """Two handles at the same document: one commits, the other is told so."""
    url = f"{s3.url}/{uuid4()}"
    first, second = BillingTable.open(url, s3.options), BillingTable.open(url, s3.options)
    nothing = BILLING_SCHEMA.empty_table()
    first.issue(nothing.to_reader(), 1)
    with pytest.raises(AnotherCloser, match="issued document 1 first"):
        second.issue(nothing.to_reader(), 1)
    second.refresh()
    assert 1 == second.sequence
