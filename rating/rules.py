"""The rules that decide a row, by name. `rule_ids` of the ledger lists those that did, in the order of this page."""

from enum import StrEnum


class Rule(StrEnum):
    """One decision on the way of a price; the text says what was decided and where the rule is written down."""

    TRUNK_BY_ID = "trunk.id", "The record names its trunk (Trunks 6)."
    TRUNK_BY_USER = "trunk.user", "The registered user name belongs to the trunk (Trunks 6)."
    TRUNK_BY_PROVIDER = "trunk.provider", "The provider identifier belongs to the trunk (Trunks 6)."
    TRUNK_BY_IP = "trunk.ip", "The source IP belongs to the trunk (Trunks 6)."
    TRUNK_BY_DID = "trunk.did", "Nothing but the called DID names the trunk of this inbound call."
    UNANSWERED = "leg.unanswered", "Only answered legs cost money (Rating 1)."
    FREE_LEG = "leg.free", "The leg reaches an endpoint or is counted on another leg: nothing of its own (Rating 7)."
    DIRECTION_BY_DID = "direction.did", "The record has no direction; the trunk's own DID is at one of its ends."
    FREE_CLASS = "class.free", "The plan charges nothing for numbers of this class, such as emergency calls."
    OUTBOUND_DECK = "deck.outbound", "An outbound call is priced by the called number (Rating 6)."
    INBOUND_DECK = "deck.inbound", "An inbound call is priced by the DID, once (Rating 6 and 7)."
    FORWARD_DECK = "deck.forward", "A forwarded leg is priced at the outbound rate, on any plan (Rating 6)."
    RATE_CALLER = "rate.caller", "The row holds for callers from one country (Rating 6)."
    RATE_HOURS = "rate.hours", "The row holds in the hours of the week in which the call was answered."
    RATE_TIERS = "rate.tiers", "The price changes at given seconds of the call."
    UNLIMITED = (
        "plan.unlimited",
        "An outbound call to a US domestic number is included in the UNLIMITED plan (Rating 9).",
    )
    ZERO_SECONDS = "seconds.zero", "A call of zero seconds costs nothing, not even the fee (Rating 1)."
    SHORT_CALL = "seconds.short", "The plan charges nothing for a call this short, not even the fee."

    text: str

    def __new__(cls, value: str, text: str) -> "Rule":
        """Give the member its text beside its value."""
        rule = str.__new__(cls, value)
        rule._value_ = value
        rule.text = text
        return rule
