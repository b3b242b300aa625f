"""The book of a folder: what is read, and how each kind of bad file is named."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.book import BookFileError, load_book
from pipeline.shipped import DATA
from schemas.reference import RateStatus
from tests.book.folders import ACCOUNTS, ADDRESSES, DECK, PLANS, TRUNKS, write_book


def _problems(folder: Path) -> list[str]:
    with pytest.raises(BookFileError) as error:
        load_book(folder)
    return [str(problem) for problem in error.value.problems]


def test_the_shipped_book_loads() -> None:
    """The example has four accounts, ten trunks, decks in both currencies, and all area codes of the report."""
    book = load_book(DATA / "book")
    assert 4 == len(book.accounts)
    assert 10 == len(book.trunks)
    assert {"us-outbound": "USD", "us-inbound": "USD", "eu-outbound": "EUR", "eu-inbound": "EUR"} == {
        name: deck.currency for name, deck in book.decks.items()
    }
    assert 488 == len(book.area_codes.codes)


def test_values_are_read_as_their_fields_ask(tmp_path: Path) -> None:
    """A post code and a fee stay text without quotes, a limit is a number, a time is in UTC."""
    book = load_book(write_book(tmp_path))
    trunk = book.trunks["front-desk"]
    assert "55401" == book.addresses["acme-hq"][0].post_code
    assert "0" == book.plans["metered"][0].channel_fee
    assert 10 == trunk.channel_limits[0].channel_limit
    assert datetime(2026, 1, 1, 6, tzinfo=UTC) == trunk.effective_from


def test_empty_cells_have_their_defaults(tmp_path: Path) -> None:
    """A blocked row has no rate, no fee and the usual increments."""
    blocked = load_book(write_book(tmp_path)).decks["us"].rates[1]
    assert (RateStatus.BLOCKED, None, "0", 60, 60) == (
        blocked.status, blocked.rate_per_minute, blocked.connection_fee, blocked.initial_seconds, blocked.next_seconds,
    )  # fmt: skip


def test_the_hash_does_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    """Two folders of the same rows are the same book."""
    header, first, second = DECK.splitlines()
    one = load_book(write_book(tmp_path / "one"))
    other = load_book(write_book(tmp_path / "other", deck="\n".join([header, second, first])))
    assert one.hash == other.hash


def test_a_folder_may_bring_its_own_area_codes(tmp_path: Path) -> None:
    """area_codes.csv of the folder takes the place of the shipped table."""
    write_book(tmp_path)
    (tmp_path / "area_codes.csv").write_text("area_code,number_class,country\n212,US_LOWER48_DC,US\n", encoding="utf-8")
    assert 1 == len(load_book(tmp_path).area_codes.codes)


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    """Files of spreadsheet programs begin with one."""
    write_book(tmp_path, deck="\ufeff" + DECK)
    assert 2 == len(load_book(tmp_path).decks["us"].rates)


@pytest.mark.parametrize(
    ("file", "text", "problem"),
    [
        ("plans", PLANS.replace("METERED", "FLAT"),
         "plans.yaml:2: package: found FLAT, expected one of METERED, UNLIMITED"),
        ("plans", PLANS + "  chanel_fee: 3\n",
         "plans.yaml:6: chanel_fee: found the unknown key chanel_fee, expected one of plan_id, package,"),
        ("plans", PLANS.replace("channel_fee: 0", "channel_fee: -1"),
         "plans.yaml:5: channel_fee: found -1, expected money in digits"),
        ("plans", PLANS.replace("channel_fee: 0", "channel_fee: 1e2"),
         "plans.yaml:5: channel_fee: found 1e2, expected money in digits"),
        ("plans", PLANS.replace("T00:00:00Z", ""),
         "plans.yaml:3: effective_from: found 2026-01-01, expected a time with its zone, such as 2026-01-01T00:00:00Z"),
        ("plans", PLANS.replace("2026-01-01T00:00:00Z", "1767225600"),
         "plans.yaml:3: effective_from: found 1767225600, expected a time with its zone"),
        ("plans", PLANS.replace("-01-01T", "-02-30T"),
         "plans.yaml:3: effective_from: found 2026-02-30T00:00:00Z, expected a time with its zone"),
        ("plans", PLANS + "  charge_decimals: six\n",
         "plans.yaml:6: charge_decimals: found six, expected a whole number"),
        ("plans", PLANS + "  charge_decimals: 12\n",
         "plans.yaml:6: charge_decimals: found 12, expected less than or equal to 9"),
        ("plans", PLANS.replace("outbound_deck: us", "outbound_deck: uk"),
         "plans.yaml:4: metered, outbound_deck: found uk, expected one of us"),
        ("plans", PLANS + "  package: METERED\n",
         "plans.yaml:6: package: found package a second time, expected each key once"),
        ("plans", PLANS + PLANS.replace("2026-01", "2026-02"),
         "plans.yaml:8: metered, effective_from: found 2026-02-01T00:00:00Z, expected the end of the version before"),
        ("accounts", "account_id: acme\n", "accounts.yaml:1: found something else than a list, expected a list of"),
        ("accounts", "- account_id: [acme\n", "accounts.yaml:2: found "),
        ("accounts", "- account_id: acme\n", "accounts.yaml:1: found no name, expected a value for name"),
        ("accounts", "- just text\n", "accounts.yaml:1: found just text, expected keys and values"),
        ("accounts", ACCOUNTS.replace("Chicago", "Springfield"),
         "accounts.yaml:3: acme, time_zone: found America/Springfield, expected a zone of the IANA database"),
        ("accounts", ACCOUNTS + ACCOUNTS,
         "accounts.yaml:4: acme, account_id: found acme a second time, expected each one once"),
        ("addresses", ADDRESSES.replace("country: US", "country: USA"),
         "addresses.yaml:8: country: found USA, expected a country of two capital letters"),
        ("trunks", TRUNKS.replace("channel_limit: 10", "channel_limit: 1001"),
         "trunks.yaml:11: channel_limits.0.channel_limit: found 1001, expected less than or equal to 1000"),
        ("trunks", TRUNKS.replace("channel_limit: 10", "chanels: 10"),
         "found the unknown key chanels, expected one of effective_from, channel_limit"),
        ("trunks", TRUNKS.replace("198.18.10.1", "10.0.0.1"),
         "trunks.yaml:12: front-desk, source_hosts: found 10.0.0.1, which lies in 10.0.0.0/8, expected a public"),
        ("trunks", TRUNKS.replace("  address_id: acme-hq\n", ""),
         "trunks.yaml:1: front-desk, address_id: found none, expected a service address"),
        ("deck", "", "decks/us.csv:1: found nothing, expected a header line of row_id, prefix"),
        ("deck", DECK.replace("prefix,", "code,"), "decks/us.csv:1: header: found code, expected one of row_id"),
        ("deck", DECK.replace("prefix,", "row_id,"), "decks/us.csv:1: header: found row_id a second time"),
        ("deck", DECK.replace("r1,1,", "r1,+1,"), "decks/us.csv:2: prefix: found +1, expected 1 to 15 digits"),
        ("deck", DECK.replace("0.0075", "0,0075"), "decks/us.csv:2: found 11 cells, expected 10"),
        ("deck", DECK.replace("0.0075", "free"), "decks/us.csv:2: rate_per_minute: found free, expected money"),
        ("deck", DECK.replace("0.0075", ""),
         "decks/us.csv:2: r1, rate_per_minute: found no rate for PRICED, expected a rate for PRICED, none"),
        ("deck", DECK.replace("0.0075,,6", "0.0075,,0"), "decks/us.csv:2: initial_seconds: found 0, expected"),
        ("deck", DECK.replace("United States", '"United States'), "decks/us.csv:3: found "),
        ("deck", DECK + "r3,1,Again,PRICED,0.01,,6,6,2026-05-01T00:00:00Z,\n",
         "decks/us.csv:4: r3, effective_from: found 2026-05-01T00:00:00Z, expected a start not before the end of row"),
        ("deck", DECK.replace("r2,", "r1,"), "decks/us.csv:3: r1, row_id: found r1 a second time"),
    ],
)  # fmt: skip
def test_each_kind_of_bad_file_is_named(tmp_path: Path, file: str, text: str, problem: str) -> None:
    """File, line, value and what was expected."""
    found = _problems(write_book(tmp_path, **{file: text}))
    assert any(problem in line for line in found), found


def test_all_problems_are_shown_at_once(tmp_path: Path) -> None:
    """A bad plan, a bad rate and an overlap in a deck are one message, in order of file and line."""
    rows = [f"{name},44,UK,PRICED,0.01,,6,6,2026-0{month}-01T00:00:00Z,\n" for name, month in (("r3", 1), ("r4", 3))]
    deck = DECK.replace("0.0075", "free") + "".join(rows)
    found = _problems(write_book(tmp_path, plans=PLANS.replace("METERED", "FLAT"), deck=deck))
    assert ["decks/us.csv:2", "decks/us.csv:5", "plans.yaml:2"] == [line.partition(": ")[0] for line in found]


def test_a_refused_row_is_not_missed_by_others(tmp_path: Path) -> None:
    """The plan of a trunk that could not be read is reported once, not again for each trunk that names it."""
    assert 1 == len(_problems(write_book(tmp_path, plans=PLANS.replace("METERED", "FLAT"))))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A book without trunks has an empty trunks.yaml."""
    write_book(tmp_path)
    (tmp_path / "trunks.yaml").unlink()
    assert [f"trunks.yaml:1: found no file, expected {tmp_path}/trunks.yaml; it may be empty"] == _problems(tmp_path)
    (tmp_path / "trunks.yaml").touch()
    assert {} == load_book(tmp_path).trunks


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """The message says which files make a book."""
    (problem,) = _problems(tmp_path / "nowhere")
    assert "found no folder, expected a folder with accounts.yaml, addresses.yaml, plans.yaml, trunks.yaml" in problem


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    """Latin-1 and binary files are no UTF-8."""
    write_book(tmp_path)
    (tmp_path / "accounts.yaml").write_bytes(ACCOUNTS.replace("Acme", "M\xfcller").encode("latin-1"))
    assert ["accounts.yaml:2: found byte 0xfc, expected UTF-8 text"] == _problems(tmp_path)


def test_a_deck_header_is_checked(tmp_path: Path) -> None:
    """Its currency is three capital letters, and it fits the plans that use the deck."""
    write_book(tmp_path)
    header = tmp_path / "decks" / "us.yaml"
    header.write_text("currency: euro\n", encoding="utf-8")
    (problem,) = _problems(tmp_path)
    assert "decks/us.yaml:1: currency: found euro, expected a currency of three capital letters" in problem
    header.write_text("currency: EUR\n", encoding="utf-8")
    assert ["plans.yaml:4: metered, outbound_deck: found us in EUR, expected a deck in USD, the currency of the plan"
            ] == _problems(tmp_path)  # fmt: skip
    header.write_text("", encoding="utf-8")
    assert ["decks/us.yaml:1: found nothing, expected the keys currency, description"] == _problems(tmp_path)
