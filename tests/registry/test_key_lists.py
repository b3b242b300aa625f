"""Accounts and keys on one SQLite file: lists, scopes, plans and what a stranger is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.registry.database import Database
from pipeline.registry.problems import NotFound, Refused, Unauthorized
from pipeline.registry.store.desk import Registry
from pipeline.registry.store.keys import SCOPES, create_key, grant_of, list_keys, revoke_key
from tests.registry.builders import a_registry


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry with acme and blue."""
    folder: Path = tmp_path_factory.mktemp("keys")
    database = Database(f"sqlite:///{folder / 'registry.db'}")
    database.migrate()
    yield a_registry(database)
    database.close()


def test_the_scopes_are_the_published_ones() -> None:
    """Section 1 of the facts: trunks (two), history, routes, usage."""
    assert {
        "calls:manage", "calls:configuration:manage", "calls:logs:read", "callrouting:manage", "billing:usage:view",
    } == set(SCOPES)  # fmt: skip


@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_has_the_scopes_that_it_was_given(desk: Registry, scope: str) -> None:
    """Each once, in the order given."""
    new = create_key(desk, "acme", "one", [scope, scope])
    assert (scope,) == grant_of(desk, new.key).scopes


def test_keys_are_listed_without_their_text(desk: Registry) -> None:
    """Of one account or of all, the oldest first."""
    first, second = (create_key(desk, "blue", name) for name in ("a", "b"))
    rows = list_keys(desk, "blue")
    assert [first.key_id, second.key_id] == [row["key_id"] for row in rows][-2:]
    assert {"blue"} == {row["account_id"] for row in rows}
    assert {"key_id", "account_id", "name", "scopes", "created_at", "revoked_at"} == set(rows[0])
    assert not any(new.key in str(list_keys(desk)) for new in (first, second))


def test_a_key_is_revoked_once(desk: Registry) -> None:
    """The first time counts; it opens nothing from then on."""
    new = create_key(desk, "acme", "gone")
    revoke_key(desk, new.key_id)
    before = [row["revoked_at"] for row in list_keys(desk, "acme") if row["key_id"] == new.key_id]
    revoke_key(desk, new.key_id)
    assert before == [row["revoked_at"] for row in list_keys(desk, "acme") if row["key_id"] == new.key_id]
    assert before != [None]
    with pytest.raises(Unauthorized, match="not known, or it was revoked"):
        grant_of(desk, new.key)


def test_what_nobody_issued_is_not_found(desk: Registry) -> None:
    """With the id that was looked for."""
    with pytest.raises(NotFound, match="There is no key 'nobody'"):
        revoke_key(desk, "nobody")


@pytest.mark.parametrize("account", ["ghost", "", "ACME"])
def test_a_key_of_an_account_that_is_not_open(desk: Registry, account: str) -> None:
    """The known ones are named."""
    with pytest.raises(Refused, match="known are acme, blue"):
        create_key(desk, account, "x")
