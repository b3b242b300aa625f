"""Golden queries: the rows of a ledger in, the rows of a view out. The cases are the YAML files of `cases/`."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.sql.catalog import FOLDER, VIEWS, definition
from pipeline.sql.texts import plain
from schemas.cdr import CDR_SCHEMA
from schemas.ledger import PRICE_FIELDS, USAGE_SCHEMA
from schemas.reference import ReferenceData
from tests.sql.views_over import views_over

CASES = [
    (path.stem, case)
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text())
]


def a_book(parts: dict[str, Any]) -> ReferenceData:
    """Reference data of one account with UNLIMITED and METERED plans and the trunks that a case gives limits for."""
    zone = parts.get("time_zone", "UTC")
    trunks = [
        {
            "trunk_id": trunk_id, "account_id": "acme", "name": trunk_id, "type": "STATIC",
            "plan_id": parts.get("plan", "unlimited"), "location": "NEW_YORK", "country": "US",
            "effective_from": limits[0]["effective_from"], "effective_until": parts.get("ends", {}).get(trunk_id),
            "channel_limits": limits,
        }
        for trunk_id, limits in parts["trunks"].items()
    ]  # fmt: skip
    plans = [
        {"plan_id": "unlimited", "package": "UNLIMITED", "outbound_deck": "us", **version}
        for version in parts.get("plans", [{"effective_from": "2026-01-01T00:00:00Z"}])
    ]
    accounts = [{"account_id": "acme", "name": "Acme", "time_zone": zone}]
    return ReferenceData.model_validate_json(
        json.dumps(plain({"accounts": accounts, "trunks": trunks, "plans": plans}))
    )


@pytest.mark.parametrize(("view", "case"), CASES, ids=[f"{view}: {case['name']}" for view, case in CASES])
def test_view(view: str, case: dict[str, Any]) -> None:
    """The columns that a case names have exactly these rows."""
    book = a_book(case["book"]) if "book" in case else None
    connection = views_over(case["rows"], book)
    columns = case.get("columns") or list(case["expect"][0])
    listed = ", ".join(f'"{column}"' for column in columns)
    found = connection.execute(f"SELECT {listed} FROM {view}").fetchall()  # noqa: S608 - names of a case
    expected = [tuple(plain(row[column]) for column in columns) for row in case["expect"]]
    assert sorted(expected, key=repr) == sorted((tuple(map(plain, row)) for row in found), key=repr)


def test_every_view_has_a_case() -> None:
    """No view is without a golden query."""
    assert sorted(VIEWS) == sorted({view for view, _ in CASES})


def test_every_file_is_a_view() -> None:
    """The list of views is the folder."""
    assert sorted(VIEWS) == sorted(path.stem for path in FOLDER.glob("*.sql"))


@pytest.mark.parametrize("name", VIEWS)
def test_every_column_is_described(name: str) -> None:
    """A column is the ledger's own, or the header of its view says what it is; no view goes through DOUBLE."""
    described = views_over([]).execute(f"DESCRIBE {name}").fetchall()
    columns = {row[0]: row[1] for row in described}
    assert not set(columns) - set(definition(name).columns) - set(USAGE_SCHEMA.names)
    assert not set(definition(name).columns) - set(columns)
    assert not [column for column, type_ in columns.items() if type_ in {"DOUBLE", "FLOAT", "HUGEINT"}]


def test_a_cdr_has_no_price() -> None:
    """The view of records shows every column of the canonical CDR and none that rating adds."""
    columns = {row[0] for row in views_over().execute("DESCRIBE cdr").fetchall()}
    assert (set(), set()) == (set(CDR_SCHEMA.names) - columns, set(PRICE_FIELDS) & columns)


@pytest.mark.parametrize("name", VIEWS)
def test_grain_is_an_identity(name: str) -> None:
    """The columns that the header calls the grain exist, and no two rows have them in common."""
    grain = [column.strip() for column in definition(name).grain.split(",")]
    rows = [row for view, case in CASES for row in case["rows"] if view == name]
    connection = views_over(
        [{**row, "offset": 1000 + at, "replaces": None, "version": 0} for at, row in enumerate(rows)]
    )
    listed = ", ".join(f'"{column}"' for column in grain)
    twice = f"SELECT {listed} FROM {name} GROUP BY {listed} HAVING count(*) > 1"  # noqa: S608 - names of a header
    assert [] == connection.execute(twice).fetchall()
