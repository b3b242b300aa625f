"""Parties of a record at the gate (mediation.md H): raw texts become numbers, as far as the source decides them.

Digits that the dial plan of the source reads become E.164; others are kept as dialled, because the trunk's own dial
plan may read them, and no trunk is known here.
"""

from functools import lru_cache
from typing import Any

from pipeline.mediation.draft import Fields
from pipeline.mediation.feed import Feed
from pipeline.mediation.notes import Notes
from pipeline.mediation.parties import FIELD_CHARACTERS_MAX, NUMBER_CHARACTERS_MAX, Party, diverting_entry, read_party
from pipeline.mediation.texts import without_controls
from rating.numbering.dialling import SHORT_MAX, e164, plan_behind_prefix, without_tech_prefix
from rating.numbering.short_codes import short_code
from schemas.cdr import CDR, Direction, RecordType
from schemas.outcomes import Flag, RejectReason
from schemas.reference import DialPlan

FEATURE_SIGNS = ("*", "#")
"""How feature codes begin."""
_NO_PLAN = DialPlan()
_WITHOUT_PARTIES = (RecordType.END, RecordType.MEDIA)
_read_once = lru_cache(maxsize=16_384)(read_party)


def apply_number_rules(fields: Fields, notes: Notes, feed: Feed[Any]) -> None:
    """Set calling, called and their companions from the raw fields; raw fields are never changed."""
    calling, called = _cached_party(fields.get("calling_raw")), _cached_party(fields.get("called_raw"))
    _set_called(fields, notes, called, feed)
    _set_calling(fields, notes, calling, feed)
    if is_inside(fields, feed.source.dial_plan):
        fields["is_billed_leg"] = False
    if fields.get("diversion_raw") is not None:
        diverting = _cached_party(diverting_entry(fields["diversion_raw"]))
        fields["redirecting"] = number_meant(diverting.digits, feed.source.dial_plan)
    for name, party in (("calling", calling), ("called", called)):
        if party.characters > NUMBER_CHARACTERS_MAX:
            detail = f"The {name} number has {party.characters} characters, expected at most {NUMBER_CHARACTERS_MAX}."
            notes.block(RejectReason.TOO_LONG, detail)


def _cached_party(raw: str | None) -> Party:
    """Parties come again and again; only fields of a normal length are kept."""
    return read_party(raw) if raw is not None and len(raw) > FIELD_CHARACTERS_MAX else _read_once(raw)


def _set_called(fields: Fields, notes: Notes, called: Party, feed: Feed[Any]) -> None:
    plan = feed.source.dial_plan
    digits, tech_prefix = without_tech_prefix(called.digits or "", plan.tech_prefix)
    fields.update(
        called=number_meant(digits or None, plan if tech_prefix is None else plan_behind_prefix(plan)),
        tech_prefix=tech_prefix,
        rn=called.rn,
        npdi=called.npdi,
        cic=called.cic,
    )
    if called.from_display:
        notes.warn(Flag.FROM_DISPLAY)


def is_inside(fields: Fields, plan: DialPlan) -> bool:
    """Whether a feature code or an extension was dialled, and no carrier carried it: no call to the PSTN (N27)."""
    dialled = fields["called"]
    if not dialled or fields.get("direction") is Direction.INBOUND:
        return False
    if fields.get("egress_trunk_group") not in {None, dialled} or fields.get("egress_call_id") is not None:
        return False
    is_short = len(dialled) <= SHORT_MAX and dialled.isdecimal()
    is_extension = is_short and plan.default_country and short_code(dialled, plan.default_country) is None
    return dialled.startswith(FEATURE_SIGNS) or bool(is_extension)


def is_no_number(cdr: CDR, plan: DialPlan) -> bool:
    """Whether an answered leg that bills went to what a plan that is known does not read: NUM_UNPARSED (N3, N4, N29).

    Where no plan is known, only a global number is judged, and all else left to the trunk's own plan. Short codes are
    priced by class.
    """
    if not cdr.is_billed_leg or cdr.answered_at is None or cdr.called_raw is None:
        return False
    dialled = cdr.called
    if dialled is not None and dialled.startswith("+"):
        return e164(dialled, plan) is None
    return plan != _NO_PLAN and (dialled is None or short_code(dialled, plan.default_country or "") is None)


def _set_calling(fields: Fields, notes: Notes, calling: Party, feed: Feed[Any]) -> None:
    asserted = None
    if calling.digits and "+" in calling.digits[1:]:
        calling = calling._replace(digits=None)  # no caller has a prefix before the plus
    if fields.get("pai_raw") is not None and feed.options.trust_asserted_identity:
        asserted = number_meant(first_number(fields["pai_raw"]), feed.source.dial_plan)
    fields["calling"] = asserted if calling.is_anonymous else number_meant(calling.digits, feed.source.dial_plan)
    fields["billing_number"] = asserted
    if fields["record_type"] not in _WITHOUT_PARTIES:
        fields["presentation"] = _presentation(calling, asserted)
    name = calling.display if fields.get("display_name") is None else fields["display_name"]
    fields["display_name"] = without_controls(name) or None if name is not None else None
    if calling.from_display:
        notes.warn(Flag.FROM_DISPLAY)
    if calling.digits is None and not calling.is_anonymous:
        notes.warn(Flag.NUM_UNPARSED)


def number_meant(dialled: str | None, plan: DialPlan) -> str | None:
    """E.164 where the plan says so, else as dialled."""
    if dialled is None or dialled.startswith("+") or plan == _NO_PLAN:
        return dialled
    return e164(dialled, plan) or dialled


def first_number(identities: str) -> str | None:
    """The first number of a P-Asserted-Identity list; a tel or global number goes before others (N23)."""
    numbers = [party.digits for party in map(read_party, identities.split(",")) if party.digits]
    return next((number for number in numbers if number.startswith("+")), numbers[0] if numbers else None)


def _presentation(calling: Party, asserted: str | None) -> str:
    if not calling.is_anonymous:
        return "allowed"
    return "restricted" if asserted else "unavailable"
