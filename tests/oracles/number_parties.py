"""The cases of `cdr_cases.jsonl` that are one number of one party: through the gate of mediation, and classified."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import unquote

from pipeline.mediation.feed import feed_of
from pipeline.mediation.notes import Notes
from pipeline.mediation.numbers import apply_number_rules
from pipeline.mediation.parties import read_party
from pipeline.mediation.registry import format_named
from pipeline.settings import Source
from rating.numbering.classify import classify
from rating.numbering.kinds import Number, NumberClass
from rating.numbering.profiles import DiallingProfile
from schemas.cdr import RecordType
from schemas.outcomes import RejectReason
from schemas.reference import DialPlan
from tests.numbering.tables import area_codes
from tests.oracles.cdr_cases import dial_plan_of

Case = Mapping[str, Any]
DAY = date(2026, 5, 1)
CLASSES = {
    NumberClass.EMERGENCY: "emergency", NumberClass.TOLL_FREE: "toll_free", NumberClass.PREMIUM: "premium",
    NumberClass.US_LOWER48_DC: "geo", NumberClass.US_AK: "geo", NumberClass.US_HI: "geo",
    NumberClass.US_TERRITORY: "geo", NumberClass.CANADA: "geo", NumberClass.CARIBBEAN: "geo",
    NumberClass.CRISIS_988: "short", NumberClass.N11: "short", NumberClass.DIRECTORY_ASSISTANCE: "short",
}  # fmt: skip
RAW_FIELDS = {
    "called": "called_raw", "calling": "calling_raw", "redirecting": "diversion_raw", "diversion": "diversion_raw",
    "history_info": "diversion_raw", "pai": "pai_raw", "asserted": "pai_raw",
}  # fmt: skip
HEADERS = {"pai_raw": ("pai", "assert"), "diversion_raw": ("diversion", "history")}
"""How the names of headers begin or go on, that a case gives beside the number."""


def difference(case: Case) -> dict[str, tuple[object, object]]:
    """Fields of the expectation that are not found so, as (expected, found)."""
    found = answer(case)
    return {name: (value, found.get(name)) for name, value in case["expect"].items() if value != found.get(name)}


def answer(case: Case) -> dict[str, object]:
    """What the gate and numbering say of the party."""
    context, role = case["context"], case["context"]["role"]
    raw = unquote(case["raw"]) if context.get("url_encoded") else case["raw"]
    plan = _plan(context, raw)
    fields, notes = _through_the_gate(context, plan, role, raw)
    party = read_party(raw)
    number = classify(fields.get(role), DiallingProfile(plan.default_country or "", plan), DAY, area_codes())
    told = {name: fields.get(name) for name in ("rn", "npdi", "cic", "tech_prefix", "presentation", "display_name")}
    known: dict[str, object] = told | {
        "calling": number.e164 if role == "calling" else fields.get("calling"),
        "called": number.e164 if role == "called" else fields.get("called"),
        "redirecting": fields.get("redirecting"),
        "redirecting_e164": fields.get("redirecting"),
        "forwarded": fields.get("redirecting") is not None,
        "billing_number": fields.get("billing_number"),
        "billing_e164": fields.get("billing_number"),
        "display": fields.get("display_name"),
        "raw": raw,
        "extension": party.extension,
        "flags": list(notes.flags),
        "number_class": _class(number, fields, is_text=party.digits is None and not party.is_anonymous),
        "billable": fields.get("is_billed_leg", True),
        "block": False,
    }
    rejection = notes.rejection()
    inside = known["number_class"] == "feature"
    if rejection or (role == "called" and number.kind.number_class is NumberClass.INVALID and not inside):
        known |= {"reason": rejection[0] if rejection else RejectReason.NUM_UNPARSED, "block": True}
    return known


def _plan(context: Case, dialled: str) -> DialPlan:
    """The dialling profile; digits that a rule takes off the front are those for an outside line."""
    profile = dict(context.get("profile", {}))
    for rule in profile.get("digit_rules", ()):
        taken = _taken_off(rule, dialled)
        profile |= {"access_digit": taken} if taken else {}
    return dial_plan_of(profile)


def _taken_off(rule: object, dialled: str) -> str | None:
    """A digit, a number of digits, a pattern, or a pattern and what stands in its place."""
    values = list(rule.values() if isinstance(rule, dict) else rule if isinstance(rule, list | tuple) else [rule])
    texts = [value for value in values if isinstance(value, str)]
    digit = next((text for text in texts if len(text) == 1 and text.isdecimal()), None)
    if digit or not texts:
        return digit or next((dialled[:value] for value in values if isinstance(value, int)), None)
    left = re.sub(texts[0], "".join(texts[1:2]).replace("$", "\\"), dialled, count=1)
    return dialled.removesuffix(left) if left != dialled and dialled.endswith(left) else None


def _through_the_gate(context: Case, plan: DialPlan, role: str, raw: str) -> tuple[dict[str, Any], Notes]:
    trusts = context.get("profile", {}).get("trusted", True)
    source = Source(
        name="feed", format="native_json", dial_plan=plan, options={"trust_asserted_identity": trusts}
    )  # fmt: skip
    fields: dict[str, Any] = {"record_type": RecordType.STOP, RAW_FIELDS[role]: raw}
    for field, parts in HEADERS.items():
        header = next((text for name, text in _headers(context) if any(part in name.lower() for part in parts)), None)
        if header is not None:
            fields[field] = header
    notes = Notes()
    apply_number_rules(fields, notes, feed_of(source, format_named("native_json").options))
    return fields, notes


def _headers(context: Case) -> Iterator[tuple[str, str]]:
    """What a context says by name, at whatever depth."""
    for name, value in context.items():
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, dict) and name != "profile":
            yield from _headers(value)


def _class(number: Number, fields: Mapping[str, Any], *, is_text: bool) -> str | None:
    if fields.get("is_billed_leg") is False:
        return "feature"
    return "alphanumeric" if is_text else CLASSES.get(number.kind.number_class)
