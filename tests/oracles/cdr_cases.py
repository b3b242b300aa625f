"""Runs the cases of `cdr_cases.jsonl`: settings of a case become a source, its records go through mediation.

Nothing here knows a case or an expectation; `FACTS` says how each field that an expectation may name is found.
"""

import io
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from pipeline.mediation.assembly import Assembled, assemble_records, attempts
from pipeline.mediation.files import source_of_file
from pipeline.mediation.raw import RawBatch
from pipeline.settings import Source
from rating.duration import billed_seconds, whole_seconds
from schemas.cdr import CDR, Direction
from schemas.reference import DialPlan

Case = dict[str, Any]
LONG_AFTER = datetime(2100, 1, 1, tzinfo=UTC)
"""Receipt of cases that do not tell it: nothing is from the future, and nothing too old."""
NEVER_TOO_OLD = 200 * 365
COUNTS = ("received", "calls", "merged", "duplicates", "rejected", "suspended", "skipped", "legs")


class Result(NamedTuple):
    """What the records of a case came to."""

    assembled: Assembled

    @property
    def main(self) -> CDR:
        """The leg that an expectation speaks of: the billed and answered one before others; else what was stopped."""
        if self.assembled.legs:
            return max(self.assembled.legs, key=lambda leg: (leg.is_billed_leg, leg.answered_at is not None))
        return [*self.assembled.suspended, *self.assembled.rejected][0]

    def named(self, key: str) -> CDR:
        """The leg with that native key."""
        legs = self.assembled.legs
        return next(leg for test in (is_named, is_of_call) for leg in legs if test(leg, key))


def run_case(case: Case) -> Result:
    """Mediate and assemble the records of a case."""
    context = case.get("context") or {}
    values = [raw.encode(case.get("raw_encoding", "utf-8")) for raw in case["raw"]]
    source = source_of_case(case, context)
    if "file" in context:
        source = source_of_file(source, io.BytesIO(b"\n".join(values) + b"\n"))
    now = instant(context["now_utc"]) if "now_utc" in context else None
    received = instant(context["received_at"]) if "received_at" in context else now or LONG_AFTER
    offsets = [offset for _, _, offset in context["offsets"]] if "offsets" in context else range(len(values))
    raw = RawBatch("cdr.raw.feed-0", offsets, values, [received] * len(values))
    late_days = context.get("late_window_days", NEVER_TOO_OLD)
    return Result(assemble_records(raw, source, now=now, late_days=late_days))


def source_of_case(case: Case, context: Case) -> Source:
    """The settings that a case describes."""
    profile = context.get("profile", {})
    return Source(
        name="feed",
        format=case["source_format"],
        time_zone=case.get("sbc_timezone") or "UTC",
        dial_plan=dial_plan_of(profile),
        options=options_of(context),
    )


def dial_plan_of(profile: Case) -> DialPlan:
    """The dialling profile in our words."""
    renamed = {"idd": "international_prefixes"}
    known = {renamed.get(name, name): value for name, value in profile.items() if name != "trusted"}
    return DialPlan.model_validate(
        {name: tuple(value) if isinstance(value, list) else value for name, value in known.items()}
    )


def options_of(context: Case) -> dict[str, Any]:
    """The options of the format."""
    options = {name: context[name] for name in ("direction", "extra_columns", "transport", "layout") if name in context}
    if "trailer" in context:
        options["trailer"] = context["trailer"]
    if "customer_ip_group" in context:
        options["customer_group"] = f"^{re.escape(context['customer_ip_group'])}$"
    if "node" in context:
        options |= context["node"]
    return options


def is_named(leg: CDR, key: str) -> bool:
    """Whether a native key, or its last part, is that of the leg."""
    return key in {leg.leg_id, (leg.leg_id or "").rpartition(".")[2]}


def is_of_call(leg: CDR, key: str) -> bool:
    """Whether a key is that of the leg's call, or stands in its record."""
    return key == leg.call_group_id or (leg.raw is not None and f'"{key}"'.encode() in leg.raw)


def instant(text: str) -> datetime:
    """An instant of a case."""
    return datetime.fromisoformat(text)


def shown(moment: datetime | None) -> str | None:
    """An instant as cases write it."""
    return moment and moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def is_billable(leg: CDR) -> bool:
    """An answered leg of some length that bills."""
    return leg.is_billed_leg and leg.answered_at is not None and bool(leg.measured_ms)


def billed(leg: CDR, steps: str) -> int:
    """Billed seconds by increments such as `60/6`, milliseconds rounded up."""
    initial, following = map(int, steps.split("/"))
    return billed_seconds(whole_seconds(leg.measured_ms or 0, "ceil"), initial, following)


LegFact = Callable[[CDR], Any]
FACTS: dict[str, LegFact] = {
    "answered": lambda leg: leg.answered_at is not None,
    "start_utc": lambda leg: shown(leg.started_at),
    "answer_utc": lambda leg: shown(leg.answered_at),
    "end_utc": lambda leg: shown(leg.released_at),
    "flags": lambda leg: sorted(leg.flags),
    "carrier": lambda leg: leg.carrier_id,
    "orig_ip": lambda leg: leg.source_ip,
    "billable": is_billable,
    "media_valid": lambda leg: leg.mos_x100 is not None or leg.r_factor is not None,
    **{
        name: lambda leg, name=name: getattr(leg, name)
        for name in (
            "measured_ms", "reported_ms", "calling", "called", "sip_status", "q850", "display_name", "presentation",
            "reject_class", "native_cause", "release_party", "direction", "fax", "mos_x100", "r_factor", "jitter_ms",
            "packets_in", "packets_out", "provable_ms", "rn", "npdi",
        )
    },
}  # fmt: skip


def differences(expect: Case, result: Result) -> dict[str, tuple[Any, Any]]:
    """The fields of an expectation that are not as the result has them: expected, found."""
    wrong = {name: (expect[name], count(result, name)) for name in COUNTS if expect[name] != count(result, name)}
    for name, expected in expect.items():
        if name not in {*COUNTS, "items", "key", "time_tolerance_ms"}:
            found = fact(name, expected, result)
            if not agrees(name, expected, found, expect.get("time_tolerance_ms", 0)):
                wrong[name] = (expected, found)
    for item in expect.get("items", ()):
        wrong |= item_differences(item, result)
    return wrong


CASE_FACTS: dict[str, Callable[[Any, Result], Any]] = {
    "state": lambda _, result: state_of(result),
    "reason": lambda _, result: result.main.reject_reason,
    "suspend_reasons": lambda _, result: [cdr.reject_reason for cdr in result.assembled.suspended],
    "billable_legs": lambda _, result: sum(map(is_billable, result.assembled.legs)),
    "attempts": lambda _, result: len(attempts(result.assembled.legs)),
    "attempt_q850": lambda _, result: [leg.q850 for leg in attempts(result.assembled.legs)],
    "chain_parts": lambda _, result: 1 + len(result.assembled.merged),
    "other_leg_ms": lambda _, result: [leg.measured_ms for leg in result.assembled.legs if leg is not result.main],
    "billed": lambda expected, result: {steps: billed(result.main, steps) for steps in expected},
    "trunk_channels_of_forward_leg": lambda _, result: sum(
        leg.claimed_trunk_id is not None for leg in result.assembled.legs if leg.direction is Direction.FORWARD
    ),
}


def state_of(result: Result) -> str:
    """What became of the record that an expectation speaks of."""
    assembled = result.assembled
    if assembled.legs:
        return "leg"
    return "suspended" if assembled.suspended else "rejected"


def count(result: Result, name: str) -> int:
    """One of the counts."""
    counted = getattr(result.assembled, name)
    return counted if isinstance(counted, int) else len(counted)


def fact(name: str, expected: Any, result: Result) -> Any:
    """A field of the result, or of its main leg."""
    if name == "reject_reasons_any_of":
        reasons = {cdr.reject_reason for cdr in result.assembled.rejected}
        return expected if reasons and reasons <= set(expected) else sorted(reasons)
    return CASE_FACTS[name](expected, result) if name in CASE_FACTS else FACTS[name](result.main)


def agrees(name: str, expected: Any, found: Any, tolerance_ms: int) -> bool:
    """Equal, times within the tolerance that the case grants, flags in any order."""
    if name.endswith("_utc") and expected and found and tolerance_ms:
        return abs(instant(expected) - instant(found)) <= timedelta(milliseconds=tolerance_ms)
    return sorted(expected) == found if name == "flags" else expected == found


def item_differences(item: Case, result: Result) -> dict[str, tuple[Any, Any]]:
    """The fields of one item that its leg has otherwise."""
    leg = result.named(item["key"])
    facts: Sequence[str] = [name for name in item if name not in {"key", "state", "metered"}]
    found = {name: FACTS[name](leg) for name in facts}
    return {
        f"{item['key']}.{name}": (item[name], found[name])
        for name in facts
        if not agrees(name, item[name], found[name], 0)
    }
