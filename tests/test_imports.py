"""The architecture, held by tests: which way imports go, what is pure, who writes which table, how long things may get.

A list below is a decision with its reason. Adding to one is a change of the architecture, to be seen by a reviewer.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import dispatch
import schemas
from dispatch.database.migrate import FOLDER as MIGRATIONS
from dispatch.database.queries import parse

ROOT = Path(dispatch.__file__).parent
SCHEMAS = Path(schemas.__file__).parent

# Folders that are no slices: what everything stands on, and what drives the whole from outside.
FOUNDATIONS = {"database", "geo", "identity"}
DRIVERS = {"commands", "demo", "replay", "web"}
SLICES = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()} - FOUNDATIONS - DRIVERS

# What a slice may stand on, as `folder` or `folder.module`. Identity's routes and statements are its own.
UNDER_SLICES = {
    "audit.writing", "database", "geo", "identity.address", "identity.caller", "identity.rules", "identity.secrets",
    "dependencies", "noting", "problems", "qr", "reasons", "settings", "spellings", "tables", "uploads", "workbooks",
}  # fmt: skip

# What each foundation may stand on besides itself.
UNDER_FOUNDATIONS = {
    "database": {"problems"},
    "geo": set[str](),
    "identity": {"database", "dependencies", "noting", "problems", "qr", "settings"},
}

# Modules other slices may use besides `rules`: figures and forms of thought without clock, chance or connection.
PURE = {
    "allocation.assignment", "allocation.exchanges", "allocation.floors", "allocation.plan", "allocation.regrouping",
    "allocation.risk_weights", "allocation.splits", "allocation.transport", "allocation.water_filling",
    "coverage.estimate", "coverage.evidence", "coverage.intervals", "coverage.plan_curve", "coverage.posterior",
    "coverage.reach", "coverage.zone_grid",
    "stock.cursors", "stock.ledger_csv", "stock.moves",
    "zones.features",
}  # fmt: skip

# Who reads or sets the environment, besides commands and the settings themselves.
ENVIRONMENT = {
    "web/hatch_build.py": "hands npm its surroundings while the package is built; no part of the running product",
    "__main__.py": "sets PYTHONUTF8 before the interpreter's children start",
    "database/embedded.py": "tells the wheel of the embedded server where its lock file may lie",
}

# (table, slice) that writes beside the owner, which writes the rest.
ALSO_WRITTEN_BY = {
    ("rider", "privacy"): "erasing takes the name out wherever it stands, in one transaction",
    ("handout", "retention"): "single records go when their campaign's time is over; their sums stay",
    ("visit", "retention"): "single records go when their campaign's time is over; their sums stay",
    ("handout_refused", "retention"): "they go with the records they did not become",
    ("session", "retention"): "what has ended goes",
    ("sign_in_attempt", "retention"): "what is long over goes",
    ("rate_bucket", "retention"): "what is long over goes",
    ("session", "privacy"): "erasing ends every sign-in in the same transaction",
    ("review_flag", "privacy"): "erasing takes the rider's own words out",
    ("handout_refused", "privacy"): "erasing takes out what a phone sent and nobody could read",
    (
        "stock_balance",
        "handouts",
    ): "only a constraint on this one row promises that nobody hands out what he does not hold",
}
# What everybody may do to a campaign: raise its revision, which tells the pages that something of it changed.
TOUCH = ("campaign", re.compile(r"revision = (\w+\.)?revision \+ 1"))

LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}
LINES_OF_A_FILE, LINES_OF_A_FUNCTION = 400, 60


class Import(NamedTuple):
    """`place` imports `module` (dotted, without `dispatch.`)."""

    place: str
    module: str


def python_files(root: Path = ROOT) -> list[Path]:
    return sorted(path for path in root.rglob("*.py") if "node_modules" not in path.parts)


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT.parent)}:{getattr(node, 'lineno', 1)}"


def is_module(dotted: str) -> bool:
    path = ROOT.joinpath(*dotted.split("."))
    return path.is_dir() or path.with_suffix(".py").exists()


def imports_of(path: Path) -> Iterator[Import]:
    """Everything of the product a file imports; `from dispatch.x import y` is x.y where y is a module."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "dispatch":
                    yield Import(place(path, node), alias.name.partition(".")[2])
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "dispatch":
            assert node.level == 0, f"{place(path, node)}: write the whole name"
            parent = (node.module or "").partition(".")[2]
            for alias in node.names:
                inner = f"{parent}.{alias.name}".lstrip(".")
                yield Import(place(path, node), inner if is_module(inner) else parent)


def matches(module: str, allowed: set[str]) -> bool:
    """Whether the module is on the list, or lies in a folder that is."""
    return any(module == entry or module.startswith(f"{entry}.") for entry in allowed)


def strays(folder: str, allowed: set[str]) -> list[str]:
    """Imports of a folder's files that lead neither into the folder nor to what is allowed."""
    return [
        f"{found.place} imports {found.module}"
        for path in python_files(ROOT / folder)
        for found in imports_of(path)
        if not matches(found.module, allowed | {folder})
    ]


def test_the_slices_are_found() -> None:
    assert {"handouts", "zones", "campaigns", "stock"} <= SLICES


@pytest.mark.parametrize("folder", sorted(SLICES))
def test_a_slice_uses_the_foundations_and_what_is_pure_in_other_slices(folder: str) -> None:
    others = {f"{other}.rules" for other in SLICES}
    assert strays(folder, UNDER_SLICES | PURE | others) == []


@pytest.mark.parametrize("folder", sorted(FOUNDATIONS))
def test_a_foundation_knows_nothing_of_the_slices(folder: str) -> None:
    assert strays(folder, UNDER_FOUNDATIONS[folder]) == []


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("problems.py", set[str]()),
        ("qr.py", set[str]()),
        ("noting.py", set[str]()),
        ("settings.py", set[str]()),
        ("logs.py", set[str]()),
        ("spellings.py", {"problems"}),
        ("tables.py", {"problems", "reasons", "spellings", "workbooks"}),
        ("workbooks.py", set[str]()),
        ("reasons.py", set[str]()),
        ("uploads.py", {"problems", "tables", "workbooks", "identity.caller"}),
        ("catalogue.py", {"problems"}),
        ("dependencies.py", {"database", "identity.caller", "settings", "problems"}),
        (
            "routes.py",
            {
                "catalogue",
                "identity.routes",
                *(f"{slice_}.routes" for slice_ in SLICES),
                "coverage.map_routes",
                "stock.waybills",
                "web.routes",
            },
        ),
    ],
)
def test_a_module_at_the_top_stands_on_little(module: str, allowed: set[str]) -> None:
    found = [
        f"{entry.place} imports {entry.module}"
        for entry in imports_of(ROOT / module)
        if not matches(entry.module, allowed)
    ]
    assert found == []


def test_only_drivers_import_drivers() -> None:
    found = [
        f"{entry.place} imports {entry.module}"
        for path in python_files()
        if path.relative_to(ROOT).parts[0] not in DRIVERS | {"__main__.py"}
        for entry in imports_of(path)
        # The list of all routes names those of the pages; the pages drive the product as the commands do.
        if matches(entry.module, DRIVERS) and not (path == ROOT / "routes.py" and entry.module == "web.routes")
    ]
    assert found == []


def test_the_wire_contract_imports_nothing_of_the_product() -> None:
    assert [entry for path in python_files(SCHEMAS) for entry in imports_of(path)] == []


# ---- purity

_IMPURE_MODULES = {
    "asyncio", "asyncpg", "concurrent", "ftplib", "glob", "http", "httpx", "logging", "multiprocessing", "os", "pathlib", "random",
    "secrets", "shutil", "socket", "sqlite3", "subprocess", "sys", "tempfile", "threading", "time", "urllib",
}  # fmt: skip
_IMPURE_CALLS = re.compile(
    r"(^|\.)(now|utcnow|today|uuid1|uuid4|print|open|input|getenv|urandom|beside)$|(^|\.)random\.(?!Generator|default_rng)\w+$"
)
# With a seed or entropy given, these make the same thing each time; without, chance is called in.
_SEEDED = {"new_id": 2, "default_rng": 1}


def impurities(path: Path) -> list[str]:
    """What a file has of clock, chance, connection, files or logging."""
    found: list[str] = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
            found.append(f"{place(path, node)}: waits for something")
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            found += [f"{place(path, node)}: imports {name}" for name in names if name.split(".")[0] in _IMPURE_MODULES]
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            wanted = _SEEDED.get(called.rpartition(".")[2], 0)
            if len(node.args) + len(node.keywords) < wanted or _IMPURE_CALLS.search(called):
                found.append(f"{place(path, node)}: calls {called}")
    return found


@pytest.mark.parametrize("path", sorted(ROOT.glob("*/rules.py")), ids=lambda path: path.parent.name)
def test_rules_have_no_clock_no_chance_and_no_connection(path: Path) -> None:
    assert impurities(path) == []


@pytest.mark.parametrize("module", sorted(PURE))
def test_a_module_shared_between_slices_is_pure(module: str) -> None:
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    assert path.exists(), f"{module} is gone: take it off the list"
    assert impurities(path) == []


@pytest.mark.parametrize("path", python_files(ROOT / "geo"), ids=lambda path: path.stem)
def test_geography_is_pure(path: Path) -> None:
    assert impurities(path) == []


@pytest.mark.parametrize("path", python_files(SCHEMAS), ids=lambda path: path.stem)
def test_the_wire_contract_is_pure(path: Path) -> None:
    assert impurities(path) == []


def test_only_commands_read_the_environment() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): place(path, node)
        for path in python_files()
        if path.relative_to(ROOT).parts[0] != "commands"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute)
        and ast.unparse(node) in {"os.environ", "os.getenv", "os.environb", "os.putenv"}
    }
    assert {file: where for file, where in found.items() if file not in ENVIRONMENT} == {}, "pass a setting instead"
    assert set(ENVIRONMENT) <= set(found), "no longer needed: take it off the list"


def test_only_the_application_reads_the_clock() -> None:
    """Everything else gets `now`: at one instant per request, and at any instant in a test."""
    found = {
        path.relative_to(ROOT).as_posix()
        for path in python_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and re.search(r"\b(datetime|date)\.(now|utcnow|today)$|^time\.time$", ast.unparse(node.func))
    }
    assert found <= {"app.py"}, "take `now` as a parameter"


# ---- who writes which table

_WRITES = re.compile(
    r"\b(?:insert\s+into|delete\s+from|merge\s+into|truncate)\s+(\w+)|(?<!for )(?<!do )\bupdate\s+(?:only\s+)?(\w+)(?:\s+(?:as\s+)?\w+)?\s+set\s+"
    r"(.*?)(?=\s+where\b|\s+from\b|\s+returning\b|;|$)",
    re.IGNORECASE,
)


def code_of(statement: str) -> str:
    """The statement without comments, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"--[^\n]*", " ", statement))


def writers() -> dict[str, dict[str, set[str]]]:
    """{table: {folder: statements}} of every write in a queries.sql; raising a campaign's revision is left out."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in sorted(ROOT.rglob("queries.sql")):
        folder = path.parent.relative_to(ROOT).parts[0]
        if folder in DRIVERS:
            continue
        for name, statement in parse(path.read_text(encoding="utf-8"), str(path)).items():
            for into, updated, assignments in _WRITES.findall(code_of(statement)):
                if updated != TOUCH[0] or TOUCH[1].fullmatch(assignments) is None:
                    found[into or updated][folder].add(name)
    return found


def test_a_table_has_one_writing_slice() -> None:
    shared = {
        table: {folder: sorted(names) for folder, names in folders.items() if (table, folder) not in ALSO_WRITTEN_BY}
        for table, folders in writers().items()
    }
    assert {table: folders for table, folders in shared.items() if len(folders) > 1} == {}


def test_every_exception_to_one_writer_is_still_one() -> None:
    found = writers()
    for table, folder in ALSO_WRITTEN_BY:
        assert folder in found[table], f"{folder} no longer writes {table}: take it off the list"
        assert len(found[table]) > 1, f"{folder} is the only writer of {table}: take it off the list"


def test_touching_a_campaign_does_nothing_else() -> None:
    for path in sorted(ROOT.rglob("queries.sql")):
        for name, statement in parse(path.read_text(encoding="utf-8"), str(path)).items():
            if name.startswith("touch_"):
                writes: list[tuple[str, str, str]] = _WRITES.findall(code_of(statement))
                assert [updated for _, updated, _ in writes] == [TOUCH[0]], f"{path.parent.name}:{name}"
                assert TOUCH[1].fullmatch(writes[0][2]), f"{path.parent.name}:{name} sets {writes[0][2]}"


def test_every_table_is_written_by_somebody() -> None:
    tables = {
        name
        for path in MIGRATIONS.glob("*.sql")
        for name in re.findall(r"^create table (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        if not name.endswith("_other_days")
    } - {
        name
        for path in MIGRATIONS.glob("*.sql")
        for name in re.findall(r"^drop table (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert tables - set(writers()) == set()
    assert set(writers()) - tables == set(), "written, but in no migration"


# ---- sizes and manners


def test_files_stay_short() -> None:
    files = [*python_files(), *python_files(SCHEMAS), *ROOT.rglob("queries.sql")]
    found = {str(path.relative_to(ROOT.parent)): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {name: lines for name, lines in found.items() if lines > LINES_OF_A_FILE and name not in LONG_FILES} == {}, (
        "split it by noun"
    )


def test_functions_stay_short() -> None:
    found: dict[str, int] = {}
    for path in [*python_files(), *python_files(SCHEMAS)]:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if (
                    lines > LINES_OF_A_FUNCTION
                    and f"{path.relative_to(ROOT).as_posix()}:{node.name}" not in LONG_FUNCTIONS
                ):
                    found[f"{place(path, node)} {node.name}"] = lines
    assert found == {}


def test_no_file_is_called_by_what_it_is_not_about() -> None:
    vague = {"utils", "util", "helpers", "helper", "misc", "services", "service", "models", "managers", "base"}
    found = [
        str(path.relative_to(ROOT)) for path in python_files() if vague & {path.stem, *path.relative_to(ROOT).parts}
    ]
    assert found == []


@pytest.mark.parametrize(
    "path", [*python_files(), *python_files(SCHEMAS)], ids=lambda path: str(path.relative_to(ROOT.parent))
)
def test_a_module_opens_by_saying_why_it_exists(path: Path) -> None:
    tree = tree_of(path)
    assert not tree.body or ast.get_docstring(tree), f"{path.relative_to(ROOT.parent)} has no docstring"
