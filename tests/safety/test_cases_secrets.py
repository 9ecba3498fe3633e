"""Every secret and every look-alike through the redactor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diagnose.safety.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


def test_each_secret_is_hidden_and_nothing_else(
    cases: Callable[[str], list[dict[str, Any]]], judge: ModuleType
) -> None:
    shapes_only = Redactor()
    hidden = kept = 0
    for case in cases("secrets"):
        text = "".join(case["parts"])
        environment = {name: "".join(parts) for name, parts in case.get("env", {}).items()}
        out = (Redactor(environment) if environment else shapes_only).redact(text)
        assert out.count("\n") == text.count("\n"), case["id"]
        if case["must_hide"]:
            hidden += 1
            assert judge.leaked(out, ["".join(parts) for parts in case["values"]]) == [], (case["id"], case["kind"])
            assert all(word in out for word in case["keep"]), (case["id"], out)
        else:
            kept += 1
            assert out == text, (case["id"], out)
    assert hidden > 400
    assert kept > 300


def test_lines_are_read_as_one_text(cases: Callable[[str], list[dict[str, Any]]], judge: ModuleType) -> None:
    redactor = Redactor()
    for case in cases("secrets"):
        text = "".join(case["parts"])
        if case["must_hide"] and "\n" in text and not case.get("env"):
            lines = redactor.redact_lines(["before", *text.split("\n"), "after it all"])
            assert len(lines) == text.count("\n") + 3, case["id"]
            assert judge.leaked("\n".join(lines), ["".join(parts) for parts in case["values"]]) == [], case["id"]
            assert lines[0] == "before", case["id"]
            assert lines[-1] == "after it all", case["id"]
