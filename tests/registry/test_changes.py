"""The audit log and the outbox: what is written of a change, what is blotted out, and in which order it is read."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from pipeline.registry.shapes.routes import BasicSecurity, HmacSecurity
from pipeline.registry.shapes.trunks import BillingPackage, Credentials, SipOptions
from pipeline.registry.store.changes import (
    CALL_ROUTES,
    SERVICE_ADDRESSES,
    SIP_TRUNKS,
    TOPICS,
    Change,
    announce,
    history,
    log_change,
)
from pipeline.registry.store.desk import Caller
from pipeline.registry.store.keys import digest
from pipeline.registry.tables import AuditRow, OutboxRow, Row
from tests.registry.builders import ACME, BLUE, NOON, an_address


@pytest.fixture
def session() -> Iterator[Session]:
    """Empty tables in memory."""
    engine = create_engine("sqlite://")
    Row.metadata.create_all(engine)
    with Session(engine) as opened:
        yield opened
    engine.dispose()


def changed(session: Session, change: Change, caller: Caller = ACME, at: datetime = NOON) -> dict[str, Any]:
    """Log a change; its entry as people read it."""
    log_change(session, caller, at, change)
    session.flush()
    return history(session, caller, change.kind, change.object_id)[-1]


def plan(type_: str = "METERED", address: str | None = None) -> BillingPackage:
    """Any object with two fields."""
    return BillingPackage.model_validate({"packageType": type_, "addressId": address})


def test_an_entry_says_who_did_what_and_when(session: Session) -> None:
    """In the vendor's form of times."""
    at = datetime(2026, 3, 1, 12, 0, 0, 5_000, tzinfo=UTC)
    assert {
        "at": "2026-03-01T12:00:00.005+0000", "actor": "test of acme", "action": "CREATE",
        "changes": {"packageType": {"from": None, "to": "METERED"}},
    } == changed(session, Change("CREATE", "trunk", "t1", after=plan()), at=at)  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, None, {}),
        (plan(), plan(), {}),
        (plan(), plan("UNLIMITED"), {"packageType": {"from": "METERED", "to": "UNLIMITED"}}),
        (plan(), plan(address="a1"), {"addressId": {"from": None, "to": "a1"}}),
        (plan(address="a1"), plan(), {"addressId": {"from": "a1", "to": None}}),
        (plan(), None, {"packageType": {"from": "METERED", "to": None}}),
        (SipOptions(enabled=False), SipOptions(enabled=True), {"enabled": {"from": False, "to": True}}),
    ],
)  # fmt: skip
def test_only_what_differs_is_a_change(
    session: Session, before: BaseModel | None, after: BaseModel | None, expected: dict[str, Any]
) -> None:
    """What appeared came from nothing, what is gone went to nothing."""
    assert expected == changed(session, Change("UPDATE", "trunk", "t1", before, after))["changes"]


def test_an_address_changes_by_its_published_names(session: Session) -> None:
    """The names of the API, not those of columns."""
    found = changed(session, Change("UPDATE", "address", "a1", an_address(), an_address(postCode="78702", suite="5")))
    assert {"postCode": {"from": "78701", "to": "78702"}, "suite": {"from": None, "to": "5"}} == found["changes"]


@pytest.mark.parametrize(
    "shape",
    [
        Credentials(username="u", password="s3cret"),  # noqa: S106 - what must not appear
        BasicSecurity(type="BASIC", username="u", password="s3cret"),  # noqa: S106
        HmacSecurity(type="HMAC", secret_key="s3cret", algorithm="HMAC_MD5"),  # noqa: S106
    ],
)
def test_secrets_are_blotted_out_before_they_are_written(session: Session, shape: BaseModel) -> None:
    """Also before the change, and in the row itself, not only when it is read."""
    found = changed(session, Change("UPDATE", "trunk", "t1", shape, shape))
    row = session.scalars(select(AuditRow)).one()
    assert "s3cret" not in json.dumps([found, row.before, row.after])
    assert "***" in json.dumps(row.after)


class Nested(BaseModel):
    """Secrets at some depth."""

    items: list[Any]


def test_secrets_are_found_at_any_depth(session: Session) -> None:
    """In lists of objects of lists; names that only resemble them stay."""
    deep = Nested(
        items=[{"a": [{"password": ["s3cret"], "passwords": 2}]}, [[{"secretKey": {"k": "s3cret"}}]], "password"]
    )
    log_change(session, ACME, NOON, Change("CREATE", "trunk", "t1", after=deep))
    session.flush()
    expected = [{"a": [{"password": "***", "passwords": 2}]}, [[{"secretKey": "***"}]], "password"]
    assert {"items": expected} == session.scalars(select(AuditRow)).one().after


def test_the_oldest_entry_comes_first_even_if_clocks_disagree(session: Session) -> None:
    """The order is that of writing."""
    for action, hours in (("CREATE", 0), ("UPDATE", -5), ("DELETE", -9)):
        log_change(session, ACME, NOON + timedelta(hours=hours), Change(action, "trunk", "t1"))
    session.flush()
    assert ["CREATE", "UPDATE", "DELETE"] == [row["action"] for row in history(session, ACME, "trunk", "t1")]


def test_history_is_of_one_object_of_one_account(session: Session) -> None:
    """The same id of another kind or of another account is another object."""
    for caller, kind, identity in (
        (ACME, "trunk", "x"),
        (BLUE, "trunk", "x"),
        (ACME, "address", "x"),
        (ACME, "trunk", "y"),
    ):
        log_change(session, caller, NOON, Change("CREATE", kind, identity))
    session.flush()
    assert ["test of acme"] == [row["actor"] for row in history(session, ACME, "trunk", "x")]
    assert [] == history(session, BLUE, "address", "x")


def test_the_outbox_keeps_the_order_of_changes(session: Session) -> None:
    """Whatever their topics, keys and times; none is published yet."""
    order = [(SIP_TRUNKS, "t2"), (SERVICE_ADDRESSES, "a1"), (SIP_TRUNKS, "t1"), (CALL_ROUTES, "r1"), (SIP_TRUNKS, "t2")]
    for number, (topic, key) in enumerate(order):
        announce(session, NOON - timedelta(hours=number), topic, key, plan())
        session.flush()
    rows = list(session.scalars(select(OutboxRow).order_by(OutboxRow.change_id)))
    assert order == [(row.topic, row.key) for row in rows]
    assert {None} == {row.published_at for row in rows}
    assert set(TOPICS) == {topic for topic, _ in order}


def test_a_tombstone_has_no_value_and_may_wait(session: Session) -> None:
    """It is published from its own time on."""
    announce(session, NOON + timedelta(days=92), SIP_TRUNKS, "t1", None)
    session.flush()
    row = session.scalars(select(OutboxRow)).one()
    assert (None, NOON + timedelta(days=92)) == (row.value, row.publish_after)


def test_a_record_for_a_topic_holds_all_fields(session: Session) -> None:
    """Null ones too: a follower must see that a value is gone."""
    announce(session, NOON, SIP_TRUNKS, "t1", plan())
    session.flush()
    value = session.scalars(select(OutboxRow)).one().value
    assert value is not None
    assert {"packageType": "METERED", "countryCode": None, "addressId": None} == json.loads(value)


def test_an_address_is_read_as_it_was_written(session: Session) -> None:
    """Text of the world survives the log."""
    found = changed(
        session, Change("CREATE", "address", "a1", after=an_address(city="Świętochłowice", street="本町 1"))
    )
    assert ("Świętochłowice", "本町 1") == (found["changes"]["city"]["to"], found["changes"]["street"]["to"])


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ],
)
def test_the_hash_of_a_key_is_sha_256(key: str, expected: str) -> None:
    """The test vectors of FIPS 180."""
    assert expected == digest(key)
