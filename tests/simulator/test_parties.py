"""Who calls whom, as trunks dial it."""

import re
from collections import Counter

import numpy as np
import pytest

from pipeline.simulator.parties import Kind, Parties, Party
from pipeline.simulator.world import World
from tests.simulator.runs import a_world, example_reference

DRAWS = 40_000


@pytest.fixture(scope="module")
def world() -> World:
    """The example book."""
    return a_world()


def _called(world: World, trunk_id: str) -> list[Party]:
    """Numbers that a trunk dials, as often as it dials them."""
    number = [trunk.trunk_id for trunk in world.trunks].index(trunk_id)
    shares = (np.arange(DRAWS) + 0.5) / DRAWS
    return [world.parties.table[at] for at in world.parties.destinations[number].draw(shares)]


@pytest.mark.parametrize(
    ("trunk_id", "forms"),
    [
        ("heron-dispatch", r"\+[1-9]\d{6,14}|911|411"),
        ("acme-front-desk", r"1?[2-9]\d{9}|011\d{7,15}|\+\d{7,15}|911|411"),
        ("delta-berlin", r"00\d{7,15}|\+\d{7,15}|112"),
    ],
)
def test_a_trunk_dials_in_its_own_number_format(world: World, trunk_id: str, forms: str):
    """E.164, the US national form, the international one."""
    for party in _called(world, trunk_id):
        assert re.fullmatch(forms, party.text), party


def test_what_is_dialled_means_the_digits(world: World):
    """The text ends with the digits, less a leading 1 where the trunk leaves it out."""
    for party in world.parties.table:
        if party.kind is Kind.BY_DECK and len(party.digits) > 4:
            written = re.sub(r"\D", "", party.text)
            assert written.endswith(party.digits) or party.digits == f"1{written}", party


def test_special_numbers_have_their_shares(world: World):
    """5 % toll-free, 0.5 % premium, 0.1 % emergency, 0.2 % directory."""
    called = _called(world, "heron-dispatch")
    kinds = Counter(party.kind for party in called)
    toll_free = sum(
        party.digits.startswith(("1800", "1833", "1844", "1855", "1866", "1877", "1888")) for party in called
    )
    directory = sum(party.digits == "1411" for party in called)
    found = [count / DRAWS for count in (toll_free, kinds[Kind.BLOCKED_CLASS], kinds[Kind.FREE], directory)]
    assert [0.05, 0.005, 0.001, 0.002] == pytest.approx(found, abs=0.0005)


def test_the_first_rows_of_a_deck_are_dialled_most(world: World):
    """Zipf: the first row has twice the calls of the second and three times those of the third."""
    called = Counter(party.digits[:4] for party in _called(world, "heron-dispatch"))
    hawaii, alaska = called["1808"], called["1907"]
    assert alaska / hawaii == pytest.approx(3 / 2, rel=0.05)


def test_every_row_of_a_deck_is_dialled(world: World):
    """Blocked and unpriced ones too."""
    reference = example_reference()
    deck = next(deck for deck in reference.decks if deck.deck_id == "us-outbound")
    numbers = {party.digits for at in range(len(world.trunks)) for party in
               (world.parties.table[number] for number in world.parties.destinations[at].parties)}  # fmt: skip
    for rate in deck.rates:
        assert any(number.startswith(rate.prefix) for number in numbers), rate.prefix


def test_nobody_dials_a_number_of_a_customer(world: World):
    """From its own number to its own number: nobody could tell the direction of such a call."""
    trunks = world.reference.trunks
    customers = {did for trunk in trunks for did in trunk.dids}
    assert customers
    for destinations in world.parties.destinations:
        called = {f"+{world.parties.table[position].digits}" for position in destinations.parties}
        assert not called & customers


def test_calls_come_in_for_the_numbers_of_the_trunk(world: World):
    """Each of its DIDs, and no other."""
    for trunk, choice in zip(world.trunks, world.parties.dids, strict=True):
        assert set(trunk.dids) == {world.parties.table[at].text for at in choice.parties}


def test_unreadable_and_unassigned_numbers_are_what_they_are_called(world: World):
    """No number of a run that is out of service has an area code of the book."""
    codes = {code.area_code for code in example_reference().area_codes}
    parties = [world.parties.table[at] for at in world.parties.out_of_service.parties]
    assert not codes & {party.digits[1:4] for party in parties}
    assert {Kind.NOT_IN_SERVICE} == {party.kind for party in parties}
    assert 42 == len(world.parties.table[world.parties.too_long.parties[0]].text)


def test_a_party_is_kept_once():
    """However many trunks dial it."""
    table = Parties(example_reference()).table
    assert len(table) == len(set(table))


def test_a_draw_follows_the_weights(world: World):
    """Share 0 is the first party, a share just below 1 the last."""
    choice = world.parties.callers
    drawn = choice.draw(np.array([0.0, 1.0 - 1e-12, 1.0]))
    assert [choice.parties[0], choice.parties[-1], choice.parties[-1]] == drawn.tolist()
