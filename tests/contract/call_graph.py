"""What a function can reach by the names it uses: read from the sources, without running anything.

A name leads to what it is defined as in its module, or imported from; a class to all its methods; so it finds too much
rather than too little. What is only handed over as a value at run time is found where it is named.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import dispatch

ROOT = Path(dispatch.__file__).parent
Name = tuple[str, str]
"""Module and name of something at the top of it."""


@cache
def _tree(module: str) -> ast.Module | None:
    base = ROOT.parent.joinpath(*module.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return ast.parse(path.read_text(encoding="utf-8"))
    return None


@cache
def _definitions(module: str) -> dict[str, ast.AST]:
    """Functions, classes and assignments at the top of a module, by name."""
    tree, found = _tree(module), dict[str, ast.AST]()
    for node in tree.body if tree else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                for name in ast.walk(target):
                    if isinstance(name, ast.Name):
                        found[name.id] = node
    return found


@cache
def _imports(module: str) -> dict[str, tuple[str, str | None]]:
    """What names of a module were imported as: a module, or a name of one."""
    tree, found = _tree(module), dict[str, tuple[str, str | None]]()
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "dispatch":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                leads_to = (inner, None) if _tree(inner) is not None else (str(node.module), alias.name)
                found[alias.asname or alias.name] = leads_to
    return found


def _named(module: str, node: ast.AST) -> Iterator[Name]:
    """Everything of the product that a piece of code names."""
    imports, definitions = _imports(module), _definitions(module)
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            leads_to = imports.get(part.id)
            if leads_to is not None and leads_to[1] is not None:
                yield leads_to[0], leads_to[1]
            elif part.id in definitions:
                yield module, part.id
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            leads_to = imports.get(part.value.id)
            if leads_to is not None and leads_to[1] is None:
                yield leads_to[0], part.attr


def _home(name: Name) -> Name:
    """Where a name is defined that a module passes on."""
    module, word = name
    while word not in _definitions(module) and (leads_to := _imports(module).get(word)) is not None:
        module, word = leads_to[0], leads_to[1] or word
    return module, word


@cache
def functions(module: str, function: str) -> frozenset[Name]:
    """A function and those it names, and so on. Methods of objects are not followed."""
    waiting, found = [(module, function)], set[Name]()
    while waiting:
        name = _home(waiting.pop())
        node = _definitions(name[0]).get(name[1])
        if name not in found and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(name)
            waiting += [inner for statement in node.body for inner in _named(name[0], statement)]
    return frozenset(found)


@cache
def raised(module: str, function: str) -> frozenset[Name]:
    """The classes that a function, or one it names, raises itself."""
    found: set[Name] = set()
    for inside, name in functions(module, function):
        for part in ast.walk(_definitions(inside)[name]):
            if isinstance(part, ast.Raise) and isinstance(part.exc, ast.Call):
                found |= {_home(inner) for inner in _named(inside, part.exc.func)}
    return frozenset(found)


@cache
def reached(module: str, function: str) -> frozenset[Name]:
    """Everything a function of a module can reach, without what its decorators name."""
    start, waiting, found = (module, function), [(module, function)], set[Name]()
    while waiting:
        name = _home(waiting.pop())
        if name in found or (node := _definitions(name[0]).get(name[1])) is None:
            continue
        found.add(name)
        if name == start and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            pieces: list[ast.AST] = [node.args, *node.body]
        else:
            pieces = [node]
        waiting += [inner for piece in pieces for inner in _named(name[0], piece)]
    return frozenset(found)
