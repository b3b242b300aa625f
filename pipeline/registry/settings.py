"""Settings of the registry; every number of the published API that is not a rule is here."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from pipeline.shipped import DATA

PerMinute = Annotated[int, Field(ge=1, le=1_000_000)]


class RateLimits(BaseModel):
    """Requests that one key may make in a minute; a full minute's share may come at once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reads: PerMinute = 6_000
    trunk_writes: PerMinute = 100
    route_writes: PerMinute = 50
    simulations: PerMinute = 50
    usage_queries: PerMinute = 3_600


Count = Annotated[int, Field(ge=1, le=100_000)]


class AccountLimits(BaseModel):
    """What one account may have; the published numbers. Imports by staff are not counted against them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    trunks: Count = 10
    trunks_per_location: Count = 10
    locations: Count = 2
    source_hosts: Count = 3
    destination_hosts: Count = 3


class RegistrySettings(BaseModel):
    """The trunk registry and its API."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    locations_path: Path = Field(DATA / "registry" / "locations.yaml", description="data centres and their SBC hosts")
    location: str = Field("FRANKFURT", description="location of a new trunk that names none")
    us_location: str = Field("NEW_YORK", description="the same for a trunk with a service address in the United States")
    metered_plan: str = Field("metered", description="plan of METERED trunks of a new account")
    unlimited_plan: str = Field("unlimited", description="plan of UNLIMITED trunks of a new account")
    admit_documentation_hosts: bool = Field(
        False,  # noqa: FBT003 - a field, not a call
        description="admit documentation and benchmark addresses as source hosts, for demos and tests",
    )
    account_limits: AccountLimits = Field(
        AccountLimits(), description="trunks, data centres, and hosts of a trunk that an account may have"
    )
    action_seconds: Annotated[float, Field(ge=0)] = Field(
        0.5, description="how long CREATING, UPDATING and DELETING last before they become SUCCESS"
    )
    realm: str = Field("sip.trunkline.example", description="realm of the SIP digest of REGISTERED trunks")
    body_bytes: Annotated[int, Field(ge=1_024)] = Field(256 * 1_024, description="size of a request body at most")
    body_depth: Annotated[int, Field(ge=8)] = Field(32, description="nesting of a JSON body at most")
    rate_limits: RateLimits = Field(RateLimits(), description="requests of one key in a minute, by kind")
    admit_private_callbacks: bool = Field(
        False,  # noqa: FBT003
        description="let billing usage be posted to private and loopback addresses, for demos and tests",
    )
    publish: bool = Field(
        False,  # noqa: FBT003
        description="publish changes to Kafka; workers on Kafka then follow the topics, else the database",
    )
    tombstone_days: Annotated[int, Field(ge=0)] = Field(
        92, description="a deleted trunk stays on its topic this long, for late records; then its tombstone follows"
    )
    api_url: str | None = Field(None, description="registry that the command line talks to; empty: the database itself")
    api_key: str | None = Field(None, description="App key that the command line uses with `api_url`")
