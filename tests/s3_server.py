"""An S3 server of the dev extra on loopback, for tests of ledgers in an object store.

It runs in a process of its own: some calls of deltalake keep Python waiting until the store has answered.
"""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import boto3

_KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
_START_SECONDS = 60


class ObjectStore(NamedTuple):
    """A server with one bucket."""

    url: str
    """s3://bucket"""
    options: dict[str, str]
    """Storage options as deltalake names them."""


@contextmanager
def running_s3(bucket: str = "trunkline-test") -> Iterator[ObjectStore]:
    """Start the server and make a bucket."""
    port = _free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        endpoint = f"http://127.0.0.1:{port}"
        boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **_KEYS).create_bucket(Bucket=bucket)
        options = {name.upper(): value for name, value in _KEYS.items()}
        options |= {"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1", "AWS_ALLOW_HTTP": "true"}
        yield ObjectStore(f"s3://{bucket}", options)
    finally:
        server.terminate()
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"The S3 server did not answer on port {port} within {_START_SECONDS} seconds.")
