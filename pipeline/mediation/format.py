"""What a format is to the rest of mediation: a parser, a framing, and a description."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pipeline.mediation.columns import Numbers
from pipeline.mediation.draft import Draft, Failure, Parsed, Skip, Unreadable, shown
from pipeline.mediation.feed import Feed, FeedOptions
from pipeline.mediation.framing import Framing, lines
from pipeline.mediation.plain import Drafts
from pipeline.mediation.texts import RECORD_BYTES_MAX
from schemas.outcomes import RejectReason

UNFORESEEN = "The parser does not foresee such a record; report it, and replay it when the parser is corrected."
"""A fault of ours must not stop all other records; the fuzz tests look for it."""


class Format(NamedTuple):
    """One kind of CDR that some source writes."""

    name: str
    about: str
    """Who writes it, in one line."""
    tells: str
    """What its records can tell, in a few words."""
    parse: Callable[[bytes, Feed[Any]], Sequence[Draft | Skip]]
    """Reads one record, at least one draft or skip; raises Unreadable."""
    options: type[FeedOptions] = FeedOptions
    """What the settings of a source may say of this format."""
    frames: Framing = lines
    """Cuts a file into records."""
    describe_file: Callable[[Iterable[bytes], Feed[Any]], Mapping[str, Any]] | None = None
    """Options that the records of a file give themselves: names of its columns, a fault of its totals."""
    waits_for_end: bool = False
    """Whether `describe_file` needs the trailer, so that a file cannot be read while it grows."""
    columns: Callable[[Sequence[bytes], Feed[Any]], Iterator[tuple[Numbers, Drafts]]] | None = None
    """Fast twin of `parse`: groups of records with their positions; what is in none of them is left to `parse`."""


def parse_record(value: bytes, feed: Feed[Any], record_format: Format) -> Sequence[Parsed]:
    """Read one record, whatever it holds; the specification that column readers are compared with."""
    if len(value) > RECORD_BYTES_MAX:
        detail = f"The record has more than {RECORD_BYTES_MAX} bytes, the most that any record may have."
        return [Failure(RejectReason.TOO_LONG, detail)]
    if not value.strip():
        return [Failure(RejectReason.TRUNCATED, f"The record is empty, expected one of {record_format.name}.")]
    parsed = _parsed(value, feed, record_format)
    if feed.options.file_fault is None or isinstance(parsed, Failure):
        return [parsed] if isinstance(parsed, Failure) else parsed
    fault = Failure(RejectReason.FILE_TOTALS, feed.options.file_fault)
    return [found if isinstance(found, Skip) else fault for found in parsed]


def _parsed(value: bytes, feed: Feed[Any], record_format: Format) -> Sequence[Draft | Skip] | Failure:
    try:
        return record_format.parse(value, feed)
    except Unreadable as unreadable:
        return unreadable.failure
    except OverflowError:
        return Failure(RejectReason.BAD_FIELD, "A time of the record is not in the years 1 to 9999.")
    except (ValueError, ArithmeticError, LookupError) as error:
        return Failure(RejectReason.BAD_FIELD, f"{UNFORESEEN} {type(error).__name__}: {shown(error)}.")
