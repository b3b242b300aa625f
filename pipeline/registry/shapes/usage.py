"""The billing usage query as JSON: what is asked, and the result that is posted to the caller's URL."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from pipeline.registry.rules.text import PrintableText, ShortText
from pipeline.registry.shapes.base import Shape

Dimension = Literal[
    "DAY", "MONTH", "APPLICATION_ID", "ENTITY_ID", "ACCOUNT_NAME", "ACCOUNT_KEY", "CATEGORY_CODE", "CATEGORY_NAME",
    "SUBCATEGORY_CODE", "SUBCATEGORY_NAME", "USER_NAME", "DIRECTION", "TRAFFIC_TYPE", "SENDER", "SENDER_TYPE",
    "NETWORK_NAME", "NORM_NET_CODE", "COUNTRY_NAME", "COUNTRY_CODE", "COUNTRY_PREFIX", "CAMPAIGN_ID",
    "CAMPAIGN_REFERENCE", "TEMPLATE_ID",
]  # fmt: skip
Category = Literal[
    "SIP_TRUNK", "SIP_TRUNK_CHANNEL", "SIP_TRUNK_TAX", "SMS", "SMS_OPERATOR_FEE", "MMS", "MMS_OPERATOR_FEE", "EMAIL",
    "RCS", "WHATSAPP", "VIBER", "APPLE_MB", "MOBILE_PUSH", "NUMBER_LOOKUP", "CARRIER_LOOKUP", "EMAIL_VALIDATION",
    "AGENTOS", "AI",
]  # fmt: skip


def _day(text: str) -> str:
    date.fromisoformat(text)
    return text


def _distinct(values: list[Any]) -> list[Any]:
    if len(set(values)) < len(values):
        raise ValueError("Each value may be given once.")
    return values


Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_day)]
Texts = Annotated[list[ShortText], Field(max_length=1000), AfterValidator(_distinct)]


class DateInterval(Shape):
    """UTC days, the first inclusive, the last exclusive."""

    sent_since: Day
    sent_until: Day


class UsageFilter(Shape):
    """What is counted; what is absent admits all."""

    date_interval: DateInterval
    account_keys: Texts | None = None
    country_codes: Texts | None = None
    senders: Texts | None = None
    sender_types: Texts | None = None
    traffic_types: Texts | None = None
    campaign_reference_ids: Texts | None = None
    template_ids: Texts | None = None
    categories: Annotated[list[Category], AfterValidator(_distinct)] | None = None
    sub_categories: Texts | None = None
    platforms: Annotated[list[dict[ShortText, PrintableText]], Field(max_length=1000)] | None = None
    directions: Annotated[list[Literal["OUTBOUND", "INBOUND"]], AfterValidator(_distinct)] | None = None
    campaign_ids: Annotated[list[int], Field(max_length=1000)] | None = None


class UsageOptions(Shape):
    """Without unfinalized data, only months that are closed are counted."""

    include_unfinalized_data: bool | None = None


class UsageRequest(Shape):
    """What is counted, and by what it is summed."""

    filter_by: UsageFilter
    aggregate_by: Annotated[list[Dimension], Field(min_length=1), AfterValidator(_distinct)]
    options: UsageOptions | None = None


class UsageQuery(Shape):
    """A query; its result is posted once to the URL."""

    callback_url: Annotated[PrintableText, Field(pattern=r"^https?://[^\s/?#]+", max_length=2048)]
    request: UsageRequest


class UsageAccepted(Shape):
    """The id that the result will carry."""

    request_id: str
