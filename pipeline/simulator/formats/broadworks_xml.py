"""BroadWorks accounting XML: one `cdrData` element for each call, times in UTC (cdr-formats.md 2.13)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pipeline.simulator.calls import Mask
from pipeline.simulator.formats import trunk_groups
from pipeline.simulator.outcomes import OUTCOMES
from pipeline.simulator.records import Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity, local_date
from pipeline.simulator.traffic import Millis
from pipeline.simulator.world import World
from pipeline.simulator.writing import Writer, every
from schemas.outcomes import RejectReason

_FOREIGN = b"<cdrData><headerModule><type>Start</type></headerModule></cdrData>"
_SECONDS = [f"{at // 60:02d}{at % 60:02d}" for at in range(3_600)]
_MILLISECONDS = [f".{at:03d}" for at in range(1_000)]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:
    """The user's time zone stands beside the times and is not applied to them."""
    answered, all_of_them = records.answered, every(records)
    causes = [f"<terminationCause>{outcome.q850 or 127:03d}</terminationCause>" for outcome in OUTCOMES]
    return [
        "<cdrData><headerModule><recordId><eventCounter>",
        Whole(records.call),
        f"</eventCounter><systemId>{sbc.node}</systemId><date>",
        *_stamp(records.written, all_of_them),
        "</date><systemTimeZone>0+000000</systemTimeZone></recordId><type>Normal</type></headerModule><basicModule>",
        trunk_groups.calling(records, world, "<callingNumber>", "</callingNumber>"),
        trunk_groups.called(records, world, "<calledNumber>", "</calledNumber>"),
        "<startTime>",
        *_stamp(records.start, all_of_them),
        "</startTime><userTimeZone>1-050000</userTimeZone>",
        *identity(f"<localCallId>{world.tag}-", records.call, "-0</localCallId>"),
        coded("<answerIndicator>", ["No", "Yes"], answered.astype("int64"), "</answerIndicator><answerTime>"),
        *_stamp(records.answer, answered),
        "</answerTime><releaseTime>",
        *_stamp(records.release, all_of_them),
        "</releaseTime>",
        coded("", causes, records.outcome),
        coded("<releasingParty>", ["local", "remote", "none"], records.releaser, "</releasingParty></basicModule>"),
        "<centrexModule><group>",
        trunk_groups.ingress(records, world),
        "</group></centrexModule><ipModule><route>",
        trunk_groups.egress(records, world),
        *identity(f"</route><accessCallID>{world.tag}-", records.call, "@sim</accessCallID></ipModule></cdrData>\n"),
    ]


def _stamp(millis: Millis, known: Mask) -> list[Part]:
    """`20260419210006.813`."""
    inner = known.astype("int64") - 1
    return [
        local_date(millis, known, "UTC", "%Y%m%d%H"),
        coded("", _SECONDS, (millis // 1_000 % 3_600) * (inner + 1) + inner),
        coded("", _MILLISECONDS, (millis % 1_000) * (inner + 1) + inner),
    ]


def _native_key(records: Records, world: World, at: int) -> tuple[str, ...]:
    written = int(records.written[at])
    date = (_EPOCH + timedelta(milliseconds=written)).strftime("%Y%m%d%H%M%S")
    return (str(records.call[at]), world.sbcs[records.sbc[at]].node, f"{date}.{written % 1_000:03d}")


WRITER = Writer(
    name="broadworks_xml",
    suffix="xml",
    parts=parts,
    native_key=_native_key,
    cut_off=(lambda element: element[: len(element) // 2], RejectReason.TRUNCATED),
    reshape=lambda element: element.replace(b"<cdrData>", b"<callData>", 1),
    options=trunk_groups.OPTIONS,
    foreign=_FOREIGN,
)
