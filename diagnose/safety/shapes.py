"""Secrets that are known by their shape: the rules of `secrets.toml`, and the one search that spares most lines all of them."""

from __future__ import annotations

import re
import tomllib
from functools import cached_property, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from diagnose.safety.looks import LOOKS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Shape:
    """One rule. Its expressions are compiled when a text first needs them."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.kind: str = row["kind"]
        self.fold: bool = row.get("fold", False)
        literals = tuple(row.get("literals", ()))
        self.literals: tuple[str, ...] = tuple(map(str.lower, literals)) if self.fold else literals
        self.gate: str = row.get("gate", "")
        self._pattern: str = row["pattern"]
        self._look = LOOKS[row["check"]] if "check" in row else None

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The expression of the data file, compiled."""
        return re.compile(self._pattern, re.IGNORECASE | re.ASCII if self.fold else re.ASCII)

    @cached_property
    def _gate(self) -> re.Pattern[str]:
        return re.compile(self.gate, re.IGNORECASE | re.ASCII if self.fold else re.ASCII)

    def may_be_in(self, text: str, lower: str) -> bool:
        """Tell whether the rule is worth trying. lower: the text in lower case."""
        if self.gate:
            return self._gate.search(text) is not None
        within = lower if self.fold else text
        return any(literal in within for literal in self.literals)

    def hide(self, text: str) -> str:
        """Replace what the rule finds."""
        return self.pattern.sub(self._replaced, text)

    def _replaced(self, match: re.Match[str]) -> str:
        if self._look is not None and not self._look(match, self.kind):
            return match[0]
        mark = f"[secret:{self.kind}]"
        if "secret" not in self.pattern.groupindex:
            return mark
        start, end = match.span("secret")
        base = match.start()
        return f"{match[0][: start - base]}{mark}{match[0][end - base :]}"

    @property
    def probe(self) -> str:
        """What the common search looks for on this rule's behalf, in the syntax that RE2 and re share."""
        body = self.gate or "|".join(re.escape(literal) for literal in self.literals)
        return f"(?i:{body})" if self.fold else f"(?:{body})"


class Shapes:
    """All rules, in the order of the data file."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rules: tuple[Shape, ...] = tuple(map(Shape, rows))
        self._suspicious = _search("|".join(rule.probe for rule in self.rules)) or self._any_rule

    def redact(self, text: str) -> str:
        """Replace every secret whose shape is known."""
        if not self._suspicious(text):
            return text
        lower = text.lower()
        for rule in self.rules:
            if rule.may_be_in(text, lower):
                text = rule.hide(text)
        return text

    def _any_rule(self, text: str) -> bool:
        lower = text.lower()
        return any(rule.may_be_in(text, lower) for rule in self.rules)


@lru_cache(maxsize=1)
def shapes() -> Shapes:
    """Return the rules of the data file, read once."""
    data = resources.files("diagnose.safety").joinpath("secrets.toml").read_text("utf-8")
    return Shapes(tomllib.loads(data)["rule"])


def _search(expression: str) -> Callable[[str], bool] | None:
    """Compile the common search with RE2; None where there is none, and each rule asks for itself."""
    try:
        import re2
    except ImportError:  # no wheel for musl and for Python 3.15
        return None
    options = re2.Options()
    options.log_errors = False  # a text that needs more states than fit makes it fall back by itself, and say so on standard error
    compiled = re2.compile(expression.encode(), options)

    def search(text: str) -> bool:
        return compiled.search(text.encode("utf-8", "surrogatepass")) is not None

    return search
