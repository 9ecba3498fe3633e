from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

CASES = Path(__file__).resolve().parents[2] / "../shared/security-cases"


@pytest.fixture(scope="session")
def cases_folder() -> Path:
    if not (CASES / "check.py").is_file():
        pytest.skip("the hostile inputs are not beside this checkout; CI has them")
    return CASES


@pytest.fixture(scope="session")
def judge(cases_folder: Path) -> ModuleType:
    """The checker that comes with the cases: it looks at output only."""
    spec = importlib.util.spec_from_file_location("security_check", cases_folder / "check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def cases(cases_folder: Path) -> Callable[[str], list[dict[str, Any]]]:
    def load(name: str) -> list[dict[str, Any]]:
        rows = [json.loads(line) for line in (cases_folder / "dev" / f"{name}.jsonl").read_text("utf-8").splitlines()]
        assert rows
        return rows

    return load
