"""One set of settings for both Kafka clients: plain, TLS, SASL."""

import ssl
from pathlib import Path

import pytest
from faust.auth import SASLCredentials, SSLCredentials
from pydantic import SecretStr, ValidationError

from pipeline.settings import KafkaSettings
from pipeline.stream.connection import broker_urls, client_options, ssl_context, worker_credentials

PASSWORD = "rate-42"  # noqa: S105 - an example


def test_plaintext_needs_nothing() -> None:
    """Several bootstrap servers, no credentials, no TLS."""
    kafka = KafkaSettings(bootstrap_servers="a:9092, b:9093")
    assert ["kafka://a:9092", "kafka://b:9093"] == broker_urls(kafka)
    assert None is worker_credentials(kafka)
    assert {"bootstrap_servers": ["a:9092", "b:9093"], "security_protocol": "PLAINTEXT", "ssl_context": None} == (
        client_options(kafka)
    )


def test_tls_checks_the_broker() -> None:
    """With TLS the name and the certificate of the broker are verified."""
    kafka = KafkaSettings(security_protocol="SSL")
    context = ssl_context(kafka)
    assert context is not None
    assert (True, ssl.CERT_REQUIRED) == (context.check_hostname, context.verify_mode)
    assert isinstance(worker_credentials(kafka), SSLCredentials)


@pytest.mark.parametrize(("protocol", "is_encrypted"), [("SASL_PLAINTEXT", False), ("SASL_SSL", True)])
def test_sasl_tells_both_clients_the_same(protocol: str, is_encrypted: bool) -> None:
    """User, password and mechanism reach Faust and the admin client; the password is shown by neither."""
    kafka = KafkaSettings(
        security_protocol=protocol, sasl_mechanism="SCRAM-SHA-512", sasl_username="meter", sasl_password=PASSWORD,
    )  # fmt: skip
    credentials = worker_credentials(kafka)
    assert isinstance(credentials, SASLCredentials)
    assert ("meter", PASSWORD, "SCRAM-SHA-512") == (
        credentials.username, credentials.password, credentials.mechanism.value,
    )  # fmt: skip
    options = client_options(kafka)
    assert ("meter", PASSWORD, "SCRAM-SHA-512") == (
        options["sasl_plain_username"], options["sasl_plain_password"], options["sasl_mechanism"],
    )  # fmt: skip
    assert is_encrypted == isinstance(options["ssl_context"], ssl.SSLContext)
    assert PASSWORD not in repr(kafka)
    assert isinstance(kafka.sasl_password, SecretStr)


def test_an_authority_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """A wrong path does not fall back to the system's authorities."""
    with pytest.raises(FileNotFoundError):
        ssl_context(KafkaSettings(security_protocol="SSL", ssl_cafile=tmp_path / "ca.pem"))


def test_an_unknown_mechanism_is_refused() -> None:
    """The settings list those that there are."""
    with pytest.raises(ValidationError, match="SCRAM-SHA-256"):
        KafkaSettings(sasl_mechanism="NTLM")
