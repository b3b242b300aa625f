"""Party fields taken apart: display names, URIs, parameters, invisible characters."""

import pytest

from pipeline.mediation.parties import NOBODY, Party, plain_characters, read_party


@pytest.mark.parametrize(
    ("raw", "digits", "display"),
    [
        ("+442079460123", "+442079460123", None),
        ("1001", "1001", None),
        ("sip:+442079460123@198.51.100.1:5061;user=phone", "+442079460123", None),
        ("sips:+442079460123@h", "+442079460123", None),
        ("SIP:+442079460123@h", "+442079460123", None),
        ("<tel:+442079460123>", "+442079460123", None),
        ('"Jo Doe" <sip:1001@pbx.example>', "1001", "Jo Doe"),
        ("Jo Doe <sip:1001@pbx.example>", "1001", "Jo Doe"),
        ("'Jo' <sip:1001@pbx.example;transport=tcp>;tag=9", "1001", "Jo"),
        ("1001@pbx.example", "1001", None),
        ("<sip:1001@pbx.example", "1001", None),
        ("  1001  ", "1001", None),
        ("*43", "*43", None),
        ("#31#+12025550101", None, None),
        ("9991#+442079460123", "9991#+442079460123", None),
        ("9991+44+2079460123", None, None),
        ("9991#442079460123", "9991#442079460123", None),
        ("+1 (202) 555-0101", "+12025550101", None),
        ("202.555.0101", "2025550101", None),
        ("tel:+1/202/5550101", "+12025550101", None),
        ("+44(0)20 7946 0123", "+442079460123", None),
        ("44 (0)20 7946 0123", "4402079460123", None),
        ("alice", None, None),
        ("+", None, None),
        ("**", None, None),
        ("12-34-x", None, None),
    ],
)
def test_digits_and_display_name(raw: str, digits: str | None, display: str | None) -> None:
    """The number as dialled, with its plus, star and hash; None where something else is left."""
    party = read_party(raw)
    assert (digits, display) == (party.digits, party.display)


def test_no_field_is_nobody() -> None:
    """A missing field and an empty one are anonymous."""
    assert NOBODY == read_party(None)
    assert read_party("").is_anonymous


@pytest.mark.parametrize("raw", ["anonymous", "sip:Anonymous@anonymous.invalid", "<sip:restricted@h>", "0000000000"])
def test_anonymous(raw: str) -> None:
    """Words for nobody, in a URI or bare."""
    party = read_party(raw)
    assert (None, True) == (party.digits, party.is_anonymous)


def test_host_alone_is_no_party() -> None:
    """`sip:4.2.2.2:5060` has no user; the digits of the address are no number."""
    assert (None, True) == (read_party("<sip:4.2.2.2:5060>").digits, read_party("<sip:4.2.2.2:5060>").is_anonymous)


@pytest.mark.parametrize(
    ("raw", "digits"),
    [
        ("'12513001300'<sip:4.2.2.2:5060;user=phone>", "12513001300"),
        ('"+1 251 300 1300" <sip:4.2.2.2>', "+12513001300"),
        ('"1234567" <sip:4.2.2.2>', None),
        ('"Desk 12345678" <sip:4.2.2.2>', None),
        ('"12513001300" <sip:anonymous@h>', None),
    ],
)
def test_number_in_the_display_name(raw: str, digits: str | None) -> None:
    """Only where the address has no user at all, and only a number of at least eight characters (N14)."""
    party = read_party(raw)
    assert (digits, digits is not None) == (party.digits, party.from_display)


@pytest.mark.parametrize(
    ("raw", "digits", "extension"),
    [
        ("+44 7700 900123 ext 12", "+447700900123", "12"),
        ("+44 7700 900123 ext. 12", "+447700900123", "12"),
        ("+447700900123x12", "+447700900123", "12"),
        ("tel:+447700900123;ext=12", "+447700900123", "12"),
        ("+447700900123", "+447700900123", None),
    ],
)
def test_extension_is_kept_apart(raw: str, digits: str, extension: str | None) -> None:
    """Written in words, with an x, or as a parameter (N33)."""
    party = read_party(raw)
    assert (digits, extension) == (party.digits, party.extension)


def test_parameters_of_number_portability() -> None:
    """They stand in front of the host and behind it (RFC 4694)."""
    user = read_party("sip:+12025550101;rn=+12025559999;npdi;cic=+10288@c.example;user=phone")
    host = read_party("sip:+12025550101@c.example;rn=+12025559999;npdi")
    assert ("+12025559999", True, "0288") == (user.rn, user.npdi, user.cic)
    assert ("+12025559999", True) == (host.rn, host.npdi)


@pytest.mark.parametrize(("code", "kept"), [("+10288", "0288"), ("0288", "0288"), ("+443", "443"), ("", None)])
def test_carrier_code(code: str, kept: str | None) -> None:
    """Country 1 is taken off a code of four digits; other countries' codes stay."""
    assert kept == read_party(f"sip:+12025550101;cic={code}@h").cic


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("+4420794\uff160123", "+44207946" + "0123"),
        ("\u0661\u0662\u0663", "123"),
        ("\u202d+1 202\u20115550188\u202c", "+1 202-5550188"),
        ("+44\u00a020", "+44 20"),
        ("a\x00b\x07c", "abc"),
        ("J\u00f6rg", "J\u00f6rg"),
        ("plain", "plain"),
    ],
)
def test_plain_characters(raw: str, plain: str) -> None:
    """Other scripts' digits, dashes, direction marks, no-break blanks, controls (N31)."""
    assert plain == plain_characters(raw)


def test_length_of_the_number_is_counted_without_separators() -> None:
    """20 digits in pairs are 20 characters."""
    assert 20 == read_party("-".join(["12"] * 10)).characters


def test_endless_field_is_not_read() -> None:
    """Above 1024 characters only the length is told."""
    assert Party(None, characters=1_025) == read_party("1" * 1_025)
    assert "1" * 1_024 == read_party("1" * 1_024).digits


@pytest.mark.parametrize(
    "raw", ["<" * 1_000, "(" * 1_000, ";" * 1_000, "%" * 1_000, " " * 1_000, "x" * 1_000, "@" * 1_000]
)
def test_hostile_fields_are_read_quickly(raw: str) -> None:
    """No expression backtracks: a thousand of the same sign take no time (the test's timeout is the bound)."""
    for _ in range(100):
        read_party(raw + "9")
