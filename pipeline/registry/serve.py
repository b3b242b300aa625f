"""`trunkline registry serve`: the API on a port, in one process or in several, and the publisher beside it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from pipeline.logs import configure_logs
from pipeline.registry.api.app import build_app
from pipeline.registry.ledger_reader import Ledger
from pipeline.registry.opened import open_registry
from pipeline.registry.publish import run_publisher
from pipeline.registry.store.desk import Registry
from pipeline.settings import Settings, load_settings

_STOP_SECONDS = 20


class CannotListen(Exception):
    """The address is in use, or is none of this machine's."""


def serve(settings: Settings, host: str, port: int, processes: int = 1) -> None:
    """Serve until SIGTERM or Ctrl-C; requests in hand are answered. Several processes share one port.

    Raises CannotListen.
    """
    _check_free(host, port)
    registry = open_registry(settings)
    with _publishing(registry, settings):
        # A process of its own reads the settings again; what is in hand of a database must not cross a fork.
        uvicorn.run(
            _app(registry, settings) if processes == 1 else f"{__name__}:app_of_a_process", factory=processes > 1,
            workers=processes, host=host, port=port, log_level="warning", server_header=False, date_header=True,
        )  # fmt: skip
    registry.database.close()


def _check_free(host: str, port: int) -> None:
    """Find out before anything is started; the server itself would only log it."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        raise CannotListen(
            f"Cannot listen on {host}:{port}: {error.strerror}. Stop what does, or name another --port."
        ) from error


def app_of_a_process() -> FastAPI:
    """The API as one of several processes serves it."""
    configure_logs()
    settings = load_settings()
    return _app(open_registry(settings), settings)


def _app(registry: Registry, settings: Settings) -> FastAPI:
    return build_app(registry, Ledger(settings.ledger_url, settings.storage_options))


@contextmanager
def _publishing(registry: Registry, settings: Settings) -> Iterator[None]:
    if not settings.registry.publish:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=run_publisher, args=(registry, settings.kafka, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_STOP_SECONDS)
