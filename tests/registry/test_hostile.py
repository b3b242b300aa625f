"""Requests that nobody means well by: each gets a 4xx with a message, and the server goes on."""

import json
import time
from typing import Any

import httpx
import pytest

from pipeline.registry.api.gate import KNOWN_SECONDS
from tests.registry.builders import metered
from tests.registry.servers import Server

TRUNKS, ADDRESSES, ROUTES = "/calls/1/sip-trunks", "/calls/1/sip-trunks/service-addresses", "/callrouting/1/routes"


@pytest.fixture
def http(server: Server, account: str) -> Any:
    """A plain client with a key of this test's own account; afterwards the server must still be well."""
    with server.http(account) as http:
        yield http
        assert 200 == http.get(TRUNKS).status_code


def _trunk(**fields: Any) -> dict[str, Any]:
    return {"type": "REGISTERED", "name": "T", "channelLimit": 1, "billingPackage": metered(None)} | fields


def _message(answer: httpx.Response, status: int = 400) -> str:
    assert status == answer.status_code, answer.text
    exception = answer.json()["requestError"]["serviceException"]
    assert exception["text"]
    return json.dumps(exception, ensure_ascii=False)


@pytest.mark.parametrize("path", [TRUNKS, ADDRESSES, ROUTES, "/operator-connect/1/trunks"])
def test_ten_megabytes_are_refused(http: httpx.Client, path: str) -> None:
    """413, before the body is parsed; also where its length is not announced."""
    body = json.dumps(_trunk(name="x" * 10_000_000)).encode()
    assert "bytes" in _message(http.post(path, content=body), 413)
    pieces = (body[start : start + 65_536] for start in range(0, len(body), 65_536))
    assert "bytes" in _message(http.post(path, content=pieces), 413)


@pytest.mark.parametrize(
    "body",
    ["[" * 100_000, '{"a":' * 30_000 + "1" + "}" * 30_000, json.dumps(_trunk()).replace('"T"', "[" * 40 + "]" * 40)],
)
def test_deep_json_is_refused(http: httpx.Client, body: str) -> None:
    """Nesting is counted before a parser recurses into it; brackets within strings do not count."""
    answer = http.post(TRUNKS, content=body, headers={"Content-Type": "application/json"})
    assert "nested deeper" in _message(answer)
    assert 202 == http.post(TRUNKS, json=_trunk(name="[" * 60)).status_code


@pytest.mark.parametrize(
    "body",
    ["", "null", "1", '"text"', "[]", "{", '{"type":}', "\x00", "\ufeff{}", "NaN", '{"type":"STATIC"', "{'a':1}", "{}"],
)
def test_what_is_no_object_is_refused(http: httpx.Client, body: str) -> None:
    """Neither JSON nor a trunk."""
    _message(http.post(TRUNKS, content=body.encode(), headers={"Content-Type": "application/json"}))


@pytest.mark.parametrize("type_", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "?"])
def test_another_content_type_is_refused(http: httpx.Client, type_: str) -> None:
    """Only JSON is read."""
    _message(http.post(TRUNKS, content=json.dumps(_trunk()), headers={"Content-Type": type_}))


WRONG_TYPES: dict[str, list[Any]] = {
    "channelLimit": ["25", 25.0, 25.5, True, [], {}, 0, -1, 1001, 10**30, 1e400],
    "name": [1, True, [], {}, "", " ", "\u00a0", "x" * 129],
    "type": ["static", "AUTHENTICATED", 1, [], {}, "OPERATOR_CONNECT"],
    "billingPackage": [
        None,
        [],
        "METERED",
        {},
        {"packageType": "FREE"},
        {"packageType": "UNLIMITED", "countryCode": "DEU"},
    ],
    "tls": [1, "true", 0, []],
    "codecs": ["PCMA", ["OPUS"], [], [1], {"0": "PCMA"}],
    "dtmf": ["rfc2833", 1],
    "location": ["", "ATLANTIS", 1, "frankfurt"],
    "inviteAuthentication": ["no", 1],
}


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in WRONG_TYPES.items() for value in values]
)
def test_a_wrong_value_names_its_field(http: httpx.Client, field: str, value: Any) -> None:
    """Types are strict, as the client's are."""
    content = json.dumps(_trunk(**{field: value}))
    message = _message(http.post(TRUNKS, content=content, headers={"Content-Type": "application/json"}))
    assert field in message or field == "type"


BAD_TEXTS = {
    "NUL": "a\x00b", "line feed": "a\nb", "carriage return": "a\r\nX-Injected: 1", "escape": "\x1b[31mred",
    "C1 control": "a\x85b",
    "right-to-left override": "abc\u202egnp", "isolate": "\u2066abc", "zero width space": "a\u200bb",
    "byte order mark": "\ufeffa", "line separator": "a\u2028b", "tag character": "a\U000e0041", "private use": "\ue000",
    "unassigned": "\U000e0fff", "zalgo": "a" + "\u0301" * 40, "soft hyphen": "a\u00adb", "only blanks": "\u3000\u2003",
}  # fmt: skip


@pytest.mark.parametrize("text", BAD_TEXTS.values(), ids=BAD_TEXTS)
def test_tricks_of_unicode_are_refused(http: httpx.Client, text: str) -> None:
    """In names, in addresses and in routes: nothing that cannot be read back, nothing that breaks out of a line."""
    assert "name" in _message(http.post(TRUNKS, json=_trunk(name=text)))
    address = {"name": "A", "street": text, "city": "B", "postCode": "1", "countryCode": "ABW"}
    assert "street" in _message(http.post(ADDRESSES, json=address))
    route = {"name": text, "destinations": [{"type": "ENDPOINT", "value": {"type": "PHONE"}}]}
    assert "name" in _message(http.post(ROUTES, json=route))
    assert 400 == http.get(TRUNKS, params={"name": text}).status_code or not text.strip()


def test_half_a_surrogate_pair_is_refused(http: httpx.Client) -> None:
    """JSON can spell what no UTF-8 text can hold."""
    body = json.dumps(_trunk()).replace('"T"', '"\\ud800"')
    _message(http.post(TRUNKS, content=body, headers={"Content-Type": "application/json"}))


@pytest.mark.parametrize("text", ["Zoë's PBX", "دفتر", "मुख्य कार्यालय", "東京", "👩‍💻 desk", "می‌خواهم", "a" * 128])
def test_names_of_the_world_are_taken(http: httpx.Client, text: str) -> None:
    """They come back as they were written, and are found by a part."""
    made = http.post(TRUNKS, json=_trunk(name=text)).json()
    assert text == http.get(f"{TRUNKS}/{made['id']}").json()["name"]
    assert 1 == http.get(TRUNKS, params={"name": text[1:5]}).json()["paging"]["totalResults"]


SQL = [
    "'; DROP TABLE trunks; --",
    "' OR '1'='1",
    "\\'; SELECT pg_sleep(10); --",
    "%' UNION SELECT * FROM api_keys --",
    "$1",
]


@pytest.mark.parametrize("text", SQL)
def test_sql_is_text(http: httpx.Client, text: str) -> None:
    """It is kept and found as a name, and finds nothing as an id."""
    made = http.post(TRUNKS, json=_trunk(name=text)).json()
    assert text == made["name"]
    assert [made["id"]] == [row["id"] for row in http.get(TRUNKS, params={"name": text}).json()["results"]]
    _message(http.get(f"{TRUNKS}/{httpx.URL('/').copy_with(path=text).raw_path.decode()[1:] or 'x'}"), 404)
    _message(http.post(TRUNKS, json=_trunk(billingPackage={"packageType": "METERED", "addressId": text})))


@pytest.mark.parametrize(
    "path", ["..%2f..%2fetc%2fpasswd", "%00", "a%0d%0aX-Injected:1", "%ff%fe", "x" * 5_000, "%E2%80%AE", "a b", "-"]
)
def test_an_id_that_is_none_finds_nothing(http: httpx.Client, path: str) -> None:
    """404 without a database that stumbles over it, and no header comes of it."""
    for base in (TRUNKS, ADDRESSES, ROUTES, "/operator-connect/1/trunks"):
        answer = http.get(f"{base}/{path}")
        assert answer.status_code in {404, 400}, answer.text
        assert "x-injected" not in answer.headers


@pytest.mark.parametrize(
    "query", ["page=-1", "page=x", "page=1e9", "page=99999999999999999999", "size=0", "size=101", "size=", "page=1.5"]
)
def test_a_bad_page_is_refused(http: httpx.Client, query: str) -> None:
    """Page from 0, size 1 to 100."""
    for base in (TRUNKS, ADDRESSES, ROUTES):
        assert query.partition("=")[0] in _message(http.get(f"{base}?{query}"))


@pytest.mark.parametrize(
    "header", ["", "App", "Basic dTpw", "Bearer x", "app key", "App \xfc", "App " + "k" * 9_000, "App a b"]
)
def test_a_bad_key_is_401(server: Server, header: str) -> None:
    """Whatever it looks like, and before the body is looked at."""
    with httpx.Client(base_url=server.url) as http:
        answer = http.post(TRUNKS, content=b"{", headers={"Authorization": header.encode("latin-1")})
        assert "WWW-Authenticate" in answer.headers
        _message(answer, 401)


def test_a_revoked_key_opens_nothing(server: Server, account: str) -> None:
    """A second later at most."""
    from pipeline.registry.store.keys import list_keys, revoke_key  # noqa: PLC0415 - used here only

    with server.http(account) as http:
        assert 200 == http.get(TRUNKS).status_code
        (key,) = list_keys(server.registry, account)
        revoke_key(server.registry, str(key["key_id"]))
        time.sleep(KNOWN_SECONDS)
        assert 401 == http.get(TRUNKS).status_code


@pytest.mark.parametrize(
    "pattern", ["(", "[a-", "(?=x)", "\\1", "(?P<n>a)(?P=n)", "a{1001}", "(a{500}){500}", "*", "a)|(b", "\\"]
)
def test_a_pattern_that_re2_does_not_take_is_refused(http: httpx.Client, pattern: str) -> None:
    """No look-ahead, no back reference: those are what makes a pattern take for ever."""
    phone = [{"type": "ENDPOINT", "value": {"type": "PHONE"}}]
    route = {"name": "R", "criteria": [{"to": pattern}], "destinations": phone}
    assert "criteria[0].to" in _message(http.post(ROUTES, json=route))


def test_a_pattern_that_explodes_elsewhere_is_quick_here(http: httpx.Client) -> None:
    """(a+)+$ takes 2^n steps where matching goes back and forth."""
    phone = [{"type": "ENDPOINT", "value": {"type": "PHONE"}}]
    route = {"name": "R", "criteria": [{"to": "(1+)+2"}], "destinations": phone}
    assert 201 == http.post(ROUTES, json=route).status_code
    call = {"to": "1" * 60, "endpoint": {"type": "PHONE", "from": "1"}}
    answer = http.post(f"{ROUTES}/simulate", json=call)
    assert 404 == answer.status_code
    assert answer.elapsed.total_seconds() < 5


@pytest.mark.parametrize(
    "header", [{"X-A\r\nX-B": "1"}, {"X-A": "1\r\nX-B: 2"}, {"Via": "x"}, {"X-A B": "1"}, {"X-\u00fc": "1"}]
)
def test_headers_cannot_be_injected_by_a_route(http: httpx.Client, header: dict[str, str]) -> None:
    """Custom headers of a SIP destination go into INVITEs."""
    trunk = http.post(TRUNKS, json=_trunk()).json()["id"]
    sip = {"type": "ENDPOINT", "value": {"type": "SIP", "sipTrunkId": trunk, "customHeaders": header}}
    assert "customHeaders" in _message(http.post(ROUTES, json={"name": "R", "destinations": [sip]}))


def test_routes_lead_to_own_trunks_only(server: Server, http: httpx.Client) -> None:
    """A foreign trunk and one that never was are the same."""
    with server.http("owner-of-a-trunk") as owner:
        foreign = owner.post(TRUNKS, json=_trunk()).json()["id"]
    for trunk_id in (foreign, "made-up"):
        sip = {"type": "ENDPOINT", "value": {"type": "SIP", "sipTrunkId": trunk_id}}
        assert "sipTrunkId" in _message(http.post(ROUTES, json={"name": "R", "destinations": [sip]}))


def test_paths_and_methods_that_are_not_there(http: httpx.Client) -> None:
    """404 and 405 in the same shape."""
    _message(http.get("/calls/2/sip-trunks"), 404)
    _message(http.patch(TRUNKS, json={}), 405)
    _message(http.request("TRACE", TRUNKS), 405)
