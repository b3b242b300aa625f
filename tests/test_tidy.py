"""The house rules that a machine can check: sizes, imports, money, leftovers."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("schemas", "rating", "pipeline")
MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
CORE_BANS = {
    "schemas": {"rating", "pipeline", "faust", "kafka", "aiokafka", "os", "pathlib", "time", "logging", "structlog"},
    "rating": {
        "pipeline",
        "faust",
        "kafka",
        "aiokafka",
        "os",
        "pathlib",
        "time",
        "logging",
        "structlog",
        "io",
        "random",
    },
}
LEFTOVERS = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "service", "handler", "misc"}


def _modules(*packages: str) -> list[Path]:
    return [path for package in packages or PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", _modules(), ids=_name)
def test_module_is_small(path: Path) -> None:
    """No module has more than 400 lines, no function more than 50 without its docstring."""
    text = path.read_text()
    assert text.count("\n") <= MODULE_LINES_MAX
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node, clean=False)
            lines = (node.end_lineno or 0) - node.lineno + 1 - (docstring.count("\n") + 1 if docstring else 0)
            assert lines <= FUNCTION_LINES_MAX, f"{_name(path)}:{node.lineno} {node.name} has {lines} lines"


@pytest.mark.parametrize("path", _modules("schemas", "rating"), ids=_name)
def test_core_is_pure(path: Path) -> None:
    """`schemas` and `rating` import nothing with effects, and never their users: schemas <- rating <- pipeline."""
    banned = CORE_BANS[path.relative_to(ROOT).parts[0]]
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        assert not {name.split(".")[0] for name in names} & banned, f"{_name(path)} imports {names}"


@pytest.mark.parametrize("path", _modules("schemas", "rating"), ids=_name)
def test_core_reads_no_clock(path: Path) -> None:
    """Time is an argument: nothing in the core asks for now or today."""
    calls = [node.func.attr for node in ast.walk(ast.parse(path.read_text()))
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]  # fmt: skip
    assert not {"now", "utcnow", "today"} & set(calls)


@pytest.mark.parametrize("path", _modules("schemas", "rating") + _modules("pipeline/billing"), ids=_name)
def test_no_float_near_money(path: Path) -> None:
    """The money path has no float literal, no float(), no float type and no true division of integers."""
    for node in ast.walk(ast.parse(path.read_text())):
        where = f"{_name(path)}:{getattr(node, 'lineno', 0)}"
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), f"float literal at {where}"
        assert not (isinstance(node, ast.Name) and node.id == "float"), f"float at {where}"
        assert not (isinstance(node, ast.Attribute) and node.attr in {"float64", "float32"}), f"float type at {where}"


@pytest.mark.parametrize("path", _modules(), ids=_name)
def test_names_say_what_a_thing_is(path: Path) -> None:
    """No module is called utils, manager, helper or the like, and nothing is left to do."""
    assert path.stem not in VAGUE_NAMES
    assert not LEFTOVERS.search(path.read_text())


def test_tests_are_at_least_as_long_as_the_code() -> None:
    """There is at least one line of test for each line of production code."""
    production = sum(path.read_text().count("\n") for path in _modules())
    tests = sum(path.read_text().count("\n") for path in (ROOT / "tests").rglob("*.py"))
    assert tests >= production, f"{tests} test lines for {production} production lines"


def test_no_machine_paths_are_committed() -> None:
    """Tracked text names no path of one developer's machine."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    for name in tracked:
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".yml", ".yaml", ".sql", ".typ"} and path.is_file():
            assert not re.search(r"/(home|root|Users)/\w+", path.read_text()), name
