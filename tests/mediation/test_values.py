"""Single values: what decides money is read strictly, figures for reports leniently (R44)."""

import pytest

from pipeline.mediation.draft import Unreadable, shown
from pipeline.mediation.media import loss_pct_x100
from pipeline.mediation.values import figure, mos_x100, r_factor, sip_status, text_or_none, whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("306", 306), (" 42 ", 42), ("-6", -6), ("0016", 16), (16, 16), ("", None), (None, None),
     ("999999999999999999", 999_999_999_999_999_999)],
)  # fmt: skip
def test_whole_numbers(text: str | int | None, number: int | None) -> None:
    """Digits with or without a sign, at most 18 of them; nothing is None."""
    assert number == whole_number("billsec", text)


@pytest.mark.parametrize(
    "text", ["1.5", "1e3", "0x10", "1,000", "1_000", "ten", "--1", "+1", "1 0", "\u0661", "9" * 19, "NaN", " "]
)
def test_what_is_no_whole_number_makes_the_record_unreadable(text: str) -> None:
    """A duration that cannot be read is never taken for 0: the message names field and value."""
    with pytest.raises(Unreadable, match=r"billsec is .*, expected a whole number"):
        whole_number("billsec", text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", 0), ("42", 42), ("41.5", 42), ("41.4", 41), (" 7 ", 7), (12.5, 13), ("2147483647", 2_147_483_647),
        ("2147483648", None), ("-1", None), ("4294967295", None), ("-5", None), ("", None), (None, None),
        ("n/a", None), ("inf", None), ("nan", None), ("1e400", None), ("1e2", 100),
    ],
)  # fmt: skip
def test_figures(value: str | float | None, expected: int | None) -> None:
    """-1 and 4294967295 mean not available; a fraction rounds half up; what is no number is None."""
    assert expected == figure(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("4.50", 450), ("4.123", 412), ("4.125", 413), ("5", 500), (3.5, 350), ("42", 420), ("41.5", 415),
        ("412", 412), ("7", None), ("99", None), ("127", None), ("0", None), ("0.00", None), ("-1", None),
        ("501", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_mean_opinion_score(value: str | float | None, expected: int | None) -> None:
    """4.50, 45 (AudioCodes) and 450 (Oracle) are one score; the scale is 1 to 5; 127 is not available (R44)."""
    assert expected == mos_x100(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("93", 93), ("93.4", 93), ("93.5", 94), ("9320", 93), ("9350", 94), ("100", 100), ("127", None), ("0", None),
     ("10001", None), ("-1", None), ("", None)],
)  # fmt: skip
def test_r_factor(value: str, expected: int | None) -> None:
    """0 to 100; integers above are times 100 (Oracle); 127 is not available."""
    assert expected == r_factor(value)


@pytest.mark.parametrize(
    ("value", "expected"), [("200", 200), ("486", 486), (100, 100), (699, 699), ("99", None), ("700", None),
                            ("BYE", None), ("", None), (None, None), ("-1", None)],
)  # fmt: skip
def test_sip_status(value: str | int | None, expected: int | None) -> None:
    """100 to 699; a method or a vendor's value is no status."""
    assert expected == sip_status(value)


@pytest.mark.parametrize(
    ("lost", "received", "expected"),
    [(0, 129, 0), (10, 4_990, 20), (1, 1, 5_000), (1, 0, 10_000), (1, 2, 3_333), (2, 1, 6_667), (1, 19_999, 1),
     (0, 0, None), (None, 10, None), (10, None, None)],
)  # fmt: skip
def test_loss(lost: int | None, received: int | None, expected: int | None) -> None:
    """10 lost and 4990 received of 5000 are 0.20 %; half a hundredth rounds up; without packets there is no share."""
    assert expected == loss_pct_x100(lost, received)


def test_unknown_is_none() -> None:
    """An empty text is unknown, never an empty value."""
    assert (None, None, "0", " ") == tuple(map(text_or_none, ("", None, "0", " ")))


def test_values_in_messages_are_one_printable_line() -> None:
    """A value that an attacker writes cannot forge a second line of a log, or move a cursor."""
    text = shown("evil\nERROR: all is lost\x1b[2J\u202e")
    assert text.isprintable()
    assert "\\n" in text
    assert "\\x1b" in text


def test_values_in_messages_are_short() -> None:
    """80 characters and three points, whatever the record holds."""
    assert 83 == len(shown("x" * 100_000))
