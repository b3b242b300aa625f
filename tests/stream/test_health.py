"""The endpoint of a worker: two paths, on this machine only."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pipeline.stream.health import HOST, health_endpoint


def fetched(port: int | None, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.parametrize(("is_ready", "status"), [(True, 200), (False, 503)])
def test_health_is_a_status_and_facts(is_ready: bool, status: int) -> None:
    """200 when ready, 503 when not; both say what is known."""

    def health() -> tuple[bool, Mapping[str, Any]]:
        return is_ready, {"lag": {"cdr.leg-0": 3}}

    with health_endpoint(0, health) as port:
        found, body = fetched(port, "/health")
    assert (status, {"ready": is_ready, "lag": {"cdr.leg-0": 3}}) == (found, json.loads(body))


def test_metrics_are_those_of_prometheus() -> None:
    """The text can be parsed and contains the worker's own figures."""
    with health_endpoint(0, lambda: (True, {})) as port:
        status, body = fetched(port, "/metrics")
    assert 200 == status
    assert "worker_bytes_in_hand" in {family.name for family in text_string_to_metric_families(body)}


def test_nothing_else_is_served() -> None:
    """Faust's own web server, which shows tables to everybody, is off; other paths are unknown."""
    with health_endpoint(0, lambda: (True, {})) as port:
        assert 404 == fetched(port, "/table/")[0]


def test_without_a_port_nothing_is_served() -> None:
    """The default."""
    with health_endpoint(None, lambda: (True, {})) as port:
        assert port is None


def test_it_listens_on_this_machine_only() -> None:
    """Metrics tell of customers' traffic; who wants them elsewhere puts a proxy in front."""
    assert "127.0.0.1" == HOST
