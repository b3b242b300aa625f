"""Runs the cases of `cdr_cases.jsonl`: settings of a case become a source, its records go through mediation.

Nothing here knows a case or an expectation; `FACTS` says how each field that an expectation may name is found. The
names are those of the canonical record (cdr-formats.md 3); a field of a CDR is found by its own name as well.
"""

import io
import json
import re
from base64 import b64decode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pipeline.mediation.assembly import Assembled, assemble_records, attempts
from pipeline.mediation.files import source_of_file
from pipeline.mediation.raw import RawBatch
from pipeline.mediation.registry import format_named
from pipeline.mediation.sequences import Gap
from pipeline.settings import Source
from rating.duration import billed_seconds, whole_seconds
from schemas.cdr import CDR, Direction, RecordType
from schemas.outcomes import RejectClass
from schemas.period import Period
from schemas.reference import DialPlan

Case = dict[str, Any]
LONG_AFTER = datetime(2100, 1, 1, tzinfo=UTC)
"""Receipt of cases that do not tell it: nothing is from the future, and nothing too old."""
NEVER_TOO_OLD = 200 * 365
COUNTS = ("received", "calls", "merged", "duplicates", "rejected", "suspended", "skipped", "legs", "pending")
STATES = {"legs": "leg", "suspended": "suspended", "rejected": "rejected", "pending": "pending",
          "duplicates": "duplicate", "merged": "merged"}  # fmt: skip


class Result(NamedTuple):
    """What the records of a case came to."""

    assembled: Assembled
    context: Case

    @property
    def main(self) -> CDR:
        """The leg that an expectation speaks of: the billed and answered one before others; else what was stopped."""
        if self.assembled.legs:
            return max(self.assembled.legs, key=lambda leg: (leg.is_billed_leg, leg.answered_at is not None))
        return next(cdr for _, cdr in self.records())

    def records(self) -> list[tuple[str, CDR]]:
        """All records with what became of them, legs first."""
        return [(state, cdr) for name, state in STATES.items() for cdr in getattr(self.assembled, name)]

    def named(self, key: str) -> tuple[str, CDR | None]:
        """The record with that native key, and what became of it; legs go before others."""
        records = self.records()
        tests = (is_named, is_of_call, is_numbered, is_written)
        return next(((state, cdr) for test in tests for state, cdr in records if test(cdr, key)), ("no record", None))


def run_case(case: Case) -> Result:
    """Mediate and assemble the records of a case."""
    context = case.get("context") or {}
    values = [bytes_of(raw, case.get("raw_encoding", "utf-8")) for raw in case["raw"]]
    source = source_of_case(case, context)
    if "file" in context:
        source = source_of_file(source, io.BytesIO(b"\n".join(values) + b"\n"))
    now = instant(context["now_utc"]) if "now_utc" in context else None
    received = receipts(context.get("received_at", now or LONG_AFTER), len(values))
    offsets = [offset for _, _, offset in context["offsets"]] if "offsets" in context else range(len(values))
    raw = RawBatch("cdr.raw.feed-0", offsets, values, received)
    late_days, limit = context.get("late_window_days", NEVER_TOO_OLD), channel_limit_of(context)
    return Result(assemble_records(raw, source, now=now, late_days=late_days, channel_limit=limit), context)


def receipts(told: str | datetime | list[str], count: int) -> list[datetime]:
    """When each record was received: one time for all of them, or a list."""
    times = [instant(each) if isinstance(each, str) else each for each in (told if isinstance(told, list) else [told])]
    return times if len(times) == count else [times[0]] * count


def bytes_of(raw: object, encoding: str) -> bytes:
    """The bytes of one record, which may be written as text, as base64, in hexadecimal digits or as JSON."""
    text = raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False)
    if encoding == "hex":
        return bytes.fromhex(text)
    return b64decode(text) if encoding == "base64" else text.encode(encoding)


def source_of_case(case: Case, context: Case) -> Source:
    """The settings that a case describes."""
    profile = context.get("profile", {})
    return Source(
        name="feed",
        format=case["source_format"],
        node=node_named(context.get("node")),
        time_zone=case.get("sbc_timezone") or "UTC",
        dial_plan=dial_plan_of(profile),
        options=options_of(case["source_format"], context),
    )


def dial_plan_of(profile: Case) -> DialPlan:
    """The dialling profile in our words."""
    known = {RENAMED.get(name, name): value for name, value in profile.items()}
    read = {name: value for name, value in known.items() if name in DialPlan.model_fields}
    return DialPlan.model_validate(
        {name: tuple(value) if isinstance(value, list) else value for name, value in read.items()}
    )


RENAMED = {"idd": "international_prefixes", "access_prefix": "access_digit", "outside_line": "access_digit"}


def options_of(format_name: str, context: Case) -> dict[str, Any]:
    """The options of the format."""
    known = format_named(format_name).options.model_fields
    options = {name: context[name] for name in known if name in context}
    if "trusted" in context.get("profile", {}):
        options["trust_asserted_identity"] = context["profile"]["trusted"]
    if "customer_ip_group" in context:
        options["customer_group"] = f"^{re.escape(context['customer_ip_group'])}$"
    if isinstance(context.get("node"), dict):
        options |= {name: value for name, value in context["node"].items() if name in known}
    return options


def node_named(node: object) -> str | None:
    """The name of a node, where a case gives one beside its settings."""
    named = node.get("name") if isinstance(node, dict) else node
    return named if isinstance(named, str) else None


def no_such_field(_: CDR) -> str:
    """What is found of a field that no record has."""
    return "no such field"


def is_named(leg: CDR, key: str) -> bool:
    """Whether a native key, or its last part, is that of the leg."""
    return key in {leg.leg_id, (leg.leg_id or "").rpartition(".")[2]}


def is_of_call(leg: CDR, key: str) -> bool:
    """Whether a key is that of the leg's call, or stands in its record."""
    return key == leg.call_group_id or (leg.raw is not None and f'"{key}"'.encode() in leg.raw)


def is_numbered(leg: CDR, key: str) -> bool:
    """Whether a key is the number that the node gave the record."""
    return str(leg.record_seq) == str(key)


def is_written(leg: CDR, key: str) -> bool:
    """Whether a key stands anywhere in the record."""
    return leg.raw is not None and str(key).encode() in leg.raw


def instant(text: str) -> datetime:
    """An instant of a case."""
    return datetime.fromisoformat(text)


def shown(moment: datetime | None) -> str | None:
    """An instant as cases write it."""
    return moment and moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def is_billable(leg: CDR) -> bool:
    """An answered leg of some length that bills."""
    return leg.is_billed_leg and leg.answered_at is not None and bool(leg.measured_ms)


def billed(leg: CDR, steps: str, context: Case) -> int:
    """Billed seconds by increments such as `60/6`, milliseconds rounded up unless the plan says otherwise."""
    initial, following = map(int, steps.split("/"))
    seconds = whole_seconds(leg.measured_ms or 0, context.get("seconds_rounding", "ceil"))
    return billed_seconds(seconds, initial, following)


def channel_limit_of(context: Case) -> int | None:
    """The channels of the trunk, where a case tells them, as a setting of its own or of the trunk."""
    trunk = context.get("trunk")
    told = {**context, **(trunk if isinstance(trunk, dict) else {})}
    return next((told[name] for name in ("channel_limit", "channelLimit", "channels", "limit") if name in told), None)


def peak(result: Result) -> int:
    """Most channels in use at once, ringing included, a release before a setup of the same instant."""
    held = [
        (leg.started_at, leg.released_at)
        for leg in result.assembled.legs
        if leg.is_billed_leg and leg.direction is not Direction.FORWARD and leg.reject_class != RejectClass.CAPACITY
        if leg.started_at and leg.released_at
    ]
    return max((sum(start <= at < end for start, end in held) for at, _ in held), default=0)


def gaps_as(expected: Any, found: Sequence[Gap]) -> Any:
    """Gaps as an expectation writes them: single numbers, pairs of first and last, or objects with some fields."""
    if expected and isinstance(expected[0], int):
        return [number for gap in found for number in range(gap.first, gap.last + 1)]
    if expected and isinstance(expected[0], dict):
        told = [
            {
                "node": gap.node,
                "first": gap.first,
                "last": gap.last,
                "missing": [gap.first, gap.last],
                "first_missing": gap.first,
                "last_missing": gap.last,
            }
            for gap in found
        ]
        return [{name: gap.get(name) for name in expected[0]} for gap in told]
    return [[gap.first, gap.last] for gap in found]


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
    "setup_utc": lambda leg: shown(leg.started_at),
    "alert_utc": lambda leg: shown(leg.alerted_at),
    "release_utc": lambda leg: shown(leg.released_at),
    "reason": lambda leg: leg.reject_reason,
    "suspend_reason": lambda leg: leg.reject_reason,
    "metered": lambda leg: leg.direction is Direction.FORWARD,
    "forwarded": lambda leg: leg.redirecting is not None,
    "calling_e164": lambda leg: leg.calling,
    "called_e164": lambda leg: leg.called,
    "billing_e164": lambda leg: leg.billing_number,
    "redirecting_e164": lambda leg: leg.redirecting,
    "rn_e164": lambda leg: leg.rn,
    "trunk_id": lambda leg: leg.claimed_trunk_id,
    "node": lambda leg: leg.source_node,
    "sequence": lambda leg: leg.record_seq,
    "transcoded": lambda leg: None not in {leg.codec_in, leg.codec_out} and leg.codec_in != leg.codec_out,
    "mismatch_ms": lambda leg: None if leg.reported_ms is None else abs(leg.reported_ms - (leg.measured_ms or 0)),
    "loss_pct": lambda leg: None if leg.loss_pct_x100 is None else leg.loss_pct_x100 / 100,
    "chain_complete": lambda leg: leg.record_type is RecordType.STOP,
    "block": lambda leg: leg.reject_reason is not None,
    **{name: lambda leg, name=name: getattr(leg, name) for name in CDR._fields if name != "flags"},
}


def differences(expect: Case, result: Result) -> dict[str, tuple[Any, Any]]:
    """The fields of an expectation that are not as the result has them: expected, found."""
    counted = {name: (expect[name], count(result, name)) for name in COUNTS if name in expect}
    wrong = {name: pair for name, pair in counted.items() if pair[0] != pair[1]}
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
    "suspend_reasons": lambda _, result: [cdr.reject_reason for cdr in result.assembled.suspended],
    "billable_legs": lambda _, result: sum(map(is_billable, result.assembled.legs)),
    "attempts": lambda _, result: len(attempts(result.assembled.legs)),
    "chain_parts": lambda _, result: 1 + len(result.assembled.merged),
    "other_leg_ms": lambda _, result: [leg.measured_ms for leg in result.assembled.legs if leg is not result.main],
    "billed": lambda expected, result: {steps: billed(result.main, steps, result.context) for steps in expected},
    **dict.fromkeys(
        ("period", "billing_period", "service_period"),
        lambda _, result: (
            Period.containing(result.main.answered_at or result.main.received_at, account_zone(result)).name
        ),
    ),
    "start_local": lambda _, result: local(result.main.started_at, result),
    "answer_local": lambda _, result: local(result.main.answered_at, result),
    "end_local": lambda _, result: local(result.main.released_at, result),
    "reject_reasons": lambda _, result: [cdr.reject_reason for cdr in result.assembled.rejected],
    "gaps": lambda expected, result: gaps_as(expected, result.assembled.gaps),
    **dict.fromkeys(("peak", "peak_channels"), lambda _, result: peak(result)),
    "trunk_channels_of_forward_leg": lambda _, result: sum(
        leg.claimed_trunk_id is not None for leg in result.assembled.legs if leg.direction is Direction.FORWARD
    ),
}


def account_zone(result: Result) -> str:
    """The billing time zone of the account."""
    zone: str = result.context.get("account_timezone", "UTC")
    return zone


def local(moment: datetime | None, result: Result) -> str | None:
    """An instant on the account's clock, as cases write it."""
    return moment and moment.astimezone(ZoneInfo(account_zone(result))).replace(tzinfo=None).isoformat(
        timespec="milliseconds"
    )


def state_of(result: Result) -> str:
    """What became of the record that an expectation speaks of."""
    return result.records()[0][0]


def count(result: Result, name: str) -> int:
    """One of the counts."""
    counted = getattr(result.assembled, name)
    return counted if isinstance(counted, int) else len(counted)


def fact(name: str, expected: Any, result: Result) -> Any:
    """A field of the result, or of its main leg."""
    if name == "reject_reasons_any_of":
        reasons = {cdr.reject_reason for cdr in result.assembled.rejected}
        return expected if reasons and reasons <= set(expected) else sorted(reasons)
    if name in CASE_FACTS:
        return CASE_FACTS[name](expected, result)
    of_attempts = name.removeprefix("attempt_")
    if of_attempts != name and of_attempts in FACTS:
        return [FACTS[of_attempts](leg) for leg in attempts(result.assembled.legs)]
    return FACTS.get(name, no_such_field)(result.main)


def agrees(name: str, expected: Any, found: Any, tolerance_ms: int) -> bool:
    """Equal, times within the tolerance that the case grants, flags in any order."""
    if name.endswith("_utc") and expected and found and tolerance_ms:
        return abs(instant(expected) - instant(found)) <= timedelta(milliseconds=tolerance_ms)
    return sorted(expected) == found if name == "flags" else expected == found


def item_differences(item: Case, result: Result) -> dict[str, tuple[Any, Any]]:
    """The fields of one item that its leg has otherwise."""
    state, leg = result.named(item["key"])
    if leg is None:
        return {item["key"]: ("a record", state)}
    facts: Sequence[str] = [name for name in item if name != "key"]
    found = {name: state if name == "state" else FACTS.get(name, no_such_field)(leg) for name in facts}
    return {
        f"{item['key']}.{name}": (item[name], found[name])
        for name in facts
        if not agrees(name, item[name], found[name], 0)
    }
