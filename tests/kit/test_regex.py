from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

from diagnose.kit.regex import _Regex, regex

ROOT = Path(__file__).parents[2]
FILES = sorted((*(ROOT / "diagnose").rglob("*.py"), *(ROOT / "agents").rglob("*.py")))
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removeprefix("agents.").removesuffix(".__init__")
    for path in FILES
]


def test_nothing_is_compiled_before_it_is_asked_for() -> None:
    made = vars(regex(r"(\d+) (?P<what>[a-z]+)", re.IGNORECASE))
    assert made["_compiled"] is None


def test_what_it_is_made_of_can_be_read_without_compiling() -> None:
    digits = regex(r"\d+")
    assert regex(rf"v{digits.pattern}").match("v12")
    assert vars(digits)["_compiled"] is None


def test_it_answers_as_the_compiled_pattern_does() -> None:
    for pattern, flags in ((r"(\d+) (?P<what>[a-z]+)", re.IGNORECASE), (r"^a.c$", re.DOTALL | re.MULTILINE)):
        late, early = regex(pattern, flags), re.compile(pattern, flags)
        assert (late.groups, late.groupindex, late.flags, late.pattern) == (
            early.groups,
            early.groupindex,
            early.flags,
            early.pattern,
        )
        for text in ("12 Apples, 3 pears", "a\nc", ""):
            assert [found.groups() for found in late.finditer(text)] == [
                found.groups() for found in early.finditer(text)
            ]
            assert late.sub("-", text) == early.sub("-", text)
            assert late.split(text) == early.split(text)
            assert (late.fullmatch(text) is None) == (early.fullmatch(text) is None)


def test_bytes_are_matched_by_bytes() -> None:
    assert regex(rb"\d+").findall(b"1 and 22") == [b"1", b"22"]


def test_an_attribute_that_no_pattern_has_is_an_error() -> None:
    with pytest.raises(AttributeError):
        regex("a").serch("a")  # type: ignore[attr-defined]


def test_what_is_wrong_is_said_at_first_use() -> None:
    wrong = regex("(")
    with pytest.raises(re.error, match="unterminated subpattern"):
        wrong.search("")


def expressions(value: object, seen: set[int]) -> list[_Regex]:
    """The expressions in a module's value: its own, and those in tuples, mappings and objects."""
    if id(value) in seen:
        return []
    seen.add(id(value))
    if isinstance(value, _Regex):
        return [value]
    if isinstance(value, dict):
        inner = [*value.keys(), *value.values()]
    elif isinstance(value, (tuple, list, set, frozenset)):
        inner = list(value)
    else:
        names = getattr(type(value), "__slots__", ()) if not isinstance(value, type) else ()
        inner = [getattr(value, name, None) for name in ((names,) if isinstance(names, str) else names)]
    return [found for each in inner for found in expressions(each, seen)]


def test_every_expression_of_every_module_compiles() -> None:
    seen: set[int] = set()
    found = [
        each
        for module in MODULES
        for value in list(vars(importlib.import_module(module)).values())
        for each in expressions(value, seen)
    ]
    assert len(found) > 500
    for each in found:
        re.compile(each.pattern, each._flags)


def test_no_module_compiles_anything_when_it_is_imported() -> None:
    wrong = []
    for path in FILES:
        waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
        while waiting:
            node = waiting.pop()
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                continue
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile":
                wrong.append(f"{path}:{node.lineno}: use diagnose.kit.regex")
            waiting += ast.iter_child_nodes(node)
    assert wrong == []


def test_none_is_handed_to_a_function_of_re() -> None:
    """`re.split(LATE, ...)` takes compiled patterns and text only; `LATE.split(...)` is the way, and no type checker tells them apart."""
    wrong = []
    for path in FILES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        late = {
            ast.unparse(node.target)
            for node in tree.body
            if isinstance(node, ast.AnnAssign) and node.value and ast.unparse(node.value).startswith("regex(")
        }
        wrong += [
            f"{path}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and ast.unparse(node.func).startswith("re.")
            and node.args
            and ast.unparse(node.args[0]) in late
        ]
    assert wrong == []
