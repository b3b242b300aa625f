"""One set of Kafka settings, told to the two clients in use: Faust with aiokafka, and kafka-python's admin client."""

import ssl
from typing import Any

from faust.auth import SASLCredentials, SSLCredentials

from pipeline.settings import KafkaSettings


def broker_urls(kafka: KafkaSettings) -> list[str]:
    """The bootstrap servers as Faust takes them."""
    return [f"kafka://{server.strip()}" for server in kafka.bootstrap_servers.split(",")]


def ssl_context(kafka: KafkaSettings) -> ssl.SSLContext | None:
    """TLS with the brokers' authority, and a client certificate if there is one; None without TLS."""
    if "SSL" not in kafka.security_protocol:
        return None
    context = ssl.create_default_context(cafile=kafka.ssl_cafile)
    if kafka.ssl_certfile:
        context.load_cert_chain(kafka.ssl_certfile, kafka.ssl_keyfile)
    return context


def worker_credentials(kafka: KafkaSettings) -> SASLCredentials | SSLCredentials | None:
    """What Faust shows the brokers; None for PLAINTEXT."""
    context = ssl_context(kafka)
    if kafka.security_protocol.startswith("SASL"):
        return SASLCredentials(
            username=kafka.sasl_username, password=_password(kafka), ssl_context=context, mechanism=kafka.sasl_mechanism
        )
    return SSLCredentials(context) if context else None


def client_options(kafka: KafkaSettings) -> dict[str, Any]:
    """The same for the clients of kafka-python."""
    options: dict[str, Any] = {
        "bootstrap_servers": [server.strip() for server in kafka.bootstrap_servers.split(",")],
        "security_protocol": kafka.security_protocol,
        "ssl_context": ssl_context(kafka),
    }
    if kafka.security_protocol.startswith("SASL"):
        options |= {
            "sasl_mechanism": kafka.sasl_mechanism,
            "sasl_plain_username": kafka.sasl_username,
            "sasl_plain_password": _password(kafka),
        }
    return options


def _password(kafka: KafkaSettings) -> str | None:
    return kafka.sasl_password.get_secret_value() if kafka.sasl_password else None
