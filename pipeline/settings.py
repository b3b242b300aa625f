"""Settings: defaults, then one file, then the environment, the later one wins.

The file is `trunkline.yaml` in the working directory, or the path in `TRUNKLINE_CONFIG`. Environment variables
are `TRUNKLINE_LEDGER_URL`, `TRUNKLINE_KAFKA__BOOTSTRAP_SERVERS` and so on: two underscores go one level down.
docs/settings.md is generated from these models.
"""

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, YamlConfigSettingsSource

from pipeline.billing.settings import InvoiceSettings
from pipeline.registry.settings import RegistrySettings
from schemas.reference import DialPlan

CONFIG_VARIABLE = "TRUNKLINE_CONFIG"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class KafkaSettings(_Section):
    """How to reach Apache Kafka, and the shape of the topics."""

    bootstrap_servers: str = Field("127.0.0.1:9092", description="host:port, comma separated")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    ssl_cafile: Path | None = Field(None, description="certificate authority of the brokers")
    ssl_certfile: Path | None = None
    ssl_keyfile: Path | None = None
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    group: str = Field("trunkline", description="consumer group of the workers")
    topic_prefix: str = Field("", description="put before the name of every topic, to share a Kafka with others")
    raw_partitions: Annotated[int, Field(ge=1)] = Field(4, description="partitions of a new cdr.raw.<source> topic")
    leg_partitions: Annotated[int, Field(ge=1)] = Field(
        4, description="partitions of cdr.leg; fixed for a ledger's life"
    )
    replication_factor: Annotated[int, Field(ge=1)] = 1


class Source(_Section):
    """One feed of CDRs: who writes it, in which format, and how its times and digits are read."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
    format: str = Field(description="parser, one of `trunkline formats`")
    node: str | None = Field(None, description="name of the SBC where its records do not say it")
    time_zone: str = Field("UTC", description="IANA zone of stamps without a zone of their own")
    dial_plan: DialPlan = DialPlan()
    options: dict[str, Any] = Field(default_factory=dict, description="settings of the format: layout, columns, ...")


class Settings(BaseSettings):
    """All settings of Trunkline."""

    model_config = SettingsConfigDict(env_prefix="TRUNKLINE_", env_nested_delimiter="__", extra="forbid")

    ledger_url: str = Field("var/ledger", description="folder or s3://bucket/prefix of the ledger")
    storage_options: dict[str, str] = Field(
        default_factory=dict, description="object store options, as deltalake names them"
    )
    book_path: Path = Field(
        Path("book"), description="folder of accounts.yaml, plans.yaml, trunks.yaml, addresses.yaml, decks/"
    )
    spool_path: Path = Field(
        Path("var/spool"), description="folder with one sub-folder per source that SBCs drop files into"
    )
    spool_settle_seconds: Annotated[int, Field(ge=0)] = Field(
        5, description="a file that a newer one has followed is finished after this many seconds without a change"
    )
    spool_idle_seconds: Annotated[int, Field(ge=0)] = Field(
        3600, description="the newest file of a source is finished after this many seconds without a change"
    )
    invoice_path: Path = Field(Path("var/invoices"), description="folder that invoices are written to")
    tax_path: Path = Field(Path("tax"), description="folder of the provider's own tax data; may be absent")
    registry_url: str | None = Field(None, description="SQLAlchemy URL of the registry's database; empty: no registry")
    late_days: Annotated[int, Field(ge=1)] = Field(92, description="records older than this many days are TOO_OLD")
    flush_seconds: Annotated[float, Field(gt=0, le=60)] = Field(
        1.0, description="a row is committed this long after arrival at the latest"
    )
    batch_rows: Annotated[int, Field(ge=1)] = Field(100_000, description="rows in one ledger commit at most")
    metrics_port: int | None = Field(None, description="port of /metrics and /health on 127.0.0.1; empty: off")
    kafka: KafkaSettings = KafkaSettings()
    invoice: InvoiceSettings = InvoiceSettings()
    registry: RegistrySettings = RegistrySettings()
    sources: tuple[Source, ...] = ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is the library's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order of precedence: arguments, environment, file."""
        file = Path(os.environ.get(CONFIG_VARIABLE, "trunkline.yaml"))
        return init_settings, env_settings, YamlConfigSettingsSource(settings_cls, yaml_file=file)

    def source(self, name: str) -> Source:
        """The feed of that name; KeyError lists the known ones."""
        for source in self.sources:
            if source.name == name:
                return source
        known = ", ".join(source.name for source in self.sources) or "none"
        raise KeyError(
            f"Source {name!r} is not configured (known: {known}). Add it under `sources:` in trunkline.yaml."
        )


@lru_cache(maxsize=1)
def load_settings() -> Settings:
    """Read the settings of this process once."""
    return Settings()
