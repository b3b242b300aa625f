"""`trunkline registry serve`: the API on a port, and the publisher beside it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from pipeline.registry.api.app import build_app
from pipeline.registry.ledger_reader import Ledger
from pipeline.registry.opened import open_registry
from pipeline.registry.publish import run_publisher
from pipeline.registry.store.desk import Registry
from pipeline.settings import Settings

_STOP_SECONDS = 20


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until SIGTERM or Ctrl-C; requests in hand are answered."""
    registry = open_registry(settings)
    app = build_app(registry, Ledger(settings.ledger_url, settings.storage_options))
    config = uvicorn.Config(app, host=host, port=port, log_level="warning", server_header=False, date_header=True)
    with _publishing(registry, settings):
        uvicorn.Server(config).run()
    registry.database.close()


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
