"""What is answered instead of what was asked: statuses, both envelopes, and the texts of problems."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from pipeline.registry.api.errors import ACTIONS, MESSAGE_IDS, answer_errors, error_answer
from pipeline.registry.api.gate import _depth
from pipeline.registry.problems import Forbidden, NotFound, Refused, TooManyRequests, Unauthorized

TRUNKS, ROUTES, USAGE = "/calls/1/sip-trunks", "/callrouting/1/routes", "/billing/1/usage/query"
PUBLISHED = {
    400: "BAD_REQUEST", 401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 429: "TOO_MANY_REQUESTS",
    500: "GENERAL_ERROR",
}  # fmt: skip
"""Section 8 of the facts."""


def body_of(response: Any) -> dict[str, Any]:
    """The JSON of an answer."""
    assert "application/json" == response.headers["content-type"]
    found: dict[str, Any] = json.loads(response.body)
    return found


def answered(error: Exception, path: str = TRUNKS, method: str = "GET") -> Any:
    """The answer that an application gives for an exception, by the most exact of its handlers."""
    app = FastAPI()
    answer_errors(app)
    kind = next(kind for kind in type(error).__mro__ if kind in app.exception_handlers)
    handler: Callable[..., Any] = app.exception_handlers[kind]
    request = Request({"type": "http", "path": path, "method": method, "headers": [], "query_string": b""})
    return asyncio.run(handler(request, error))


@pytest.mark.parametrize(("status", "message_id"), PUBLISHED.items())
@pytest.mark.parametrize("path", [TRUNKS, ROUTES, USAGE])
def test_the_first_envelope_is_everywhere(path: str, status: int, message_id: str) -> None:
    """`requestError.serviceException` with the published word for the status."""
    answer = error_answer(path, status, "Why.")
    assert status == answer.status_code
    assert {"messageId": message_id, "text": "Why."} == body_of(answer)["requestError"]["serviceException"]


@pytest.mark.parametrize("status", PUBLISHED)
@pytest.mark.parametrize("path", [ROUTES, USAGE])
def test_the_second_envelope_has_all_five_keys(path: str, status: int) -> None:
    """The client cannot parse it if one is missing; lists may be empty."""
    body = body_of(error_answer(path, status, "Why."))
    assert {"requestError", "errorCode", "description", "action", "violations", "resources"} == set(body)
    assert (f"E{status}", "Why.", [], []) == (
        body["errorCode"], body["description"], body["violations"], body["resources"]
    )  # fmt: skip
    assert ACTIONS[status] == body["action"]


def test_the_second_envelope_is_for_routes_and_usage_only() -> None:
    """Also not for a path that only resembles theirs."""
    for path in (TRUNKS, "/calls/1/calls/history", "/", "/callrouting", "/x/callrouting/1/routes"):
        assert ["requestError"] == list(body_of(error_answer(path, 404, "Why.")))


def test_violations_are_in_both_envelopes() -> None:
    """An object of arrays of text in one, a list of pairs in the other."""
    violations = {"name": ["Too long.", "Not printable."], "destinations[1].weight": ["Set it."]}
    body = body_of(error_answer(ROUTES, 400, "Why.", violations))
    assert violations == body["requestError"]["serviceException"]["validationErrors"]
    assert [
        {"property": "name", "violation": "Too long."},
        {"property": "name", "violation": "Not printable."},
        {"property": "destinations[1].weight", "violation": "Set it."},
    ] == body["violations"]


@pytest.mark.parametrize("violations", [None, {}])
def test_without_violations_the_key_is_absent(violations: dict[str, list[str]] | None) -> None:
    """Null would do too, but an empty object says nothing."""
    assert (
        "validationErrors"
        not in body_of(error_answer(TRUNKS, 400, "Why.", violations))["requestError"]["serviceException"]
    )


def test_no_more_than_twenty_violations_are_shown() -> None:
    """A body of a thousand bad hosts gets no answer of a thousand messages; the first ones stay."""
    body = body_of(error_answer(ROUTES, 400, "Why.", {f"hosts[{number}]": ["Bad."] for number in range(1_000)}))
    shown = body["requestError"]["serviceException"]["validationErrors"]
    assert [f"hosts[{number}]" for number in range(20)] == list(shown)
    assert 20 == len(body["violations"])


@pytest.mark.parametrize("seconds", [1, 30])
def test_retry_after_is_a_header_of_whole_seconds(seconds: int) -> None:
    """The client obeys it by itself, up to three times."""
    assert str(seconds) == error_answer(TRUNKS, 429, "Why.", retry_after=seconds).headers["retry-after"]
    assert "retry-after" not in error_answer(TRUNKS, 429, "Why.").headers


@pytest.mark.parametrize("status", PUBLISHED)
def test_only_401_asks_for_a_key(status: int) -> None:
    """With the scheme that it has to be sent by."""
    assert ("App" if status == 401 else None) == error_answer(TRUNKS, status, "Why.").headers.get("www-authenticate")


def test_every_status_with_a_word_of_its_own_says_so() -> None:
    """A status that nobody thought of is a bad request in words, and keeps its number."""
    assert PUBLISHED == {status: MESSAGE_IDS[status] for status in PUBLISHED}
    answer = error_answer(ROUTES, 418, "Why.")
    assert (418, "E418") == (answer.status_code, body_of(answer)["errorCode"])
    assert "BAD_REQUEST" == body_of(answer)["requestError"]["serviceException"]["messageId"]


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (Refused.at("name", "Why."), 400, "The request breaks a rule."),
        (NotFound("trunk", "t1"), 404, "There is no trunk 't1' in this account. GET of the list shows what there is."),
        (Unauthorized("No key was sent."), 401, "No key was sent."),
        (TooManyRequests(7, 60), 429, "More than 60 such requests in a minute. Try again after 7 s."),
        (HTTPException(404), 404, "There is no '/calls/1/sip-trunks' here. /docs lists what there is."),
        (HTTPException(405), 405, "PUT is not possible here."),
        (HTTPException(400, "There was an error parsing the body"), 400, "There was an error parsing the body"),
        (RuntimeError("secret detail"), 500, "The registry could not do this. Nothing was changed."),
    ],
)
def test_every_exception_becomes_an_answer(error: Exception, status: int, text: str) -> None:
    """What broke inside is logged and never shown."""
    answer = answered(error, method="PUT")
    assert status == answer.status_code
    assert text == body_of(answer)["requestError"]["serviceException"]["text"]


def test_a_refusal_carries_its_violations_and_a_limit_its_wait() -> None:
    """As field errors, and as a header."""
    body = body_of(answered(Refused({"a": ["x"], "b[0]": ["y", "z"]})))
    assert {"a": ["x"], "b[0]": ["y", "z"]} == body["requestError"]["serviceException"]["validationErrors"]
    assert "7" == answered(TooManyRequests(7, 60)).headers["retry-after"]
    assert "GET, PUT" == answered(HTTPException(405, headers={"Allow": "GET, PUT"})).headers["allow"]


def test_a_bad_id_in_the_path_finds_nothing() -> None:
    """404, not 400: to the caller there is no such object."""
    bad_path = {"loc": ("path", "sip_trunk_id"), "msg": "String should match pattern", "type": "x"}
    assert 404 == answered(RequestValidationError([bad_path])).status_code
    bad_body = {"loc": ("body", "name"), "msg": "Value error, Only blanks were found.", "type": "x"}
    answer = answered(RequestValidationError([bad_path, bad_body]))
    assert 400 == answer.status_code


def test_messages_of_one_field_are_gathered() -> None:
    """Under the path that the caller wrote, without the words of the validator."""
    problems = [
        {"loc": ("body", "STATIC", "name"), "msg": "Value error, Only blanks were found.", "type": "x"},
        {"loc": ("body", "STATIC", "name"), "msg": "Too short", "type": "x"},
        {"loc": ("query", "size"), "msg": "Too large", "type": "x"},
    ]
    body = body_of(answered(RequestValidationError(problems)))
    assert {"name": ["Only blanks were found.", "Too short"], "size": ["Too large"]} == body["requestError"][
        "serviceException"
    ]["validationErrors"]


def test_a_refusal_reads_as_a_sentence() -> None:
    """The command line prints it whole."""
    assert "a: x y; b: z" == str(Refused({"a": ["x", "y"], "b": ["z"]}))
    assert {"a": ["x"]} == Refused.at("a", "x").violations


@pytest.mark.parametrize(
    ("needed", "granted", "text"),
    [
        (("calls:manage",), (), "This key has the scopes none; this call needs calls:manage."),
        (("a", "b"), ("c",), "This key has the scopes c; this call needs a or b."),
        (("a",), ("b", "c"), "This key has the scopes b, c; this call needs a."),
    ],
)
def test_a_forbidden_call_names_both_sides(needed: tuple[str, ...], granted: tuple[str, ...], text: str) -> None:
    """What the key has, what would do, and how to get it."""
    assert str(Forbidden(needed, granted)).startswith(text)
    assert 403 == answered(Forbidden(needed, granted)).status_code


def test_what_was_not_found_is_named() -> None:
    """With its parts as attributes."""
    error = NotFound("call route", "r/1")
    assert ("call route", "r/1") == (error.kind, error.identity)


@pytest.mark.parametrize(
    ("body", "depth"),
    [
        (b"", 0),
        (b"1", 0),
        (b"{}", 1),
        (b"[[]]", 2),
        (b"[{},{}]", 2),
        (b'{"a":{"b":[1]}}', 3),
        (b'"[[[["', 0),
        (b'{"a":"\\"[[["}', 1),
        (b'{"[[[":1}', 1),
        (b"[" * 50, 50),
        (b"]]]][", 0),
        (b"[" * 40 + b"]" * 40, 40),
        ('{"a":"ä[["}'.encode(), 1),
    ],
)
def test_the_depth_of_a_body_is_counted_without_its_texts(body: bytes, depth: int) -> None:
    """Brackets in a text do not nest, an escaped quote does not end one; what is no JSON is counted all the same."""
    assert depth == _depth(body)
