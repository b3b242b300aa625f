"""Which route takes a call. Regular expressions are RE2's, so no pattern of a customer can take long."""

import re
from collections.abc import Iterable
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.registry.problems import Refused
from pipeline.registry.shapes.routes import (
    Criterion,
    Destination,
    NewRoute,
    PhoneCaller,
    PhoneCriteria,
    Route,
    Simulation,
    SipCaller,
    SipCriteria,
    SipEndpoint,
    WebRtcCaller,
    WebRtcCriteria,
)  # fmt: skip

_NUMBER = re.compile(r"\+?[0-9]+\Z")


def check_route(request: NewRoute) -> None:
    """Refuse patterns that are no regular expressions, and priorities or weights that only some destinations have."""
    violations: dict[str, list[str]] = {}
    for index, criterion in enumerate(request.criteria or ()):
        for path, pattern in _patterns(criterion):
            if problem := _problem(pattern):
                violations[f"criteria[{index}].{path}"] = [f"{pattern!r} is no regular expression: {problem}"]
        if criterion.to is not None and isinstance(criterion.value, WebRtcCriteria):
            violations[f"criteria[{index}].to"] = ["A WEBRTC call has no called number. Leave `to` out."]
    for name in ("priority", "weight"):
        ranks = [getattr(destination, name) for destination in request.destinations]
        if None in ranks and any(ranks):
            violations[f"destinations[{ranks.index(None)}].{name}"] = ["Set it on every destination or on none."]
    if violations:
        raise Refused(violations)


def named_trunks(request: NewRoute) -> Iterable[tuple[str, str]]:
    """Paths and ids of the trunks that a route sends calls to or takes calls from."""
    for index, criterion in enumerate(request.criteria or ()):
        if isinstance(criterion.value, SipCriteria) and criterion.value.sip_trunk_id:
            yield f"criteria[{index}].value.sipTrunkId", criterion.value.sip_trunk_id
    for index, destination in enumerate(request.destinations):
        if (trunk_id := _trunk_of(destination)) is not None:
            yield f"destinations[{index}].value.sipTrunkId", trunk_id


def _trunk_of(destination: Destination) -> str | None:
    value = getattr(destination, "value", None)
    return value.sip_trunk_id if isinstance(value, SipEndpoint) else None


def choose_route(routes: Iterable[Route], call: Simulation) -> Route | None:
    """The first route, in their order, that takes the call."""
    for route in routes:
        is_open = route.status == "ENABLED" or call.use_disabled_routes
        if is_open and not route.transfer_only and takes(route, call):
            return route
    return None


def takes(route: Route, call: Simulation) -> bool:
    """Whether any criterion of the route matches; without criteria it takes every call."""
    return not route.criteria or any(_matches(criterion, call) for criterion in route.criteria)


def _matches(criterion: Criterion, call: Simulation) -> bool:
    if criterion.to is not None and not _fits(criterion.to, call.to):
        return False
    match criterion.value, call.endpoint:
        case None, _:
            return True
        case PhoneCriteria() as wanted, PhoneCaller() as caller:
            return _fits(wanted.from_, caller.from_)
        case SipCriteria() as wanted, SipCaller() as caller:
            return _is_from_trunk(wanted, caller)
        case WebRtcCriteria() as wanted, WebRtcCaller() as caller:
            data = caller.custom_data or {}
            entries = wanted.custom_data or ()
            return _fits(wanted.identity, caller.from_) and all(
                entry.key in data and _fits(entry.value, data[entry.key]) for entry in entries
            )
    return False


def _is_from_trunk(wanted: SipCriteria, caller: SipCaller) -> bool:
    headers = {name.lower(): value for name, value in (caller.headers or {}).items()}
    return (
        wanted.sip_trunk_id in {None, caller.sip_trunk_id}
        and _fits(wanted.username, caller.from_)
        and all(
            header.header_name.lower() in headers and _fits(header.header_value, headers[header.header_name.lower()])
            for header in wanted.headers or ()
        )
    )


def _fits(pattern: str | None, text: str | None) -> bool:
    """Whether a text is the wanted one, or matches the whole pattern. A plus before a number does not matter."""
    if pattern is None:
        return True
    if text is None:
        return False
    if _NUMBER.match(pattern):
        return pattern.removeprefix("+") == text.removeprefix("+")
    return any(_is_match(pattern, spelling) for spelling in (text, text.removeprefix("+")))


def _is_match(pattern: str, text: str) -> bool:
    return bool(pc.match_substring_regex(pa.array([text]), pattern=rf"^(?:{pattern})$")[0].as_py())


@lru_cache(maxsize=1024)
def _problem(pattern: str) -> str | None:
    if _NUMBER.match(pattern):
        return None
    try:
        pc.match_substring_regex(pa.array([""]), pattern=pattern)
        _is_match(pattern, "")
    except pa.ArrowInvalid as error:
        return str(error).partition(": ")[2] or str(error)
    return None


def _patterns(criterion: Criterion) -> Iterable[tuple[str, str]]:
    value = criterion.value
    found: list[tuple[str, str | None]] = [("to", criterion.to)]
    match value:
        case PhoneCriteria():
            found += [("value.from", value.from_)]
        case SipCriteria():
            found += [("value.username", value.username)]
            found += [(f"value.headers[{i}].headerValue", h.header_value) for i, h in enumerate(value.headers or ())]
        case WebRtcCriteria():
            found += [("value.identity", value.identity)]
            found += [(f"value.customData[{i}].value", entry.value) for i, entry in enumerate(value.custom_data or ())]
    return [(path, pattern) for path, pattern in found if pattern is not None]
