"""The cases of `cdr_cases.jsonl` that are one number of one party: taken apart, read by a profile, and classified."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import unquote

from pipeline.mediation.parties import read_party
from rating.numbering.classify import classify
from rating.numbering.kinds import Number, NumberClass
from rating.numbering.profiles import DiallingProfile
from schemas.outcomes import RejectReason
from schemas.reference import DialPlan
from tests.numbering.tables import area_codes

Case = Mapping[str, Any]
DAY = date(2026, 5, 1)
CLASSES = {NumberClass.EMERGENCY: "emergency", NumberClass.TOLL_FREE: "toll_free"}


def difference(case: Case) -> dict[str, tuple[object, object]]:
    """Fields of the expectation that are not found so, as (expected, found)."""
    found = answer(case)
    return {name: (value, found.get(name)) for name, value in case["expect"].items() if value != found.get(name)}


def answer(case: Case) -> dict[str, object]:
    """What numbering and mediation say of the party."""
    context = case["context"]
    party = read_party(unquote(case["raw"]) if context.get("url_encoded") else case["raw"])
    number = classify(party.digits, _profile(context.get("profile", {})), DAY, area_codes())
    known: dict[str, object] = {
        context["role"]: number.e164,
        "rn": party.rn,
        "npdi": party.npdi,
        "flags": ["FROM_DISPLAY"] if party.from_display else [],
        "presentation": "unavailable" if party.is_anonymous else "allowed",
        "number_class": _class(number, is_text=party.digits is None and not party.is_anonymous),
        "block": False,
    }
    if context["role"] == "called" and number.kind.number_class is NumberClass.INVALID:
        known["reason"] = RejectReason.NUM_UNPARSED
    return known


def _profile(given: Case) -> DiallingProfile:
    plan = DialPlan(
        default_country=given.get("default_country"),
        international_prefixes=tuple(given.get("idd", ())),
        national_prefix=given.get("national_prefix"),
        accept_bare_e164=given.get("accept_bare_e164", False),
    )
    return DiallingProfile(given.get("default_country", ""), plan)


def _class(number: Number, *, is_text: bool) -> str | None:
    return "alphanumeric" if is_text else CLASSES.get(number.kind.number_class)
