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

# Folders that are no slices: what everything is built on, and what drives the whole from outside.
FOUNDATIONS = {"database", "geo", "reach", "server", "tables"}
DRIVERS = {"commands", "demo", "replay", "web"}
SLICES = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()} - FOUNDATIONS - DRIVERS

# Single modules under everything, next to the foundations.
COMMON = {"problems", "qr", "settings"}

# What each foundation may use besides itself: an order without a circle.
UNDER_FOUNDATIONS = {
    "database": {"problems"},
    "geo": set[str](),
    "reach": set[str](),
    "server": {"database", "problems", "settings"},
    "tables": {"problems", "server"},
}

# What a slice uses of another slice besides its `rules`, each with its reason. Whatever three slices want is a foundation.
BETWEEN_SLICES = {
    (
        "allocation",
        "campaigns.checklist",
    ): "what is missing is read in one place, for opening a campaign and for a plan",
    ("partners", "identity.secrets"): "a rider's PIN is dealt where riders are registered, and kept only as a digest",
    ("retention", "audit.store"): "work that no request started writes its own entry into the trail",
}

# Pure modules that slices may use of one another besides `rules`: figures and forms without clock, chance or connection.
PURE = {
    "stock.ledger_csv", "stock.moves", "stock.packs",
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
    ("campaign", "database"): "its revision rises with every change of what belongs to it (changes.touch)",
    ("rider", "privacy"): "erasing takes the name out wherever it stands, in one transaction",
    ("handout", "retention"): "single records go when their campaign's time is over; their sums stay",
    ("visit", "retention"): "single records go when their campaign's time is over; their sums stay",
    ("handout_refused", "retention"): "they go with the records they did not become",
    ("partner_reference", "retention"): "they go with the records they name",
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
LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}
LINES_OF_A_FILE, LINES_OF_A_FUNCTION, COLUMNS = 400, 60, 120
# Applied migrations are never edited: their digests are kept in every city's database.
LONG_MIGRATIONS = {
    "0004_campaigns.sql", "0007_handouts.sql", "0008_checks.sql", "0010_review_flags.sql",
    "0011_accounts_and_sessions.sql", "0017_allocation_revision.sql", "0019_guessing_and_limits.sql",
    "0021_positions.sql",
}  # fmt: skip
# Class names that two modules have. What the demonstration and the replay make up is named as the product names it.
SAME_THING = {"RuleComparison": "the mathematics' own, and the same as the contract says it"}


class Import(NamedTuple):
    """`place` imports `module` (dotted, without `dispatch.`)."""

    place: str
    module: str


def python_files(root: Path = ROOT) -> list[Path]:
    return sorted(path for path in root.rglob("*.py") if "node_modules" not in path.parts)


def statement_files() -> list[Path]:
    """Every file of named statements."""
    return sorted(
        path for path in ROOT.rglob("*.sql")
        if not {"node_modules", "migrations"} & set(path.parts) and path.name != "schema.sql"
    )  # fmt: skip


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
    written = {module for slice_, module in BETWEEN_SLICES if slice_ == folder}
    assert strays(folder, FOUNDATIONS | COMMON | PURE | others | written) == []


def test_every_exception_between_slices_is_still_one() -> None:
    for folder, module in BETWEEN_SLICES:
        used = {entry.module for path in python_files(ROOT / folder) for entry in imports_of(path)}
        assert module in used, f"{folder} no longer uses {module}: take it off the list"


@pytest.mark.parametrize("folder", sorted(FOUNDATIONS))
def test_a_foundation_knows_nothing_of_the_slices(folder: str) -> None:
    assert strays(folder, UNDER_FOUNDATIONS[folder]) == []


@pytest.mark.parametrize("module", sorted(COMMON))
def test_a_common_module_stands_alone(module: str) -> None:
    assert list(imports_of(ROOT / f"{module}.py")) == []


def test_the_list_of_routes_imports_routes_alone() -> None:
    listed = {entry.module for entry in imports_of(ROOT / "routes.py")}
    assert {
        module for module in listed if module.rpartition(".")[2] not in {"routes", "problem_pages", "start"}
    } == set()


def test_files_import_one_another_in_no_circle() -> None:
    edges = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): {
            entry.module for entry in imports_of(path)
        }
        for path in python_files()
    }
    finished: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " → ".join((*path[path.index(module) :], module))
        if module not in finished:
            for used in sorted(edges.get(module, ())):
                visit(used, (*path, module))
            finished.add(module)

    for module in sorted(edges):
        visit(module, ())


def test_only_drivers_import_drivers() -> None:
    found = [
        f"{entry.place} imports {entry.module}"
        for path in python_files()
        if path.relative_to(ROOT).parts[0] not in DRIVERS | {"__main__.py"}
        for entry in imports_of(path)
        # The list of all routes names those of the pages.
        if matches(entry.module, DRIVERS) and not (path == ROOT / "routes.py" and entry.module.startswith("web."))
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
    r"(^|\.)(now|utcnow|today|uuid1|uuid4|print|open|input|getenv|urandom|queries_for)$|(^|\.)random\.(?!Generator|default_rng)\w+$"
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


RULES = [*ROOT.glob("*/rules.py"), *ROOT.glob("*/*_rules.py")]


@pytest.mark.parametrize("path", sorted(RULES), ids=lambda path: f"{path.parent.name}-{path.stem}")
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
    """{table: {folder: statements}} of every write in a file of statements."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in statement_files():
        folder = path.parent.relative_to(ROOT).parts[0]
        if folder in DRIVERS:
            continue
        for name, statement in parse(path.read_text(encoding="utf-8"), str(path)).items():
            for into, updated, _ in _WRITES.findall(code_of(statement.text)):
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
    files = [*python_files(), *python_files(SCHEMAS), *statement_files()]
    found = {str(path.relative_to(ROOT.parent)): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {name: lines for name, lines in found.items() if lines > LINES_OF_A_FILE and name not in LONG_FILES} == {}, (
        "split it by noun"
    )


def test_lines_of_sql_stay_short() -> None:
    """Only a migration that has landed is left as it is: its digest is fixed."""
    found = [
        f"{path.relative_to(ROOT).as_posix()}:{number}"
        for path in sorted(path for path in ROOT.rglob("*.sql") if "node_modules" not in path.parts)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > COLUMNS and path.name not in LONG_MIGRATIONS
    ]
    assert found == []


def classes() -> dict[str, list[str]]:
    """{class: the modules that have one of this name}"""
    found: dict[str, list[str]] = defaultdict(list)
    for path in [*python_files(), *python_files(SCHEMAS)]:
        module = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(module)
    return found


def test_a_class_name_means_one_thing() -> None:
    shared = {
        name: modules
        for name, modules in classes().items()
        if len({module for module in modules if module.split(".")[1] not in {"demo", "replay"}}) > 1
    }
    assert {name: modules for name, modules in shared.items() if name not in SAME_THING} == {}, "rename one of them"
    assert set(SAME_THING) <= set(shared), "no longer needed: take it off the list"


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


def test_no_module_is_named_by_a_participle() -> None:
    """A module is named by what it holds. Water-filling is the method's own name, and wording is a noun."""
    found = {path.stem for path in python_files() if path.stem.endswith("ing")}
    assert found <= {"water_filling", "wording", "regrouping"}


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
