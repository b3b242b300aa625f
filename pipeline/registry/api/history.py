"""Call history: /calls/1/calls/history and its kin, read from the ledger."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from pipeline.registry import history
from pipeline.registry.api.access import TheLedger, allowed, answer, answer_exactly
from pipeline.registry.api.errors import documented
from pipeline.registry.api.query import Id, WantedPage, Word, instant
from pipeline.registry.history import CallFilter
from pipeline.registry.problems import NotFound
from pipeline.registry.rules.text import PrintableText
from pipeline.registry.shapes.base import Page
from pipeline.registry.shapes.history import (
    CallLog,
    CallState,
    ConferenceLog,
    DialogLog,
    DialogState,
    Direction,
    EndpointType,
)  # fmt: skip
from pipeline.registry.store.desk import Caller
from pipeline.registry.store.keys import LOGS, TRUNKS

Reader = Annotated[Caller, Depends(allowed(TRUNKS, LOGS))]
LISTING = documented(400, 401, 403, 413, 429, 500)
ONE = documented(401, 403, 404, 413, 429, 500)

router = APIRouter(prefix="/calls/1", tags=["Call history"])


def _query(alias: str) -> object:
    return Query(alias=alias, min_length=1, max_length=128)


async def call_filter(
    *,
    type: Annotated[EndpointType | None, Query()] = None,  # noqa: A002 - the published name
    from_: Annotated[PrintableText | None, _query("from")] = None,
    to: Word = None,
    direction: Annotated[Direction | None, Query()] = None,
    status: Annotated[CallState | None, Query()] = None,
    start_time_after: Annotated[PrintableText | None, _query("startTimeAfter")] = None,
    dialog_id: Annotated[PrintableText | None, _query("dialogId")] = None,
    calls_configuration_id: Annotated[PrintableText | None, _query("callsConfigurationId")] = None,
    application_id: Annotated[PrintableText | None, _query("applicationId")] = None,
    conference_id: Annotated[PrintableText | None, _query("conferenceId")] = None,
    bulk_id: Annotated[PrintableText | None, _query("bulkId")] = None,
) -> CallFilter:  # fmt: skip
    """The published filters. Trunk calls have no application, conference or bulk, so naming one finds nothing."""
    elsewhere = (calls_configuration_id, application_id, conference_id, bulk_id)
    after = instant("startTimeAfter", start_time_after)
    nothing = any(value is not None for value in elsewhere) or None
    return CallFilter(type, from_, to, direction, status, after, dialog_id, nothing=nothing)


@router.get("/calls/history", response_model=Page[CallLog], responses=LISTING)
def get_calls_history(
    ledger: TheLedger, caller: Reader, paging: WantedPage, wanted: Annotated[CallFilter, Depends(call_filter)]
) -> Response:
    """List the legs of calls, the newest first, with what they cost."""
    return answer_exactly(history.call_page(ledger, caller.account_id, wanted, paging))


@router.get("/calls/{call_id}/history", response_model=CallLog, responses=ONE)
def get_call_history(ledger: TheLedger, caller: Reader, call_id: Id) -> Response:
    """Read one leg."""
    return answer_exactly(history.call(ledger, caller.account_id, call_id))


@router.get("/dialogs/history", response_model=Page[DialogLog], responses=LISTING)
def get_dialogs_history(
    *, ledger: TheLedger, caller: Reader, paging: WantedPage,
    state: Annotated[DialogState | None, Query()] = None,
    parent_call_id: Annotated[PrintableText | None, _query("parentCallId")] = None,
    child_call_id: Annotated[PrintableText | None, _query("childCallId")] = None,
    start_time_after: Annotated[PrintableText | None, _query("startTimeAfter")] = None,
    end_time_before: Annotated[PrintableText | None, _query("endTimeBefore")] = None,
    calls_configuration_id: Annotated[PrintableText | None, _query("callsConfigurationId")] = None,
    application_id: Annotated[PrintableText | None, _query("applicationId")] = None,
) -> Response:  # fmt: skip
    """List pairs of a leg and the leg that it came from, the newest first."""
    wanted = CallFilter(
        dialog_state=state, start_time_after=instant("startTimeAfter", start_time_after),
        end_time_before=instant("endTimeBefore", end_time_before),
        call_id=child_call_id, parent_call_id=parent_call_id,
        nothing=(calls_configuration_id is not None or application_id is not None) or None,
    )  # fmt: skip
    return answer(history.dialog_page(ledger, caller.account_id, wanted, paging))


@router.get("/dialogs/{dialog_id}/history", response_model=DialogLog, responses=ONE)
def get_dialog_history(ledger: TheLedger, caller: Reader, dialog_id: Id) -> Response:
    """Read the last pair of a dialog."""
    return answer(history.dialog(ledger, caller.account_id, dialog_id))


@router.get("/conferences/history", response_model=Page[ConferenceLog], responses=LISTING)
def get_conferences_history(_caller: Reader, paging: WantedPage) -> Response:
    """List no conference: trunk calls have none."""
    return answer(Page[ConferenceLog](results=[], paging=paging.info(0)))


@router.get("/conferences/{conference_id}/history", response_model=ConferenceLog, responses=ONE)
def get_conference_history(_caller: Reader, conference_id: Id) -> Response:
    """Find no conference: trunk calls have none."""
    raise NotFound("conference", conference_id)
