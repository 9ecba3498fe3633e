"""A failed test's name as its runner takes it back: what a runner prints is often not what it accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.rank.names import CUT, plain_name
from diagnose.scan.blocks import JOINT

if TYPE_CHECKING:
    from collections.abc import Callable

_PARAMETERS: Final = regex(r"(?<=\w)(?:\s*(?:\[[^\]]*\]|\([^()]*\)|\{[^}]*\}))+$")
_JAVA: Final = regex(r"^(?P<owner>(?:[\w$]+\.)*[A-Z][\w$]*)\.(?P<method>[a-z_][\w$ -]*)$")
_SUBTEST: Final = regex(r"(?<=\)) (?:\(.*\)|\[.*\])+$")
_SPECIAL: Final = regex(r"[\\.^$*+?()\[\]{}|]")
_DATA: Final = regex(r" with data set .*$|#\d+$")


def asked(name: str, tool: str) -> str:
    """Write a test's name as `tool` takes it in the command that reproduces: `T > a()` is `T.a` for Gradle, `T#a` for Surefire."""
    write = _FORMS.get(tool)
    return (write(name) if write else name) or name


def _spoken(name: str) -> str:
    """Mocha and its kin match suites and test joined by blanks."""
    return name.replace(JOINT, " ")


def _matched(name: str) -> str:
    """The runner takes an expression: what is special in one is meant as it stands."""
    return _SPECIAL.sub(r"\\\g<0>", name)


def _surefire(name: str) -> str:
    plain = _PARAMETERS.sub("", plain_name(name))
    found = _JAVA.match(plain)
    return f"{found['owner']}#{found['method']}" if found else plain


def _gradle(name: str) -> str:
    return _PARAMETERS.sub("", plain_name(_PARAMETERS.sub("", name)))


def _unittest(name: str) -> str:
    """-k looks for a part of `module.Class.test`."""
    return plain_name(_SUBTEST.sub("", name))


def _phpunit(name: str) -> str:
    """--filter is an expression: a namespace's backslash counts twice. A data set is named by more than the expression holds."""
    return _DATA.sub("", name).replace("\\", "\\\\")


def _pest(name: str) -> str:
    """--filter matches the title; one that was cut matches as far as it goes."""
    return name.rpartition(" > ")[2].removesuffix(CUT)


def _dotnet(name: str) -> str:
    """A filter's value may hold no brackets, and a case's values are not part of the full name."""
    return name.partition("(")[0].strip()


_FORMS: Final[dict[str, Callable[[str], str]]] = {
    "bats": _matched,
    "ctest": _matched,
    "go-test": _matched,
    "mocha": _spoken,
    "jasmine": _spoken,
    "lab": _spoken,
    "webdriverio": _spoken,
    "maven-surefire": _surefire,
    "gradle": _gradle,
    "unittest": _unittest,
    "phpunit": _phpunit,
    "pest": _pest,
    "dotnet-test": _dotnet,
}
