"""Closed lists: what may become of a received record, and why.

`State`, `RejectReason` and `Flag` are the vocabulary of the ledger. A value that is not listed here cannot be
written; adding one is a schema change that the changelog names.
"""

from enum import StrEnum


class State(StrEnum):
    """What became of a received record. Every row of the usage ledger has exactly one."""

    RATED = "RATED"
    REJECTED = "REJECTED"
    DUPLICATE = "DUPLICATE"
    PENDING = "PENDING"
    MERGED = "MERGED"


class RejectReason(StrEnum):
    """Why a record was not priced. The order is the order of precedence: the first that applies is reported."""

    # The bytes do not parse (mediation.md, L: reject reasons)
    TOO_LONG = "TOO_LONG"
    BAD_QUOTE = "BAD_QUOTE"
    TRUNCATED = "TRUNCATED"
    UNKNOWN_LAYOUT = "UNKNOWN_LAYOUT"
    BAD_FIELD = "BAD_FIELD"
    FILE_TOTALS = "FILE_TOTALS"
    # The record parses and may not be priced (mediation.md, L: flags of severity BLOCK)
    NEG_DURATION = "NEG_DURATION"
    DURATION_MISMATCH = "DURATION_MISMATCH"
    TZ_AMBIGUOUS = "TZ_AMBIGUOUS"
    FUTURE = "FUTURE"
    TOO_OLD = "TOO_OLD"
    NO_STOP = "NO_STOP"
    ORPHAN_INTERIM = "ORPHAN_INTERIM"
    KEY_CONFLICT = "KEY_CONFLICT"
    NUM_UNPARSED = "NUM_UNPARSED"
    # The customer cannot be found (PRODUCT.md, Trunks 6)
    UNKNOWN_TRUNK = "UNKNOWN_TRUNK"
    AMBIGUOUS_TRUNK = "AMBIGUOUS_TRUNK"
    TRUNK_ENDED = "TRUNK_ENDED"
    TRUNK_DISABLED = "TRUNK_DISABLED"
    NO_PLAN = "NO_PLAN"
    # The call cannot be priced (PRODUCT.md, Rating 5 and 8)
    NO_DIRECTION = "NO_DIRECTION"
    UNKNOWN_NANP = "UNKNOWN_NANP"
    CLASS_BLOCKED = "CLASS_BLOCKED"
    NO_DECK = "NO_DECK"
    NO_RATE = "NO_RATE"
    RATE_BLOCKED = "RATE_BLOCKED"
    RATE_UNPRICED = "RATE_UNPRICED"
    CHARGE_OVERFLOW = "CHARGE_OVERFLOW"
    # Taken back by a person
    ROLLED_BACK = "ROLLED_BACK"


class Flag(StrEnum):
    """A remark on a priced record (severity WARN in mediation.md, L). It never stops rating."""

    DISPOSITION_CONFLICT = "DISPOSITION_CONFLICT"
    DURATION_MISMATCH = "DURATION_MISMATCH"
    NUM_UNPARSED = "NUM_UNPARSED"
    ZERO_DURATION = "ZERO_DURATION"
    CLOCK_UNSYNC = "CLOCK_UNSYNC"
    TZ_GUESSED = "TZ_GUESSED"
    FROM_DISPLAY = "FROM_DISPLAY"
    OVER_CAPACITY = "OVER_CAPACITY"
    MAX_DURATION = "MAX_DURATION"
    SEQ_GAP = "SEQ_GAP"
    ENCODING = "ENCODING"
    LATE_TEARDOWN = "LATE_TEARDOWN"
    LOW_RES = "LOW_RES"
    NO_MEDIA = "NO_MEDIA"
    SUSPECT_DUP = "SUSPECT_DUP"


class RejectClass(StrEnum):
    """Why the network did not complete a call (mediation.md R39); a fact about the call, not about the record."""

    CAPACITY = "CAPACITY"
    AUTH = "AUTH"
    BALANCE = "BALANCE"
    INTL_BLOCKED = "INTL_BLOCKED"
    NO_ROUTE = "NO_ROUTE"
    BUSY = "BUSY"
    NOANSWER = "NOANSWER"
    CANCEL = "CANCEL"
    FAILURE = "FAILURE"
