"""Billing usage: /billing/1/usage/query. The answer names the request; the result is posted to the caller's URL."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Depends, Response

from pipeline.ledger.errors import LedgerError
from pipeline.registry.api.access import TheLedger, TheRegistry, allowed
from pipeline.registry.api.errors import documented
from pipeline.registry.callbacks import BadCallback, post, public_address
from pipeline.registry.exact_json import exact_json
from pipeline.registry.ledger_reader import Ledger
from pipeline.registry.problems import Refused
from pipeline.registry.shapes.usage import UsageAccepted, UsageQuery
from pipeline.registry.store.desk import Caller
from pipeline.registry.store.keys import USAGE
from pipeline.registry.usage import Interval, failed_result, narrowed, usage_result

Reader = Annotated[Caller, Depends(allowed(USAGE, kind="usage_queries"))]
ERRORS = documented(400, 401, 403, 413, 429, 500, both=True)

router = APIRouter(prefix="/billing/1/usage", tags=["Billing usage"])


@router.post("/query", status_code=201, response_model=UsageAccepted, responses=ERRORS)
def query_usage(
    registry: TheRegistry, ledger: TheLedger, caller: Reader, request: UsageQuery, tasks: BackgroundTasks
) -> Response:
    """Sum usage of this month and the two before; the result is posted once."""
    interval = narrowed(request, registry.clock())
    admit_private = registry.settings.admit_private_callbacks
    try:
        public_address(request.callback_url, admit_private=admit_private)
    except BadCallback as error:
        raise Refused.at("callbackUrl", str(error)) from None
    accepted = UsageAccepted(request_id=secrets.token_hex(16))

    def answer_later() -> None:
        result = _result(ledger, caller.account_id, accepted.request_id, request, interval)
        post(request.callback_url, exact_json(result), admit_private=admit_private)

    tasks.add_task(answer_later)
    body = accepted.model_dump_json(by_alias=True)
    return Response(body, 201, media_type="application/json", background=tasks)


def _result(ledger: Ledger, account_id: str, request_id: str, query: UsageQuery, interval: Interval) -> dict[str, Any]:
    try:
        return usage_result(ledger, account_id, request_id, query, interval)
    except LedgerError as error:
        return failed_result(request_id, str(error))
