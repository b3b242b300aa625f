"""The OpenAPI description, and the API held against it: no server error, no status or shape that it does not name."""

from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)  # fmt: skip

from pipeline.registry.api.app import build_app
from pipeline.registry.database import Database
from pipeline.registry.ledger_reader import Ledger
from pipeline.registry.settings import RegistrySettings
from pipeline.registry.store.desk import Registry
from pipeline.registry.store.keys import SCOPES, STAFF_SCOPES
from tests.registry.servers import BACKENDS, running

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The description, without a server."""
    url = f"sqlite:///{tmp_path_factory.mktemp('described') / 'registry.db'}"
    return build_app(Registry(Database(url), RegistrySettings())).openapi()


def _operations(described: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
    ]


def test_every_operation_names_its_errors(described: dict[str, Any]) -> None:
    """401, 403, 429 and 500 everywhere, 404 where there is an id, and never FastAPI's own 422."""
    for name, operation in _operations(described):
        statuses = set(operation["responses"])
        assert {"401", "403", "429", "500"} <= statuses, name
        assert "422" not in statuses, name
        assert ("404" in statuses) == ("{" in name or name.endswith("simulate")), name
        assert operation["security"] == [{"APIKeyHeader": []}], name


def test_the_success_statuses_are_the_published_ones(described: dict[str, Any]) -> None:
    """202 for changes of trunks, 201 for new addresses and routes, 200 for the rest (facts 3)."""
    found = {name: min(operation["responses"]) for name, operation in _operations(described)}
    trunk = "/calls/1/sip-trunks/{sip_trunk_id}"
    assert ("202", "202", "202", "200", "200") == (
        found["POST /calls/1/sip-trunks"], found[f"PUT {trunk}"], found[f"DELETE {trunk}"], found[f"GET {trunk}"],
        found[f"POST {trunk}/status"],
    )  # fmt: skip
    assert "201" == found["POST /calls/1/sip-trunks/service-addresses"]
    assert "201" == found["POST /callrouting/1/routes"]
    assert "200" == found["PATCH /callrouting/1/routes/{route_id}"]


def test_the_page_and_the_description_need_no_key(database: Database) -> None:
    """A browser shows /docs; nothing of any account is in it."""
    with running(database) as server:
        assert "swagger" in httpx.get(f"{server.url}/docs", timeout=60).text
        assert "Trunkline registry" == httpx.get(f"{server.url}/openapi.json", timeout=60).json()["info"]["title"]
        assert {"status": "up"} == httpx.get(f"{server.url}/health", timeout=60).json()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Hypothesis and the tool remark on strategies, not on the API
@pytest.mark.parametrize("backend", BACKENDS)
def test_whatever_the_description_admits_or_not_is_answered_as_it_says(
    request: pytest.FixtureRequest, backend: str, tmp_path: Path
) -> None:
    """schemathesis makes up good and bad requests for every operation and checks each answer."""
    database = Database(request.getfixturevalue(f"{backend}_maker")())
    with running(database, Ledger(str(tmp_path / "ledger"))) as server:
        headers = {"Authorization": f"App {server.key('acme', *SCOPES, *STAFF_SCOPES)}"}
        schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json", timeout=60)
        problems, seen = [], Counter[int]()
        for result in schema.get_all_operations():
            problems += _problems(result.ok(), headers, seen)
    database.close()
    assert [] == problems
    assert {200, 201, 400, 404} <= set(seen), seen


def _problems(operation: Any, headers: dict[str, str], seen: Counter[int]) -> list[str]:
    found: list[str] = []

    @_given(operation)
    def ask(case: Any) -> None:
        answer = case.call(headers=headers, timeout=30)
        seen[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKS, headers=headers)
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is shown
            found.append(f"{case.method} {case.path}: {answer.status_code} {problem}"[:1500])

    ask()
    return found[:2]


def _given(operation: Any) -> Any:
    """Eight cases of an operation, from a fixed seed."""
    from hypothesis import given, seed  # noqa: PLC0415

    def decorate(test: Any) -> Any:
        strategy = operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE) | operation.as_strategy(
            generation_mode=schemathesis.GenerationMode.NEGATIVE
        )
        chosen = settings(
            max_examples=8, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        return seed(7)(chosen(given(case=strategy)(test)))

    return decorate
