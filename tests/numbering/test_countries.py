"""Countries outside +1, above all those that share a calling code."""

import pytest

from rating.numbering.countries import MAIN_COUNTRY, SMALL_COUNTRIES, country_of


@pytest.mark.parametrize(
    ("digits", "country"),
    [
        ("442079460018", "GB"),
        ("441534456789", "JE"),  # Jersey
        ("447797123456", "JE"),
        ("441624756789", "IM"),  # Isle of Man
        ("447624123456", "IM"),
        ("441481960194", "GG"),  # Guernsey
        ("74951234567", "RU"),
        ("77123456789", "KZ"),  # Kazakhstan
        ("390669812345", "VA"),  # Vatican City
        ("390612345678", "IT"),
        ("4721234567", "NO"),
        ("4779123456", "SJ"),  # Svalbard
        ("61212345678", "AU"),
        ("61891641234", "CX"),  # Christmas Island
        ("61891621234", "CC"),  # Cocos Islands
        ("59994351234", "CW"),
        ("5997151234", "BQ"),  # Bonaire
        ("358181234567", "AX"),  # Aland
        ("358131234567", "FI"),
        ("262262161234", "RE"),
        ("262269601234", "YT"),  # Mayotte
        ("212520123456", "MA"),
        ("212528812345", "MA"),  # Western Sahara has numbers of the numbering of Morocco
        ("590590201234", "GP"),
    ],
)
def test_countries_of_one_calling_code(digits: str, country: str) -> None:
    """Examples of libphonenumber for both countries."""
    assert country == country_of(digits)


@pytest.mark.parametrize("digits", ["449999999999", "4400000000", "71111111111", "61000000000"])
def test_a_number_of_nobody_belongs_to_the_large_country(digits: str) -> None:
    """It fits no numbering, and still it goes there: the country is for reports."""
    assert MAIN_COUNTRY[int(digits[:2]) if digits[:1] != "7" else 7] == country_of(digits)


@pytest.mark.parametrize("code", [210, 999, 214, 259, 384])
def test_codes_that_are_not_assigned(code: int) -> None:
    """No country, and so no price."""
    assert country_of(f"{code}1234567") is None
    assert code not in MAIN_COUNTRY


def test_no_calling_code_begins_another() -> None:
    """So the first digits decide, whatever their count."""
    codes = [str(code) for code in MAIN_COUNTRY]
    assert not [(short, long) for short in codes for long in codes if short != long and long.startswith(short)]


def test_plus_one_has_its_own_table() -> None:
    """The area codes decide there, and libphonenumber is not asked."""
    assert 1 not in MAIN_COUNTRY
    assert 1 not in SMALL_COUNTRIES


def test_patterns_are_of_whole_numbers() -> None:
    """Each begins with the calling code."""
    for code, countries in SMALL_COUNTRIES.items():
        for small in countries:
            assert small.pattern.startswith(f"^{code}")
            assert small.main_pattern.startswith(f"^{code}")
