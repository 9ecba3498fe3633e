"""Invented secrets, in pieces, so that no scanner takes this file for a leak."""

from __future__ import annotations

import base64
import builtins
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.safety import shapes as shapes_module
from diagnose.safety.known import KnownValues, is_secret
from diagnose.safety.redact import Redactor
from diagnose.safety.shapes import Shapes, shapes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VALUE = "Ne22y8r3by" + "I9U_&J" + "g7dYDT"
BODY = "\n".join(("q7" + "Zx" * 31)[:64] for _ in range(3))
RANDOM = "a1B2c3D4" * 5


@pytest.mark.parametrize(
    "text",
    [
        "password: incorrect", "Enter the password:", "password=***", "token: ${{ secrets.TOKEN }}", "TOKEN=$TOKEN", "secret_key = os.environ['SECRET_KEY2']",
        "max_tokens=4096", "tokens: list[int2]", "export AWS_SECRET_ACCESS_KEY=[secure]", "api_key: <your key 1>", "password: xxxxxxxx", "token: None",
        "https://x-access-token:***@github.com/o/r", "https://github.com/o/r@v1.2.3", "http://localhost:8080/a@b", "git@github.com:o/r.git", "ssh://git@host/a",
        "PASSED tests/test_password.py::test_reset[token-1]", "cache-key: Linux-node-3f2a1b9c", "Authorization: ***", "bearer of bad news is not a token",
        "password=/run/secrets/db", "token: 12345", "mysql -p app", "docker run -p 8080:80 image", "docker run -p 127.0.0.1:80:80 x", "tool --password-stdin < x", "tool --token $T", "cookie: none",
        "Operations::Password::Reset#call2 x", "assert password == expected1", "mapping sig=application/pgp-signature", "access 2 --secret=engflow-mesolite-key",
        "at com.example.auth.TokenService$$9d45.refreshToken(TokenService.java:197)", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "12:34:56:78:90:ab", "2026-11-21 02:00:00:123:45 x", "sk-learn-contrib", "key-value", "SKIPPED", "npm_config_cache", "a\x1b[31mred\x1b[0m b",
    ],
)  # fmt: skip
def test_ordinary_text_comes_back_unchanged(text: str) -> None:
    assert Redactor().redact(text) == text


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("x gh" + "p_" + RANDOM[:36] + " y", "x [secret:github-token] y"),
        ("gh\x1b[1mp_" + RANDOM[:20] + "\x1b[0m" + RANDOM[20:36] + " y", "[secret:github-token] y"),
        ("gh\u200bp_" + RANDOM[:36], "[secret:github-token]"),
        ("AWS_SECRET_ACCESS_KEY=/" + RANDOM[:39], "AWS_SECRET_ACCESS_KEY=[secret:token]"),
        ("DB_PASSWORD=1234" + "5678", "DB_PASSWORD=[secret:password]"),
        ("DB_PASSWORD=hunter" + "2", "DB_PASSWORD=[secret:password]"),
        ('{"password": "Fe5' + 'yHAs-"}', '{"password": "[secret:password]"}'),
        ("postgres://app:Py9" + "DYJN.@db/app", "postgres://app:[secret:password]@db/app"),
        ("> authorization: basic eDp" + "Zdjfl", "> authorization: basic [secret:authorization]"),
        ("mysql -uroot -pIp1" + "IsZC app", "mysql -uroot -p[secret:argument] app"),
        ("curl -u ci:Pz3" + "F74 https://h", "curl -u ci:[secret:argument] https://h"),
        ("h:5432:app:app:Ip1" + "494iMAS", "h:5432:app:app:[secret:password]"),
    ],
)
def test_shapes_are_hidden(text: str, hidden: str) -> None:
    assert Redactor().redact(text) == hidden


@pytest.mark.parametrize(
    "form",
    [
        VALUE, VALUE.upper(), VALUE[::-1], VALUE[:-3], VALUE[3:], VALUE[:9] + "\n" + VALUE[9:], VALUE[:9] + "\n2026-11-21T02:00:00.0000000Z " + VALUE[9:],
        "' + '".join((VALUE[:7], VALUE[7:])), VALUE[:5] + "\x1b[31m" + VALUE[5:], VALUE[:5] + "\u200b" + VALUE[5:], VALUE.encode().hex(), VALUE.encode().hex(" "),
        VALUE.encode().hex(":"), VALUE.replace("&", "%26"), VALUE.replace("&", "&amp;"), base64.b64encode(VALUE.encode()).decode(),
        base64.b64encode(b"user:" + VALUE.encode()).decode(), base64.b64encode(base64.b64encode(VALUE.encode())).decode(), " ".join(VALUE),
    ],
)  # fmt: skip
def test_a_known_value_is_found_in_every_form(form: str) -> None:
    out = Redactor({"MY_TOKEN": VALUE}).redact(f"got {form} end")
    assert out.startswith("got ")
    assert out.endswith(" end")
    assert "[secret:value]" in out
    assert out.count("\n") == form.count("\n")
    assert len(out) < 60


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("PATH", "/usr/bin:/bin", False), ("APP", "/opt/x9Y8z7W6/a", False), ("V", "1.2.3-rc.1", False), ("GITHUB_SHA", RANDOM, False), ("RUNNER", "ubuntu-24.04", False),
        ("DB_PASSWORD", "root", False), ("DB_PASSWORD", "abc", False), ("MY_TOKEN", "true", False), ("KEY_FILE", "/run/k", False), ("URL", "https://h/a1B2c3D4e5", False),
        ("X", "12345678", False), ("SESSION_TOKEN", "12345", False), ("DB_PASSWORD", "hun" + "ter2", True), ("APP_VALUE", VALUE, True), ("GITHUB_TOKEN", "x" + RANDOM, True),
        ("NPM_TOKEN", "123456789", True), ("DSN", "https://u:a1B2@h/1", True),
    ],
)  # fmt: skip
def test_which_variables_are_secrets(name: str, value: str, secret: bool) -> None:  # noqa: FBT001 - a column of the table
    assert is_secret(name, value) is secret


def test_short_and_many_lined_values() -> None:
    redactor = Redactor({"DB_PASSWORD": "hun" + "t3r", "SSH_PRIVATE": f"first{RANDOM}\nsecond{RANDOM[::-1]}"})
    assert redactor.redact("hunt3r hunt3rs") == "[secret:value] hunt3rs"
    assert redactor.redact_lines(["z", f"second{RANDOM[::-1]}", "b"]) == ["z", "[secret:value]", "b"]
    assert not KnownValues({"A": "b"})


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        (f"x\n<\n{BODY}\nab==\n>\ny", "x\n<\n*\n*\n*\n*\n>\ny"),
        (f"<\nProc-Type: 4,ENCRYPTED\n\n{BODY}\ndone", "<\nProc-Type: 4,ENCRYPTED\n\n*\n*\n*\ndone"),
        (f"{BODY}\nabc\n>", "*\n*\n*\n*\n>"),
        (f"<\n{BODY}\nabc\n>", "<\n*\n*\n*\n*\n>"),
        ("K='<\\nabcd\\n>\\n' x", "K='<*>\\n' x"),
        ('{"k": "<\\nabcd", \'n\': 1}', '{"k": "<*", \'n\': 1}'),
        ("no <", "no <"),
        ("text\n>", "*\n>"),
        ("two words here:\n>", "two words here:\n>"),
    ],
)
def test_private_keys(text: str, hidden: str) -> None:
    """In the table `<` and `>` stand for the marks around a key, `*` for what is put in place of its body."""
    marks = {
        ord("<"): "-----BEGIN RSA PRIVATE KEY-----",
        ord(">"): "-----END RSA PRIVATE KEY-----",
        ord("*"): "[secret:private-key]",
    }
    assert Redactor().redact(text.translate(marks)) == hidden.translate(marks)


def test_lines_come_back_one_for_one() -> None:
    redactor = Redactor()
    assert redactor.redact_lines([]) == []
    assert redactor.redact_lines(["a\nb", "c"]) == ["a\nb", "c"]


def test_without_re2_the_rules_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(
        name: str,
        globals_: Mapping[str, object] | None = None,
        locals_: Mapping[str, object] | None = None,
        names: Sequence[str] = (),
        level: int = 0,
    ) -> Any:
        if name == "re2":
            raise ImportError(name)
        return real(name, globals_, locals_, names, level)

    rows = tomllib.loads(Path(shapes_module.__file__).with_name("secrets.toml").read_text("utf-8"))["rule"]
    monkeypatch.setattr(builtins, "__import__", refuse)
    slow = Shapes(rows)
    monkeypatch.undo()
    for text in ("a b", "gh" + "p_" + RANDOM[:36], "DB_PASSWORD=hunter" + "2", "Bearer " + RANDOM):
        assert slow.redact(text) == shapes().redact(text)


@pytest.mark.parametrize(
    "piece",
    ["eyJ", "a.", "docker ", "curl -u a:", "://a", ":22:a", "password", "token = ", "--token ", "A3-AAAAAA-", "-----END PRIVATE KEY-----\n", "aaaa ", "login a password ", "\x1b[", "bb-", "-p "],
)  # fmt: skip
def test_a_hostile_line_comes_to_an_end(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    assert Redactor({"MY_TOKEN": "a" * 24}).redact(text).count("\n") == text.count("\n")


def test_every_rule_compiles_and_names_its_kind() -> None:
    for rule in shapes().rules:
        assert rule.pattern.pattern
        assert rule.kind == rule.kind.lower()
        assert rule.gate or rule.literals
        assert not rule.pattern.match("")
