"""`/metrics` and `/health` of a worker, on 127.0.0.1 only."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

HOST = "127.0.0.1"

Health = Callable[[], tuple[bool, Mapping[str, Any]]]
"""Whether the worker is ready, and what else is to be said."""


@contextmanager
def health_endpoint(port: int | None, health: Health) -> Iterator[int | None]:
    """Serve until the context ends; the port is returned, 0 asks for a free one, None serves nothing."""
    if port is None:
        yield None
        return
    server = ThreadingHTTPServer((HOST, port), _endpoint(health))
    thread = Thread(target=server.serve_forever, name="health", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def _endpoint(health: Health) -> type[BaseHTTPRequestHandler]:
    class Endpoint(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer one of the two paths."""
            if self.path == "/metrics":
                self._answer(200, CONTENT_TYPE_LATEST, generate_latest())
            elif self.path == "/health":
                is_ready, facts = health()
                body = json.dumps({"ready": is_ready, **facts}, default=str).encode()
                self._answer(200 if is_ready else 503, "application/json", body)
            else:
                self._answer(404, "text/plain", b"/metrics and /health are served here\n")

        def log_message(self, *_: object) -> None:
            """Requests of a probe are no news."""

        def _answer(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Endpoint
