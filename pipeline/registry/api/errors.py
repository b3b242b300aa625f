"""From an exception to an answer: which status, which envelope, which headers."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from pipeline.registry.problems import Forbidden, NotFound, Refused, TooManyRequests, Unauthorized
from pipeline.registry.shapes.errors import Problem, RequestError, RouteProblem, ServiceException, Violation

log = structlog.get_logger(__name__)

MESSAGE_IDS = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "PAYLOAD_TOO_LARGE",
    429: "TOO_MANY_REQUESTS",
    500: "GENERAL_ERROR",
}
ACTIONS = {
    400: "Correct the request; `violations` names the fields.",
    401: "Send the header Authorization: App KEY.",
    403: "Use a key with the scope that is named.",
    404: "List the objects to see which exist.",
    413: "Send a smaller body.",
    429: "Wait as long as the header Retry-After says.",
    500: "Try again; if it lasts, tell the operator the time of this answer.",
}
BOTH_ENVELOPES = ("/callrouting/", "/billing/")
_SHOWN = 20


def error_answer(
    path: str, status: int, text: str, violations: Mapping[str, list[str]] | None = None, retry_after: int | None = None
) -> Response:
    """The error in the envelope of its path."""
    shown = dict(list((violations or {}).items())[:_SHOWN]) or None
    message_id = MESSAGE_IDS.get(status, "BAD_REQUEST")
    inner = RequestError(
        service_exception=ServiceException(message_id=message_id, text=text, validation_errors=shown)
    )  # fmt: skip
    problem = Problem(request_error=inner)
    if path.startswith(BOTH_ENVELOPES):
        problem = RouteProblem(
            request_error=inner, error_code=f"E{status}", description=text,
            action=ACTIONS.get(status, ACTIONS[400]), resources=[],
            violations=[
                Violation(property=field, violation=message)
                for field, messages in (shown or {}).items() for message in messages
            ],
        )  # fmt: skip
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    headers |= {"WWW-Authenticate": "App"} if status == 401 else {}  # noqa: PLR2004
    body = problem.model_dump_json(by_alias=True, exclude_none=True)
    return Response(body, status, headers, media_type="application/json")


def documented(*statuses: int, both: bool = False) -> dict[int | str, dict[str, Any]]:
    """The error answers of an operation, for its description."""
    model = RouteProblem if both else Problem
    return {status: {"model": model, "description": MESSAGE_IDS[status]} for status in statuses}


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)  # noqa: S101 - registered for it below, as with those that follow
    return error_answer(request.url.path, 400, "The request breaks a rule.", error.violations)


async def _not_found(request: Request, error: Exception) -> Response:
    return error_answer(request.url.path, 404, str(error))


async def _unauthorized(request: Request, error: Exception) -> Response:
    return error_answer(request.url.path, 401, str(error))


async def _forbidden(request: Request, error: Exception) -> Response:
    return error_answer(request.url.path, 403, str(error))


async def _too_many(request: Request, error: Exception) -> Response:
    assert isinstance(error, TooManyRequests)  # noqa: S101
    return error_answer(request.url.path, 429, str(error), retry_after=error.retry_after)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    problems = error.errors()
    if all(problem["loc"][0] == "path" for problem in problems):
        return error_answer(request.url.path, 404, "There is no object with this id: it is not an id of ours.")
    violations: dict[str, list[str]] = {}
    for problem in problems:
        violations.setdefault(field_path(problem["loc"]), []).append(problem["msg"].removeprefix("Value error, "))
    return error_answer(request.url.path, 400, "The request is not of the documented shape.", violations)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    answer = error_answer(request.url.path, error.status_code, _http_text(request, error))
    answer.headers.update(error.headers or {})
    return answer


def _http_text(request: Request, error: HTTPException) -> str:
    match error.status_code:
        case 404:
            return f"There is no {request.url.path!r} here. /docs lists what there is."
        case 405:
            return f"{request.method} is not possible here."
    return str(error.detail)


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("request_failed", method=request.method, path=request.url.path, error=repr(error))
    return error_answer(request.url.path, 500, "The registry could not do this. Nothing was changed.")


def field_path(location: Sequence[str | int]) -> str:
    """`("body", "STATIC", "sourceHosts", 0)` as people write it: `sourceHosts[0]`, without names of union members."""
    path = ""
    for part in location[1:]:
        if isinstance(part, int):
            path += f"[{part}]"
        elif not part.isupper():
            path += f".{part}" if path else part
    return path or str(location[0])


def answer_errors(app: FastAPI) -> None:
    """Let every exception become an answer."""
    for error, answer in (
        (Refused, _refused), (NotFound, _not_found), (Unauthorized, _unauthorized), (Forbidden, _forbidden),
        (TooManyRequests, _too_many), (RequestValidationError, _invalid), (HTTPException, _http),
        (Exception, _unexpected),
    ):  # fmt: skip
        app.add_exception_handler(error, answer)
