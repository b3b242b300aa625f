"""docs/operations.md names every metric and every topic, and its settings are settings."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest
import yaml
from prometheus_client import REGISTRY

import pipeline
from pipeline.settings import KafkaSettings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text()
OURS = ("mediator_", "rater_", "worker_", "ledger_", "registry_", "usage_", "close_", "spool_")


def metric_names() -> set[str]:
    """All metrics of the package, with the ending that Prometheus shows."""
    for module in pkgutil.walk_packages(pipeline.__path__, "pipeline."):
        if module.name.endswith("metrics") or "prometheus_client" in source(module.name):
            importlib.import_module(module.name)
    families = [family for family in REGISTRY.collect() if family.name.startswith(OURS)]
    return {f"{family.name}_total" if family.type == "counter" else family.name for family in families}


def source(name: str) -> str:
    path = Path(pipeline.__path__[0]).parent.joinpath(*name.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return file.read_text()


def documented() -> set[str]:
    return {name for name in re.findall(r"`([a-z_]+)(?:\{[a-z,]+\})?`", PAGE) if name.startswith(OURS)}


def test_every_metric_is_documented() -> None:
    """A metric without a line is a question at night."""
    assert metric_names() - documented() == set()


def test_every_documented_metric_is_there() -> None:
    """A line without a metric is a promise that nobody keeps."""
    tabled = set(re.findall(r"^\| `([a-z_]+)(?:\{[a-z,]+\})?` \|", PAGE, re.MULTILINE))
    assert tabled - metric_names() == set()


def test_the_kafka_example_is_valid() -> None:
    """The settings of the example are those of the product."""
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    kafka = KafkaSettings(**yaml.safe_load(example)["kafka"])
    assert ("SASL_SSL", 3, "billing.") == (kafka.security_protocol, kafka.replication_factor, kafka.topic_prefix)


@pytest.mark.parametrize("header", ["raw-partition", "first", "upto", "rows"])
def test_headers_are_documented(header: str) -> None:
    """Whoever reads cdr.leg finds its headers here."""
    assert f"`{header}`" in PAGE
