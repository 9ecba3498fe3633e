from __future__ import annotations

import pytest

from diagnose.drift.ranges import Style, satisfied

UNSURE = [
    ("npm", "1.2.3", ""), ("npm", "1.2.3", "latest"), ("npm", "1.2.3", "1.0 - 2.0"), ("npm", "1.2.3-beta.1", "^1.2.3"), ("npm", "1.2.3", "^1.2.3-beta.1"),
    ("npm", "1.2.3", "github:acme/kit"), ("npm", "1.2.3", "catalog:"), ("npm", "1.2.3", "^1 ||"), ("npm", "1.2.3", "^"), ("composer", "dev-main", "^1.0"),
    ("composer", "1.0.0", "^1.0@dev"), ("composer", "1.0.0", "dev-main as 1.0"), ("nuget", "1.0.0", "[1.0,2.0)"), ("nuget", "1.0.0", "$(Version)"),
    ("python", "1.0rc1", ">=1"), ("python", "1.0.post1", "==1.0"), ("python", "1.0", ">=1.0.dev0"), ("npm", "1.2.3", "^1.2.3 " * 60), ("npm", "9" * 40, "1"),
]  # fmt: skip
HELD = [
    ("npm", "1.2.3", "^1.2.0", True), ("npm", "2.0.0", "^1.2.0", False), ("npm", "0.2.9", "^0.2.3", True), ("npm", "0.3.0", "^0.2.3", False), ("npm", "0.0.4", "^0.0.3", False),
    ("npm", "1.2.9", "~1.2.3", True), ("npm", "1.3.0", "~1.2.3", False), ("npm", "1.9.0", "1", True), ("npm", "2.0.0", "1.x", False), ("npm", "1.2.3", "*", True),
    ("npm", "1.2.9", "<=1.2", True), ("npm", "1.3.0", "<=1.2", False), ("npm", "1.2.9", ">1.2", False), ("npm", "1.3.0", ">1.2", True), ("npm", "1.2.0", "<1.2", False),
    ("npm", "3.1.0", "^1.0.0 || ^3.0.0", True), ("npm", "2.1.0", "^1.0.0 || ^3.0.0", False), ("npm", "1.5.0", ">=1.2 <2", True), ("npm", "1.2.3", "=1.2.3", True),
    ("cargo", "1.9.0", "1.2", True), ("cargo", "2.0.0", "1.2", False), ("cargo", "1.1.9", "1.2", False), ("cargo", "1.2.9", "=1.2", True), ("cargo", "1.2.9", "<=1.2", True),
    ("cargo", "0.2.5", "0.2.3", True), ("cargo", "1.5.1", ">=1.2, <1.5", False), ("cargo", "1.2.9", "1.2.*", True),
    ("python", "2.0.2", "<2", False), ("python", "1.26.18", ">=1.21,<2", True), ("python", "1.5.0", "~=1.4", True), ("python", "1.5.0", "~=1.4.2", False), ("python", "1.4", "==1.4.0", True),
    ("python", "1.4.7", "==1.4.*", True), ("python", "1.4.7", "!=1.4.*", False), ("python", "1.4.7", "!= 1.4.6", True), ("python", "1.2.9", "<=1.2", False),
    ("poetry", "1.9.0", "^1.2", True), ("poetry", "1.3.0", "~1.2", False), ("poetry", "2.0.0", ">=1.2,<2.0", False),
    ("gem", "7.1.5", "~> 7.1", True), ("gem", "8.0.0", "~> 7.1", False), ("gem", "7.2.0", "~> 7.1.0", False), ("gem", "7.1.5", "7.1.5", True), ("gem", "7.1.4", ">= 7 < 7.1", False),
    ("composer", "v6.4.1", "^6.3", True), ("composer", "v7.0.0", "^6.3", False), ("composer", "1.9.0", "~1.2", True), ("composer", "1.3.0", "~1.2.3", False), ("composer", "8.1.0", "^7.0|^8.0", True),
    ("hex", "1.16.0", "~> 1.15", True), ("hex", "1.16.0", "~> 1.15.3", False), ("hex", "2.1.0", ">= 1.0.0 and < 2.0.0", False), ("hex", "2.1.0", "~> 1.0 or ~> 2.0", True),
    ("nuget", "13.0.3", "13.0.1", True), ("nuget", "12.0.3", "13.0.1", False),
]  # fmt: skip


@pytest.mark.parametrize(("style", "version", "wanted"), UNSURE)
def test_what_cannot_be_told_for_sure_is_no_answer(style: Style, version: str, wanted: str) -> None:
    assert satisfied(version, wanted, style) is None


@pytest.mark.parametrize(("style", "version", "wanted", "held"), HELD)
def test_each_manager_s_grammar(style: Style, version: str, wanted: str, held: bool) -> None:  # noqa: FBT001 - a row of the table
    assert satisfied(version, wanted, style) is held
