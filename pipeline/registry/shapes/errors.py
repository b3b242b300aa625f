"""Errors as JSON, in both published envelopes."""

from pipeline.registry.shapes.base import Shape


class ServiceException(Shape):
    """What is wrong; for a bad request, messages by the path of the field."""

    message_id: str
    text: str
    validation_errors: dict[str, list[str]] | None = None


class RequestError(Shape):
    """The inner envelope."""

    service_exception: ServiceException


class Problem(Shape):
    """An error of trunks, addresses and history."""

    request_error: RequestError


class Violation(Shape):
    """One field of a bad request."""

    property: str
    violation: str


class Resource(Shape):
    """Where to read on."""

    name: str
    url: str


class RouteProblem(Problem):
    """An error of routes and usage: both envelopes, so that it parses whichever the client expects."""

    error_code: str
    description: str
    action: str
    violations: list[Violation]
    resources: list[Resource]
