"""`trunkline close`: invoices of one month, account by account, and notes for what was corrected since.

Numbered steps: 1. see one snapshot of both tables; 2. park accounts whose sources do not balance; 3. take so many
accounts that their calls fit in memory; 4. gather, draft, number; 5. commit documents, lines and calls at once;
6. write the documents of the commit. A killed close left whole commits behind it or nothing, and its files are written
again from the table, so running again is always safe. Two closers cannot both commit: the table counts documents.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from pipeline.billing.documents.calls import NO_CALLS
from pipeline.billing.documents.writer import Press, Unprintable, fresh_lists, stored_lists
from pipeline.billing.drafts import bill_date, invoice_draft
from pipeline.billing.earlier import EarlierLines
from pipeline.billing.errors import ReadOnlyTaxFolder
from pipeline.billing.gathering import Gathered, gather
from pipeline.billing.invoice import Draft
from pipeline.billing.issuing import Issued, commit, head_of, number
from pipeline.billing.months import Month
from pipeline.billing.notes import Correction, note_draft
from pipeline.billing.office import Office, chosen_accounts, open_office
from pipeline.billing.parked import Parked, out_of_balance, unknown_account
from pipeline.billing.snapshot import Snapshot, query
from pipeline.billing.steps import steps
from pipeline.settings import Settings
from schemas.reference import ServiceAddress

Progress = Callable[[int, int], None]
"""Told after each commit how many accounts are done, and of how many."""


def _silent(_done: int, _all: int) -> None:
    """Tell nobody."""


class CloseReport(NamedTuple):
    """What a close did. `already` were closed before; their files were written again."""

    period: str
    issued: tuple[Issued, ...]
    parked: tuple[Parked, ...]
    already: tuple[Issued, ...]
    unprintable: tuple[Unprintable, ...] = ()


class Plan(NamedTuple):
    """What to issue for the accounts of one step: invoices of a month, or only notes as of a day."""

    period: str
    noted_on: date | None = None

    @property
    def notes_only(self) -> bool:
        """Whether invoices are left alone."""
        return self.noted_on is not None


def close_period(
    settings: Settings,
    period: str,
    *,
    account: str | None = None,
    dry_run: bool = False,
    progress: Progress = _silent,
) -> CloseReport:
    """Close a month of all accounts, or of one. Closing again changes nothing and writes the same bytes.

    Raises ValueError for what is no month, BillingError, LedgerError, and the errors of the reference data.
    """
    office = open_office(settings)
    accounts = chosen_accounts(office.book, account)
    snapshot = Snapshot(office.ledger, office.billing, office.book)
    closed = closed_accounts(snapshot, period)
    parked = {row.account_id: row for row in _unbalanced(snapshot, period)}
    strangers = [] if account else list(_strangers(snapshot))
    waiting = [name for name in accounts if name not in closed and name not in parked]
    already = [document for name in accounts if name in closed for document in closed[name]]
    with Press(settings.invoice_path, office.invoices, len(accounts)) as press:
        if not dry_run:
            press.write(already, stored_lists(snapshot, already))
        outcomes = _issue_all(office, snapshot, None if dry_run else press, waiting, Plan(period), progress=progress)
        issued, stopped = _divided(outcomes)
    parked |= {row.account_id: row for row in stopped}
    shown = [parked[name] for name in accounts if name in parked and name not in closed]
    return CloseReport(period, tuple(issued), (*shown, *strangers), tuple(already), tuple(press.unprintable))


def issue_notes(
    settings: Settings, period: str, noted_on: date, *, account: str | None = None, dry_run: bool = False
) -> CloseReport:
    """Issue credit and debit notes for corrected invoices of a month now, without waiting for the next close.

    The files of notes that were issued on that day are written again: a process that was killed may owe them.
    """
    office = open_office(settings)
    accounts = chosen_accounts(office.book, account)
    snapshot = Snapshot(office.ledger, office.billing, office.book)
    plan = Plan(period, noted_on)
    already = _notes_of(snapshot, accounts, plan)
    with Press(settings.invoice_path, office.invoices, len(accounts)) as press:
        if not dry_run:
            press.write(already, stored_lists(snapshot, already))
        outcomes = _issue_all(office, snapshot, None if dry_run else press, accounts, plan, progress=_silent)
        issued, parked = _divided(outcomes)
    return CloseReport(period, tuple(issued), tuple(parked), tuple(already), tuple(press.unprintable))


def closed_accounts(snapshot: Snapshot, period: str) -> dict[str, list[Issued]]:
    """Accounts that have their invoice of a month, with it, its notes, and the notes issued together with it."""
    found: dict[str, list[Issued]] = {}
    for row in snapshot.select(query("closed_documents"), {"period": period}):
        found.setdefault(row["account_id"], []).append(Issued.of(dict(row)))
    return found


def _notes_of(snapshot: Snapshot, accounts: Sequence[str], plan: Plan) -> list[Issued]:
    text = """
    FROM billing_documents
    WHERE corrects IS NOT NULL AND issued_on = $noted_on AND period = $period
    ORDER BY sequence
    """
    found = [Issued.of(dict(row)) for row in snapshot.select(text, plan._asdict())]
    return [note for note in found if note.account_id in accounts]


def _issue_all(
    office: Office, snapshot: Snapshot, press: Press | None, accounts: Sequence[str], plan: Plan, *, progress: Progress
) -> Iterator[Issued | Parked]:
    """Documents in the order of accounts, commit by commit; without a press nothing is written."""
    snapshot.set("period", plan.period)
    snapshot.table("positions")
    if plan.notes_only:
        snapshot.set("corrected_period", plan.period)
        snapshot.set("period", "")
    head, done = head_of(snapshot, office.billing), 0
    for some in steps(snapshot, accounts):
        gathered = gather(snapshot, office.book, some, plan.period, notes_only=plan.notes_only)
        drafts, parked = _drafts(office, some, gathered, plan, snapshot)
        issued = number(drafts, head, office.invoices)
        if issued and press is not None:
            _pin(office, drafts)
            commit(office.billing, snapshot, drafts, issued)
            press.write(issued, fresh_lists(gathered.lists, issued))
        head = head if not issued else head._replace(sequence=issued[-1].sequence, sha256=issued[-1].sha256)
        yield from issued
        yield from parked
        del gathered  # the lists of calls, before the next ones are read
        done += len(some)
        progress(done, len(accounts))


def _drafts(
    office: Office, accounts: Iterable[str], gathered: Gathered, plan: Plan, snapshot: Snapshot
) -> tuple[list[Draft], list[Parked]]:
    drafts: list[Draft] = []
    parked: list[Parked] = []
    for account_id in accounts:
        outcome = _account_drafts(office, account_id, gathered, plan, snapshot)
        if isinstance(outcome, Parked):
            parked.append(outcome)
        else:
            drafts += outcome
    return drafts, parked


def _account_drafts(
    office: Office, account_id: str, gathered: Gathered, plan: Plan, snapshot: Snapshot
) -> list[Draft] | Parked:
    """Notes first, the oldest invoice first, then the invoice; an account gets all of its documents or none."""
    month = Month.of(office.book, office.book.accounts[account_id], plan.period)
    earlier = gathered.earlier.get(account_id, EarlierLines.none())
    drafts: list[Draft] = []
    for correction in _corrections(office, account_id, gathered, snapshot):
        note = note_draft(correction, earlier, office.provider, plan.noted_on or bill_date(month))
        if isinstance(note, Parked):
            return note
        drafts.append(note)
    if plan.notes_only:
        return drafts
    invoice = invoice_draft(month, gathered.found(account_id), earlier, office.provider)
    if isinstance(invoice, Parked):
        return invoice
    return drafts if invoice is None else [*drafts, invoice]


def _corrections(office: Office, account_id: str, gathered: Gathered, snapshot: Snapshot) -> Iterator[Correction]:
    for owner, root in gathered.corrected:
        if owner == account_id:
            text = "SELECT period, issued_on FROM billing_documents WHERE document_id = $root"
            row = next(snapshot.select(text, {"root": root}))
            yield Correction(
                root,
                Month.of(office.book, office.book.accounts[account_id], row["period"]),
                row["issued_on"],
                gathered.standing.get((account_id, root), {}),
                gathered.standing_overage.get(account_id, {}),
                gathered.digests.get((account_id, root), NO_CALLS),
            )


def _unbalanced(snapshot: Snapshot, period: str) -> Iterator[Parked]:
    snapshot.set("period", period)
    for row in snapshot.rows("unbalanced"):
        yield out_of_balance(row["account_id"], row["sources"])


def _strangers(snapshot: Snapshot) -> Iterator[Parked]:
    for row in snapshot.rows("strangers"):
        yield unknown_account(row["account_id"], row["calls"])


def _pin(office: Office, drafts: Iterable[Draft]) -> None:
    """Keep the jurisdictions that these documents used: a later document of the same days finds them again."""
    by_day: dict[date, list[ServiceAddress]] = defaultdict(list)
    for draft in drafts:
        by_day[draft.issued_on] += (draft.month.address(trunk) for trunk in draft.month.trunks())
    try:
        for day, addresses in by_day.items():
            office.provider.pin(addresses, day)
    except OSError as error:
        raise ReadOnlyTaxFolder(error) from error


def _divided(outcomes: Iterable[Issued | Parked]) -> tuple[list[Issued], list[Parked]]:
    issued: list[Issued] = []
    parked: list[Parked] = []
    for outcome in outcomes:
        (parked if isinstance(outcome, Parked) else issued).append(outcome)  # type: ignore[arg-type]
    return issued, parked
