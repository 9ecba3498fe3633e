from __future__ import annotations

import pytest

from diagnose.safety.known import is_secret


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("PWD", "/home/mona/app", False),
        ("OLDPWD", "/srv/builds/app-7", False),
        ("DB_PWD", "s3cr3t-9f2a", True),
    ],
)
def test_the_shells_folders_are_no_passwords(name: str, value: str, secret: bool) -> None:  # noqa: FBT001 - a column of the table
    assert is_secret(name, value) is secret
