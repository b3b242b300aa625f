"""The Python of docs/rating.md runs as printed, and its lists are those of the code."""

import re
from pathlib import Path

import pytest

from rating.rules import Rule
from schemas.outcomes import RejectReason

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "rating.md").read_text()
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("code", BLOCKS, ids=lambda code: code.splitlines()[-1])
def test_the_python_of_the_page_runs(code, monkeypatch):
    """From a folder that holds `data/`, as a user's; each block asserts what the page says."""
    monkeypatch.chdir(ROOT)
    exec(compile(code, "docs/rating.md", "exec"), {})  # noqa: S102 - the page is ours


def test_every_reason_of_rating_is_on_the_page():
    """From the customer to the charge, in the order of the closed list."""
    listed = list(RejectReason)
    of_rating = listed[listed.index(RejectReason.UNKNOWN_TRUNK) : listed.index(RejectReason.CHARGE_OVERFLOW) + 1]
    assert [] == [reason for reason in of_rating if reason not in PAGE]


def test_every_rule_says_what_it_decided():
    """A sentence for each, and a name of two parts that sorts under its step."""
    assert [] == [rule for rule in Rule if not rule.text.endswith(".")]
    assert [] == [rule for rule in Rule if not re.fullmatch(r"[a-z]+\.[a-z]+", rule)]
