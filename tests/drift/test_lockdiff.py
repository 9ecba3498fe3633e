from __future__ import annotations

import json

import pytest

from diagnose.drift import lockdiff
from diagnose.drift.compare import Drift, Moved
from diagnose.drift.lockdiff import moved_in_locks, with_locks


def npm(*entries: tuple[str, str]) -> bytes:
    return json.dumps(
        {"packages": {f"node_modules/{path}": {"version": version} for path, version in entries}}
    ).encode()


def cargo(**versions: str) -> bytes:
    return "".join(
        f'[[package]]\nname = "{name}"\nversion = "{version}"\n' for name, version in versions.items()
    ).encode()


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("Cargo.lock", cargo(serde="1.0.1"), cargo(serde="1.0.1")),
        ("Cargo.lock", cargo(serde="1.0.1"), cargo(time="1.0.1")),
        ("Cargo.lock", cargo(serde="1.0.1"), b"[[package"),
        ("Cargo.lock", b"\xff\xfe", cargo(serde="1.0.2")),
        ("Cargo.toml", cargo(serde="1.0.1"), cargo(serde="1.0.2")),
        ("package-lock.json", npm(("ms", "2.0.0")), npm(("ms", "2.0.0"), ("a/node_modules/ms", "2.1.3"))),
        ("package-lock.json", b"[]", npm(("ms", "2.0.0"))),
    ],
)
def test_nothing_moved(path: str, before: bytes, after: bytes) -> None:
    assert moved_in_locks(((path, before),), ((path, after),)) == ()


def test_what_moved_is_named_with_its_lock() -> None:
    before = (
        ("Cargo.lock", cargo(serde="1.0.1", same="1")),
        ("web/package-lock.json", npm(("ms", "2.0.0"), ("a/node_modules/ms", "2.1.2"))),
        ("gone.lock", b""),
    )
    after = (
        ("Cargo.lock", cargo(serde="1.0.2", same="1")),
        ("web/package-lock.json", npm(("ms", "2.0.0"), ("a/node_modules/ms", "2.1.3"))),
        ("new/Cargo.lock", cargo(x="1")),
    )
    assert moved_in_locks(before, after) == (
        Moved("cargo", "serde", "1.0.1", "1.0.2", lock="Cargo.lock"),
        Moved("npm", "ms", "2.1.2", "2.1.3", lock="web/package-lock.json"),
    )


@pytest.mark.parametrize(("bound", "many"), [("LARGEST", 0), ("MOST_MOVED", 0)])
def test_bounds(monkeypatch: pytest.MonkeyPatch, bound: str, many: int) -> None:
    monkeypatch.setattr(lockdiff, bound, 0)
    assert len(moved_in_locks((("Cargo.lock", cargo(a="1")),), (("Cargo.lock", cargo(a="2")),))) == many


def test_a_package_that_log_and_lock_name_is_named_once() -> None:
    locked = Moved("pypi", "ruamel-yaml", "0.17", "0.18", lock="uv.lock")
    logged = Moved("pypi", "ruamel.yaml", "0.17", "0.18", 7, 6)
    assert with_locks(None, ()) is None
    assert with_locks(None, (locked,)) == Drift((locked,), compared=1, realms=frozenset({"pypi"}))
    joined = with_locks(Drift((logged,), compared=4, realms=frozenset({"apt"})), (locked, locked._replace(name="idna")))
    assert joined == Drift(
        (logged._replace(lock="uv.lock"), locked._replace(name="idna")), compared=5, realms=frozenset({"apt", "pypi"})
    )
