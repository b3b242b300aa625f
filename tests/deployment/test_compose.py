"""docker-compose.yml: its form, its commands, and the same commands against Apache Kafka without a container."""

import shlex
import uuid
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from click import Command

from pipeline.cli import app
from pipeline.settings import Settings
from tests.stream.feed import events, send
from tests.stream.workers import WorkerProcess, states, wait_for_rows

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SETTINGS: dict[str, Any] = yaml.safe_load((ROOT / "docker" / "trunkline.yaml").read_text())
OURS = [name for name, service in COMPOSE["services"].items() if service.get("image") == "trunkline"]

# The keys of the Compose Specification (github.com/compose-spec/compose-spec, 05-services.md) that are used here.
SERVICE_KEYS = {
    "build", "command", "depends_on", "deploy", "environment", "healthcheck", "image", "ports", "restart",
    "stop_grace_period", "volumes",
}  # fmt: skip
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}


def test_the_file_has_the_form_of_compose() -> None:
    """Only keys of the specification; every service has an image; what it waits for and mounts is there."""
    assert {"name", "services", "volumes"} == set(COMPOSE)
    for name, service in COMPOSE["services"].items():
        assert set(service) <= SERVICE_KEYS, name
        assert service["image"]
        for other, condition in service.get("depends_on", {}).items():
            assert other in COMPOSE["services"]
            assert condition["condition"] in CONDITIONS
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (ROOT / source).exists(), f"{name} mounts {source}"


def test_a_service_that_is_waited_for_can_be_healthy() -> None:
    """Whoever waits for health waits for a service that has a check, and a check is a list of a known kind."""
    for service in COMPOSE["services"].values():
        for other, condition in service.get("depends_on", {}).items():
            if condition["condition"] == "service_healthy":
                assert COMPOSE["services"][other]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}


def test_there_are_two_workers_and_one_ledger() -> None:
    """Two replicas share the volume that the ledger lies on, and are started again when they end."""
    worker = COMPOSE["services"]["worker"]
    assert (2, "unless-stopped") == (worker["deploy"]["replicas"], worker["restart"])
    mounts = dict(volume.split(":")[:2] for volume in worker["volumes"])
    assert SETTINGS["ledger_url"].startswith(mounts["ledger"])
    assert mounts["./docker/trunkline.yaml"] == worker["environment"]["TRUNKLINE_CONFIG"]
    assert mounts["./data/book"] == SETTINGS["book_path"]


def test_addresses_fit_together() -> None:
    """Workers reach the listener that the broker advertises inside, and probes the port that workers serve."""
    kafka = COMPOSE["services"]["kafka"]["environment"]
    assert f"INSIDE://{SETTINGS['kafka']['bootstrap_servers']}" in kafka["KAFKA_ADVERTISED_LISTENERS"].split(",")
    assert f":{SETTINGS['metrics_port']}/health" in COMPOSE["services"]["worker"]["healthcheck"]["test"][-1]


def test_the_settings_file_is_valid() -> None:
    """Every key of docker/trunkline.yaml is a setting, every format exists."""
    settings = Settings(**SETTINGS)
    assert ["sbc1", "sbc2", "sbc3"] == [source.name for source in settings.sources]


@pytest.mark.parametrize("name", OURS)
def test_its_command_exists(name: str) -> None:
    """What a container runs is a command of `trunkline`."""
    command: Command | None = typer.main.get_command(app)
    for word in COMPOSE["services"][name]["command"]:
        command = getattr(command, "commands", {}).get(word)
        assert command is not None, f"{name}: {word}"


def test_the_image_runs_trunkline() -> None:
    """The Dockerfile copies what it installs, all of it tracked, and starts `trunkline`."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    copied = [word for line in lines if line.startswith("COPY") for word in shlex.split(line)[1:-1]]
    assert all((ROOT / name).exists() for name in copied)
    assert {"schemas", "rating", "pipeline", "data", "requirements.lock"} <= set(copied)
    assert 'ENTRYPOINT ["trunkline"]' in lines


@pytest.mark.kafka
@pytest.mark.timeout(120)
def test_the_same_commands_work_without_containers(tmp_path: Path, kafka: str) -> None:
    """The commands and settings of the containers, with the paths and the broker of this machine, fill a ledger."""
    name = f"compose-{uuid.uuid4().hex[:8]}"
    config = SETTINGS | {
        "ledger_url": str(tmp_path / "ledger"), "book_path": str(ROOT / "data" / "book"), "metrics_port": 0,
        "late_days": 36_500,
        "kafka": SETTINGS["kafka"] | {"bootstrap_servers": kafka, "topic_prefix": f"{name}.", "group": name},
    }  # fmt: skip
    (tmp_path / "trunkline.yaml").write_text(yaml.safe_dump(config))
    settings = Settings(**config)
    assert ["worker"] == COMPOSE["services"]["worker"]["command"]
    with WorkerProcess(tmp_path, name="one") as one, WorkerProcess(tmp_path, name="two") as two:
        for worker in (one, two):
            worker.wait_for("partitions_assigned")
        send(settings, events(range(100)))
        wait_for_rows(settings, 100, 60, one, two)
    assert {"RATED": 100} == dict(states(settings))
