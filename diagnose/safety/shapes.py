"""Secrets that are known by their shape: the rules of `secrets.toml`, and the one search that spares most lines all of them."""

from __future__ import annotations

import re
import tomllib
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagnose.safety.looks import LOOKS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


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
        self._candidates = _search([rule.probe for rule in self.rules]) or self._each

    def redact(self, line: str) -> str:
        """Replace every secret in one line whose shape is known. No shape goes over a line end."""
        for index in self._candidates(line):
            line = self.rules[index].hide(line)
        return line

    def _each(self, text: str) -> list[int]:
        lower = text.lower()
        return [index for index, rule in enumerate(self.rules) if rule.may_be_in(text, lower)]


@lru_cache(maxsize=1)
def shapes() -> Shapes:
    """Return the rules of the data file, read once."""
    data = Path(__file__).with_name("secrets.toml").read_text("utf-8")
    return Shapes(tomllib.loads(data)["rule"])


def _search(probes: Sequence[str]) -> Callable[[str], list[int]] | None:
    """Compile one search for all probes, which tells the indices of those found; None where there is no RE2."""
    try:
        import re2
    except ImportError:  # no wheel for musl, none for Python 3.15: each rule asks for itself
        return None
    options = re2.Options()
    options.log_errors = False  # RE2 writes to standard error when it runs out of states; it then answers all the same
    options.max_mem = 1 << 24
    known = re2.Set.SearchSet(options)
    for probe in probes:
        known.Add(probe)
    known.Compile()

    def search(text: str) -> list[int]:
        return sorted(known.Match(text.encode("utf-8", "surrogatepass")) or ())

    return search
