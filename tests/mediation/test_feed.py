"""The settings of a source: checked once, and every mistake is told with what is known."""

import pytest

from pipeline.mediation.feed import BadSource, FeedOptions, customer_side, feed_of
from pipeline.mediation.formats.ribbon_act import RibbonOptions
from schemas.cdr import Direction
from tests.mediation.feeds import a_source


def test_zone_and_options() -> None:
    """A source with a zone and an option of its format."""
    feed = feed_of(a_source("ribbon_act", "Europe/Berlin", observes_dst=True), RibbonOptions)
    assert ("Europe/Berlin", True) == (str(feed.zone), feed.options.observes_dst)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"observe_dst": True}, "observe_dst"),
        ({"direction": "SIDEWAYS"}, "direction"),
        ({"customer_group": "("}, "not a regular expression"),
    ],
    ids=["misspelt option", "unknown value", "broken expression"],
)
def test_wrong_options_are_told(options: dict[str, object], said: str) -> None:
    """The message names the source, the format, the mistake and the options that there are."""
    with pytest.raises(BadSource) as caught:
        feed_of(a_source("ribbon_act", **options), RibbonOptions)
    text = str(caught.value)
    assert all(part in text for part in ("'feed'", "ribbon_act", said, "Known: ", "observes_dst"))


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../../etc/passwd", "", "PST8PDT8", "/etc/localtime"])
def test_unknown_zone_is_told(zone: str) -> None:
    """A zone that is none, or a path, says which source to correct and how."""
    with pytest.raises(BadSource, match="Write an IANA name, such as America/New_York"):
        feed_of(a_source("native_json", zone), FeedOptions)


@pytest.mark.parametrize(
    ("ingress", "egress", "direction", "trunk"),
    [
        (["CUST-1001"], ["CARRIER-A"], Direction.OUTBOUND, "1001"),
        (["CARRIER-A"], ["CUST-1001"], Direction.INBOUND, "1001"),
        (["CUST-1001"], ["CUST-2002"], Direction.OUTBOUND, "1001"),
        ([None, "CUST-7"], [], Direction.OUTBOUND, "7"),
        (["CARRIER-A"], ["CARRIER-B"], None, None),
        ([], [], None, None),
    ],
)
def test_side_of_the_customer(
    ingress: list[str | None], egress: list[str | None], direction: Direction | None, trunk: str | None
) -> None:
    """A call from the customer's group is OUTBOUND, to it INBOUND; the group in the expression is the trunk."""
    options = FeedOptions(customer_group=r"^CUST-(\d+)$")
    assert (direction, trunk) == customer_side(options, ingress, egress)


def test_expression_without_a_group_names_no_trunk() -> None:
    """It tells the direction only."""
    assert (Direction.INBOUND, None) == customer_side(FeedOptions(customer_group="^CUST"), ["PSTN"], ["CUST-1"])


def test_direction_of_the_feed_wins() -> None:
    """A feed of one direction says it, and the group still names the trunk."""
    options = FeedOptions(customer_group=r"^CUST-(\d+)$", direction=Direction.FORWARD)
    assert (Direction.FORWARD, "1") == customer_side(options, ["CUST-1"], [])
    assert (Direction.FORWARD, None) == customer_side(options, ["PSTN"], [])
