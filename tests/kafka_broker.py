"""A real Apache Kafka for tests, demo, chaos and benchmarks: started from its Maven artifact, one node, KRaft.

`python -m tests.kafka_broker` starts one and runs it until Ctrl-C. Where `KAFKA_BOOTSTRAP_SERVERS` names a broker, that
one is used and none is started. The jars are fetched once and kept in a cache folder.
"""

import argparse
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Self

ADDRESS_VARIABLE = "KAFKA_BOOTSTRAP_SERVERS"
VERSION = "4.3.1"
START_SECONDS = 60
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>trunkline</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{VERSION}</version>
  </dependency></dependencies>
</project>
"""
PROPERTIES = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}/log
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
log.segment.bytes=67108864
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=1000
"""


class KafkaUnavailable(Exception):
    """There is neither an address of a broker nor what is needed to start one."""


def missing_parts() -> str | None:
    """What is needed to start a broker and is not there; None if all is at hand."""
    missing = [f"{name} ({program})" for program, name in (("java", "Java 17"), ("mvn", "Maven"))
               if not shutil.which(program)]  # fmt: skip
    if not missing:
        return None
    return f"Apache Kafka needs {' and '.join(missing)}, or the address of a broker in {ADDRESS_VARIABLE}"


def kafka_jars() -> Path:
    """The folder of Kafka's jars; fetched by Maven the first time."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "trunkline" / f"kafka-{VERSION}"
    if not (cache / f"kafka_2.13-{VERSION}.jar").exists():
        cache.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache.parent) as folder:
            Path(folder, "pom.xml").write_text(POM)
            libs = Path(folder, "libs")
            command = ["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={libs}"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode:
                raise KafkaUnavailable(f"Maven could not fetch Kafka {VERSION}:\n{done.stdout[-2000:]}")
            with contextlib.suppress(OSError):  # another process was faster
                libs.rename(cache)
    return cache


class KafkaBroker:
    """One broker in a process of its own; its data lies in a folder of its own."""

    def __init__(self, folder: Path, port: int | None = None, heap: str = "1g") -> None:
        self._folder = folder
        self._heap = heap
        self._port = port or _free_port()
        self._controller_port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @property
    def address(self) -> str:
        """What clients connect to."""
        return f"127.0.0.1:{self._port}"

    @property
    def log_file(self) -> Path:
        """What the broker prints."""
        return self._folder / "kafka.log"

    def start(self, *, wait: bool = True) -> Self:
        """Start it, the first time or again, and `wait` until it takes connections."""
        jars = kafka_jars()
        properties = self._folder / "server.properties"
        if not properties.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            ports = {"port": self._port, "controller_port": self._controller_port}
            properties.write_text(PROPERTIES.format(folder=self._folder, **ports))
            cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
            self._java(jars, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)).wait()
        self._process = self._java(jars, "kafka.Kafka", str(properties))
        if wait:
            self._wait_for_port()
        return self

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as an operator would; forcefully if that takes long."""
        self._end(signal.SIGTERM)

    def _java(self, jars: Path, *arguments: str) -> "subprocess.Popen[bytes]":
        self._log = self._log or self.log_file.open("ab")
        command = ["java", f"-Xmx{self._heap}", "-XX:+UseSerialGC", "-cp", f"{jars}/*", *arguments]
        return subprocess.Popen(command, stdout=self._log, stderr=subprocess.STDOUT, start_new_session=True)

    def _wait_for_port(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self._process is None or self._process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port), timeout=1):
                return
            time.sleep(0.1)
        raise KafkaUnavailable(f"Kafka did not start:\n{self.log_file.read_text()[-3000:]}")

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        if self._log is not None:
            self._log.close()
            self._log = None


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def running_broker(port: int | None = None) -> Iterator[str]:
    """The address of a broker: the one of the environment, or one that lives as long as the context.

    Raises KafkaUnavailable.
    """
    if address := os.environ.get(ADDRESS_VARIABLE):
        yield address
        return
    if missing := missing_parts():
        raise KafkaUnavailable(missing)
    with tempfile.TemporaryDirectory(prefix="trunkline-kafka-") as folder:
        broker = KafkaBroker(Path(folder), port).start()
        try:
            yield broker.address
        finally:
            broker.stop()


def main() -> None:
    """Run a broker until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Run Apache Kafka from its Maven artifact until Ctrl-C.")
    parser.add_argument("--port", type=int, default=9092)
    port = parser.parse_args().port
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with running_broker(port) as address, contextlib.suppress(KeyboardInterrupt):
            print(f"Apache Kafka listens on {address}; Ctrl-C ends it", flush=True)  # noqa: T201
            signal.pause()
    except KafkaUnavailable as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
