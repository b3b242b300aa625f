"""App keys and accounts: what a key is, what is kept of it, and which plans new trunks get."""

import pytest
from sqlalchemy import text

from pipeline.registry.problems import Forbidden, NotFound, Refused, Unauthorized
from pipeline.registry.store.desk import Registry
from pipeline.registry.store.keys import SCOPES, create_key, digest, grant_of, list_keys, open_account, revoke_key
from pipeline.registry.store.trunks import create_trunk
from pipeline.registry.tables import TrunkRow
from tests.registry.builders import ACME, a_registered_trunk


def test_a_key_is_kept_as_its_hash(registry: Registry) -> None:
    """The text of the key is nowhere in the database."""
    new = create_key(registry, "acme", "robot")
    with registry.database.read() as session:
        row = session.execute(text("SELECT * FROM api_keys")).mappings().one()
    assert digest(new.key) == row["digest"]
    assert not [value for value in row.values() if new.key in str(value)]
    assert 43 == len(new.key)


def test_a_key_grants_what_it_was_issued_for(registry: Registry) -> None:
    """Account, scopes, and a name for the audit log."""
    new = create_key(registry, "acme", "robot", ["calls:logs:read", "calls:logs:read"])
    grant = grant_of(registry, new.key)
    assert ("acme", ("calls:logs:read",)) == (grant.caller.account_id, grant.scopes)
    assert f"key {new.key_id} (robot)" == grant.caller.actor


@pytest.mark.parametrize("key", ["", "made-up", "x" * 256])
def test_an_unknown_key_grants_nothing(registry: Registry, key: str) -> None:
    """Whatever it is."""
    with pytest.raises(Unauthorized):
        grant_of(registry, key)


def test_a_revoked_key_grants_nothing(registry: Registry) -> None:
    """Revoking twice is fine and keeps the first time; revoking what nobody issued is not."""
    new = create_key(registry, "acme", "robot")
    revoke_key(registry, new.key_id)
    (first,) = list_keys(registry)
    revoke_key(registry, new.key_id)
    assert [first] == list_keys(registry, "acme")
    with pytest.raises(Unauthorized):
        grant_of(registry, new.key)
    with pytest.raises(NotFound):
        revoke_key(registry, "nobody")


@pytest.mark.parametrize("scopes", [[], ["all"], ["calls:manage", "calls:everything"]])
def test_unknown_scopes_are_refused_with_the_known_ones(registry: Registry, scopes: list[str]) -> None:
    """So is a key without any."""
    with pytest.raises(Refused, match="billing:usage:view"):
        create_key(registry, "acme", "robot", scopes)


def test_a_key_needs_an_open_account(registry: Registry) -> None:
    """The message lists those that are open."""
    with pytest.raises(Refused, match="known are acme, blue"):
        create_key(registry, "nobody", "robot", SCOPES)


def test_new_plans_are_for_new_trunks(registry: Registry) -> None:
    """A trunk keeps its plan for life, whatever its account is opened with again."""
    before = create_trunk(registry, ACME, a_registered_trunk())
    open_account(registry, "acme", "metered-2027", None)
    after = create_trunk(registry, ACME, a_registered_trunk())
    with registry.database.read() as session:
        plans = [session.get_one(TrunkRow, trunk.id).plan_id for trunk in (before, after)]
    assert ["metered-us", "metered-2027"] == plans


def test_a_forbidden_call_says_what_would_do() -> None:
    """Which scopes there are, and which are needed."""
    message = str(Forbidden(("callrouting:manage",), ()))
    assert "scopes none; this call needs callrouting:manage" in message
