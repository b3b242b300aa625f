"""Documentation that runs: every `sh` block of the README and of docs/ is executed, page by page, in one shell."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def _script(page: Path) -> str:
    """The page's commands, less the two that are this test suite itself and the demo, which tests/demo runs."""
    lines = "\n".join(BLOCK.findall(page.read_text())).splitlines()
    return "\n".join(line for line in lines if not re.match(r"(git clone|cd trunkline|make )", line))


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A folder as a user's: the shipped data at hand, nothing else."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    return tmp_path


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("page", [page for page in PAGES if _script(page).strip()], ids=lambda page: page.name)
def test_commands_of_the_page_work(page: Path, workspace: Path) -> None:
    """Each command of the page ends with success, in the order of the page."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", _script(page)],
        cwd=workspace, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, f"{page.name}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """A relative link of a page names a file that exists."""
    for target in LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_make_targets_of_the_readme_exist() -> None:
    """Every `make` target that the README names is in the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z-]+)", (ROOT / "README.md").read_text()))
    assert not named - targets


def test_ci_runs_the_command_of_the_readme() -> None:
    """CI proves `make test`, the command that the README gives."""
    assert "make test" in (ROOT / ".ci" / "run").read_text()
