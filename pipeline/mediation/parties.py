"""What a party field holds: display name, SIP or tel URI, parameters, digits (mediation.md H).

Only the form is taken apart here. Which E.164 number the digits mean is the dial plan's question.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

NUMBER_CHARACTERS_MAX = 40
"""A longer number makes the record TOO_LONG (R54)."""
FIELD_CHARACTERS_MAX = 1_024
"""A longer party field is not read at all."""

_NAME_ADDR = re.compile(r"^(?P<display>[^<]*)<(?P<uri>[^>]*)>?")
_SCHEME = re.compile(r"^(sips?|tel):", re.IGNORECASE)
_EXTENSION = re.compile(r"(?:\s*(?:ext\.?|x)\s*|;ext=)(\d{1,11})\s*$", re.IGNORECASE)
_TRUNK_ZERO = re.compile(r"\(0\)")
_SEPARATORS = re.compile(r"[\s().\-/]")
_NUMBER = re.compile(r"(?:[0-9][0-9*#]*\+[0-9]+|\+?[0-9*#]+)\Z")
_HISTORY_ENTRY = re.compile(r"[^,<]*<[^>]*>[^,]*")
_HISTORY_MARK, _CAUSE_MARK = "index=", "cause="
ANONYMOUS = frozenset({
    "", "anonymous", "restricted", "unavailable", "unknown", "private", "withheld",
    "0000000000", "+266696687", "266696687",
})  # fmt: skip


class Party(NamedTuple):
    """One party as its field gives it."""

    digits: str | None
    """`+` and digits, or what was dialled including `*`, `#` and a prefix before the plus; None: no number."""
    display: str | None = None
    is_anonymous: bool = False
    from_display: bool = False
    """The number stood only in the display name."""
    rn: str | None = None
    npdi: bool | None = None
    cic: str | None = None
    extension: str | None = None
    characters: int = 0
    """Length of the number as written."""


NOBODY = Party(None, is_anonymous=True)


def read_party(raw: str | None) -> Party:
    """Take a party field apart: a bare number, `user@host`, a URI, or a display name with a URI in `<>`."""
    if raw is None:
        return NOBODY
    if len(raw) > FIELD_CHARACTERS_MAX:
        return Party(None, characters=len(raw))
    text = plain_characters(raw).strip()
    named = _NAME_ADDR.match(text)
    display, address = (named["display"], named["uri"]) if named else ("", text)
    display = display.strip().strip("\"'").strip()
    user, parameters = _user_and_parameters(address.strip())
    return _party(user, parameters, display)


def diverting_entry(raw: str) -> str | None:
    """Who sent the call on: the first of a Diversion (RFC 5806), the last but one of a History-Info (RFC 7044).

    A History-Info of one entry names whom the call was for, unless it gives a cause: then that one was left.
    """
    if _HISTORY_MARK not in raw or len(raw) > FIELD_CHARACTERS_MAX:
        return raw
    entries = _HISTORY_ENTRY.findall(raw)
    if len(entries) > 1:
        return str(entries[-2])
    return raw if _CAUSE_MARK in raw else None


def plain_characters(text: str) -> str:
    """Full-width and other scripts' digits become 0 to 9, any dash `-`; invisible characters go (N31)."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_plain_character, unicodedata.normalize("NFKC", text)))


def _plain_character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Pd":
        return "-"
    return "" if category.startswith("C") else character


def _user_and_parameters(address: str) -> tuple[str, Mapping[str, str]]:
    """The user part and the parameters of RFC 3966 and RFC 4694, which stand on either side of the host."""
    scheme = _SCHEME.match(address)
    rest = address[scheme.end() :] if scheme else address
    user, at, host = rest.rpartition("@")
    if not at:
        if scheme and scheme[1].lower() != "tel":
            return "", {}
        user = rest
    number, *parameters = user.split(";")
    if at or scheme:
        number = unquote(number) if "%" in number else number
    return number.strip(), dict(_parameter(text) for text in [*parameters, *host.split(";")[1:]])


def _parameter(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip().lower(), value.strip()


def _party(user: str, parameters: Mapping[str, str], display: str) -> Party:
    if user.lower() in ANONYMOUS:
        return _without_user(user, display)
    extension = _EXTENSION.search(user)
    written = user[: extension.start()] if extension else user
    digits = _digits(written, parameters.get("phone-context", ""))
    return Party(
        digits,
        display or None,
        rn=_global_number(parameters.get("rn")),
        npdi=True if "npdi" in parameters else None,
        cic=_carrier_code(parameters.get("cic")),
        extension=extension[1] if extension else parameters.get("ext"),
        characters=len(_SEPARATORS.sub("", written)),
    )


def _without_user(user: str, display: str) -> Party:
    """No number in the address: one may stand in the display name (N14), else the caller is anonymous."""
    shown = _digits(display, "") if not user and len(display) <= NUMBER_CHARACTERS_MAX else None
    if shown and len(shown) >= len("+1234567"):
        return Party(shown, display, from_display=True, characters=len(shown))
    return Party(None, display or None, is_anonymous=True)


def _digits(written: str, context: str) -> str | None:
    """`+44 (0)20 7946-0123` -> `+442079460123`; None where something else than a number is left."""
    if written.lstrip().startswith("+"):
        written = _TRUNK_ZERO.sub("", written)
    number = _SEPARATORS.sub("", written)
    if not number.startswith("+") and context.startswith("+"):
        number = _SEPARATORS.sub("", context) + number
    return number if _NUMBER.match(number) and any(map(str.isdigit, number)) else None


def _global_number(text: str | None) -> str | None:
    return _digits(text, "") if text else None


def _carrier_code(text: str | None) -> str | None:
    """`+10288` is country code 1 and carrier 0288 (RFC 4694)."""
    if not text:
        return None
    return text[2:] if re.fullmatch(r"\+1\d{4}", text) else text.removeprefix("+")
