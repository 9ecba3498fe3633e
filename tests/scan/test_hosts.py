from __future__ import annotations

import pytest

from diagnose.scan.hosts import is_own_host


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("", False),
        ("connect to db.example.com port 5432 failed: Connection refused", False),
        ("dial tcp 10.0.0.12:443: i/o timeout", False),
        ("1.127.0.0: no such release", False),
        ("std::1st failed", False),
        ("connect ECONNREFUSED 127.0.0.1:6379", True),
        ("could not connect to server at localhost:5432", True),
        ("dial tcp [::1]:8080: connect: connection refused", True),
        ("Failed to bind 0.0.0.0:80", True),
    ],
)
def test_the_machine_itself_is_told_from_others(text: str, *, own: bool) -> None:
    assert is_own_host(text) == own
