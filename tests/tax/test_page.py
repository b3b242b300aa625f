"""The Python of docs/tax.md runs as printed."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_the_python_of_the_page_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """From a folder that holds `data/`, as a user's; the total on the page is right.

    250.00 for channels, of which 162.25 interstate, and 7.35 printed for interstate calls: 169.60 x 0.37 = 62.752, so
    62.75. 911 in Chicago for ten channels 50.00. The example provider is not registered in Illinois. In all 112.75.
    """
    monkeypatch.chdir(ROOT)
    (code,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / "tax.md").read_text(), re.DOTALL | re.MULTILINE)
    exec(compile(code, "docs/tax.md", "exec"), {})  # noqa: S102 - the page is ours
