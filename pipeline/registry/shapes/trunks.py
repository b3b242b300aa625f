"""Requests and answers about SIP trunks. One class for each type of trunk, told apart by `type`."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline.registry.rules.text import PrintableText, ShortText
from pipeline.registry.shapes.base import Shape
from pipeline.registry.tables.trunks import CHANNELS_MAX, CHANNELS_MIN

ChannelLimit = Annotated[int, Field(ge=CHANNELS_MIN, le=CHANNELS_MAX)]
Codec = Literal["PCMU", "PCMA", "G729"]
Dtmf = Literal["RFC2833", "INBAND"]
Fax = Literal["NONE", "INBAND", "T38"]
NumberFormat = Literal["E164", "INTERNATIONAL", "US_NATIONAL"]
Anonymization = Literal["NONE", "REMOTE_PARTY_ID", "ASSERTED_IDENTITY", "PREFERRED_IDENTITY"]
Strategy = Literal["FAILOVER", "ROUND_ROBIN"]
AdminStatus = Literal["ENABLED", "DISABLED", "SYSTEM_DISABLED"]
ActionStatus = Literal["CREATING", "UPDATING", "DELETING", "FAILED", "RESET", "SUCCESS"]
Registration = Literal["REGISTERED", "UNREGISTERED"]
Host = Annotated[PrintableText, Field(min_length=1, max_length=262)]
GenesysRegion = Literal[
    "NA_US_EAST_1", "NA_US_EAST_2", "NA_US_WEST_2", "CA_CENTRAL_1", "SA_EAST_1", "EU_CENTRAL_1", "EU_CENTRAL_2",
    "EU_WEST_1", "EU_WEST_2", "ME_CENTRAL_1", "AP_SOUTH_1", "AP_NORTHEAST_1", "AP_NORTHEAST_2", "AP_NORTHEAST_3",
    "AP_SOUTHEAST_2",
]  # fmt: skip


class BillingPackage(Shape):
    """The plan: how the trunk is billed, and the service address that it is billed at."""

    package_type: Literal["METERED", "UNLIMITED"]
    country_code: Literal["USA"] | None = None
    address_id: ShortText | None = None


class SipOptions(Shape):
    """Whether our SBC watches the trunk with SIP OPTIONS."""

    enabled: bool


class FreshworksProvider(Shape):
    """Freshworks: the trunk's account SID at its carrier, and its SIP domain."""

    type: Literal["FRESHWORKS"]
    account_sid: ShortText
    sip_domain: ShortText


class GenesysCloudProvider(Shape):
    """Genesys Cloud: its region. Both termination fields are made here and only ever returned."""

    type: Literal["GENESYS_CLOUD"]
    region: GenesysRegion
    outbound_termination_fqdn: Annotated[str | None, Field(alias="outboundTerminationFQDN")] = None
    inbound_termination_identifier: str | None = None


class CiscoWebexProvider(Shape):
    """Cisco Webex: the organisation's id."""

    type: Literal["CISCO_WEBEX"]
    cisco_uuid: Annotated[ShortText, Field(alias="ciscoUUID")]


class OpenAiProvider(Shape):
    """OpenAI Realtime: the project's id."""

    type: Literal["OPENAI_REALTIME"]
    project_id: ShortText


Provider = Annotated[
    FreshworksProvider | GenesysCloudProvider | CiscoWebexProvider | OpenAiProvider, Field(discriminator="type")
]


class _New(Shape):
    name: ShortText
    location: ShortText | None = None
    tls: bool | None = None
    international_calls_allowed: bool | None = None
    channel_limit: ChannelLimit
    billing_package: BillingPackage


class _Update(Shape):
    """What is fixed for life may be sent back unchanged; another value is refused."""

    name: ShortText
    international_calls_allowed: bool | None = None
    channel_limit: ChannelLimit | None = None
    location: ShortText | None = None
    tls: bool | None = None
    billing_package: BillingPackage | None = None


class _Media(Shape):
    codecs: Annotated[list[Codec] | None, Field(min_length=1, max_length=3)] = None
    dtmf: Dtmf | None = None
    fax: Fax | None = None
    number_format: NumberFormat | None = None
    anonymization: Anonymization | None = None


class _Hosts(Shape):
    source_hosts: list[Host] | None = None
    destination_hosts: list[Host] | None = None
    strategy: Strategy | None = None
    sip_options: SipOptions | None = None


class NewStaticTrunk(_New, _Media, _Hosts):
    """A trunk that is trusted by its source addresses."""

    type: Literal["STATIC"]


class NewRegisteredTrunk(_New, _Media):
    """A trunk that registers with the user name and password that it is given."""

    type: Literal["REGISTERED"]
    invite_authentication: bool | None = None


class NewProviderTrunk(_New):
    """A trunk of another cloud."""

    type: Literal["PROVIDER"]
    provider: Provider


class OperatorConnectProvider(Shape):
    """Microsoft Teams: the customer's tenant."""

    type: Literal["MICROSOFT_OPERATOR_CONNECT"]
    tenant_id: ShortText


class NewOperatorConnectTrunk(_New):
    """A trunk of Microsoft Operator Connect; no published shape has it, so it has an endpoint of its own."""

    type: Literal["OPERATOR_CONNECT"]
    provider: OperatorConnectProvider


class OperatorConnectTrunkUpdate(_Update):
    """A change of an Operator Connect trunk."""

    type: Literal["OPERATOR_CONNECT"]


class StaticTrunkUpdate(_Update, _Media, _Hosts):
    """A change of a STATIC trunk."""

    type: Literal["STATIC"]


class RegisteredTrunkUpdate(_Update, _Media):
    """A change of a REGISTERED trunk."""

    type: Literal["REGISTERED"]
    invite_authentication: bool | None = None


class ProviderTrunkUpdate(_Update):
    """A change of a PROVIDER trunk."""

    type: Literal["PROVIDER"]


NewTrunk = Annotated[NewStaticTrunk | NewRegisteredTrunk | NewProviderTrunk, Field(discriminator="type")]
TrunkUpdate = Annotated[StaticTrunkUpdate | RegisteredTrunkUpdate | ProviderTrunkUpdate, Field(discriminator="type")]


class StatusChange(Shape):
    """SYSTEM_DISABLED is the provider's alone."""

    admin_status: Literal["ENABLED", "DISABLED"]


class StatusChanged(Shape):
    """Whether the trunk may carry calls."""

    admin_status: AdminStatus


class Action(Shape):
    """How far the last asynchronous change has come; a reason only with FAILED or RESET."""

    status: ActionStatus
    reason: str | None = None


class TrunkStatus(Shape):
    """What customer, provider and SBCs say about the trunk."""

    admin_status: AdminStatus
    action_status: Action
    registration_status: Registration | None = None
    active_calls: int


class Credentials(Shape):
    """A REGISTERED trunk's user name and new password, shown this once."""

    username: str
    password: str


AnyProvider = Annotated[
    FreshworksProvider | GenesysCloudProvider | CiscoWebexProvider | OpenAiProvider | OperatorConnectProvider,
    Field(discriminator="type"),
]


class SbcHosts(Shape):
    """Where the trunk reaches us."""

    primary: list[str]
    backup: list[str]
    subnets: list[str]


class Trunk(Shape):
    """A trunk as the API shows it; fields that its type does not have are absent. `numbers` is an addition of ours."""

    id: str
    type: Literal["STATIC", "REGISTERED", "PROVIDER", "OPERATOR_CONNECT"]
    name: str
    location: str
    tls: bool
    international_calls_allowed: bool
    channel_limit: int
    billing_package: BillingPackage
    sbc_hosts: SbcHosts
    codecs: list[Codec] | None = None
    dtmf: Dtmf | None = None
    fax: Fax | None = None
    number_format: NumberFormat | None = None
    anonymization: Anonymization | None = None
    sip_options: SipOptions | None = None
    source_hosts: list[str] | None = None
    destination_hosts: list[str] | None = None
    strategy: Strategy | None = None
    numbers: list[str] | None = None
    username: str | None = None
    password: str | None = None
    invite_authentication: bool | None = None
    provider: AnyProvider | None = None
