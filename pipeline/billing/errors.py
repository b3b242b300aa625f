"""What can go wrong with a close. A parked account is a value, not an error."""


class BillingError(Exception):
    """Base of the errors of this package."""


class AnotherCloser(BillingError):
    """Somebody else issued a document since this closer looked."""

    def __init__(self, url: str, expected: int) -> None:
        self.url = url
        self.expected = expected
        super().__init__(
            f"Another close of ledger {url} is at work: it issued document {expected + 1} first. The accounts of this "
            "commit were not closed and no number was used. Run the command again when the other one has ended; what "
            "is closed stays closed."
        )


class UnknownDocument(BillingError):
    """No document has that number."""

    def __init__(self, number: str, last: str | None) -> None:
        self.number = number
        known = f"The last one is {last}." if last else "None has been issued yet."
        super().__init__(f"There is no invoice or note {number!r}. {known} List them with `trunkline invoice list`.")


class UnknownAccount(BillingError):
    """An account that the book does not have."""

    def __init__(self, account: str, known: list[str]) -> None:
        self.account = account
        super().__init__(f"The book has no account {account!r} (known: {', '.join(known) or 'none'}).")


class BadAdjustment(BillingError):
    """An adjustment that cannot be recorded; the message says what to write."""


class UnknownLine(BillingError):
    """A document has no line of that number."""

    def __init__(self, number: str, line_no: int, last: int) -> None:
        self.number = number
        self.line_no = line_no
        super().__init__(f"{number} has no line {line_no}; its lines are 1 to {last}.")


class ReadOnlyTaxFolder(BillingError):
    """The jurisdictions that an invoice uses cannot be kept for later."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(
            f"The tax folder cannot be written: {cause}. Invoices keep there which jurisdictions they used "
            "(resolved.jsonl). Make the folder of tax_path writable, then close again; nothing was issued."
        )
