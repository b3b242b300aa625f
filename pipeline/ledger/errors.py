"""What can go wrong with the ledger. All of it is broken machinery: the worker stops and acknowledges nothing."""


class LedgerError(Exception):
    """Base of the errors of this package."""


class ConcurrentWriter(LedgerError):
    """Somebody else moved the same marks since this handle last looked, so this commit was refused."""

    def __init__(self, url: str, marks: list[str]) -> None:
        self.url = url
        self.marks = marks
        super().__init__(
            f"Ledger {url} refused a commit of {', '.join(marks)}: another writer moved one of these marks first. "
            "Nothing was written. A worker that lost its partition ends here; start it again and it goes on from the "
            "ledger's marks."
        )


class LedgerUnavailable(LedgerError):
    """The folder or the object store cannot be read or written."""

    def __init__(self, url: str, action: str, cause: BaseException) -> None:
        self.url = url
        first_line = str(cause).partition("\n")[0]
        super().__init__(
            f"Ledger {url} cannot be {action}: {first_line}. Nothing was acknowledged. Check that the folder or bucket "
            "exists, is writable and has free space, then start again; work goes on from the ledger's marks."
        )


class OtherLedgerFormat(LedgerError):
    """The table was written with another version of the schema, or is no usage ledger."""

    def __init__(self, url: str, found: str | None, expected: int) -> None:
        self.url = url
        self.found = found
        self.expected = expected
        super().__init__(
            f"Ledger {url} has format {found or 'none'}; this version of Trunkline reads and writes format {expected}. "
            "Use the version that wrote it, or name another folder in ledger_url."
        )
