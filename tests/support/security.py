"""The hostile inputs and their judge, which lie beside a checkout in CI."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from types import ModuleType

CASES: Final = Path(__file__).resolve().parents[2] / "../shared/security-cases"


def judge_of() -> ModuleType:
    """The checker that comes with the cases: it looks at output only. Skips where it is not."""
    if not (CASES / "check.py").is_file():
        pytest.skip("the hostile inputs are not beside this checkout; CI has them")
    spec = importlib.util.spec_from_file_location("security_check", CASES / "check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cases_of(name: str) -> list[dict[str, Any]]:
    """The cases of a file; skips where it is not."""
    if not (CASES / "check.py").is_file():
        pytest.skip("the hostile inputs are not beside this checkout; CI has them")
    rows = [json.loads(line) for line in (CASES / "dev" / f"{name}.jsonl").read_text("utf-8").splitlines()]
    assert rows
    return rows
