"""The compiled packs as one JSON document: tables for the scanner first, then a line for each rule, read when it is needed.

Of a thousand rules a log needs some dozens. So the document is read by lines: the first holds all that the gate needs, and
a rule's own line is parsed when one of its literals is hit. A digest of all the lines stands in the first: what is not as
it was written is not used, and a line that is parsed late cannot be a broken one.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from diagnose.scan.rule import Advice, Block, Capture, Command, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.model.words import Category


class Tables(NamedTuple):
    """What the scanner needs of all rules. literals: (bytes, caseless), those with owners first; owners: for each, rules by index.

    requirements: of rules (by id) that need context, which literals (by index) would be that context. owned: literals with owners.
    tools: of each tool the category that most of its causes have.
    """

    literals: list[tuple[bytes, bool]]
    owners: list[tuple[int, ...]]
    requirements: dict[str, frozenset[int]]
    owned: int
    tools: dict[str, Category]


class KeptRules(Sequence[Rule]):
    """Rules of which each is made when it is first asked for; equal to the tuple of them."""

    def __init__(self, ids: list[str], lines: list[bytes]) -> None:
        """lines: for each of `ids` its rule as JSON."""
        self.ids = ids
        self._lines = lines
        self._made: list[Rule | None] = [None] * len(lines)

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, place: int) -> Rule: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Rule, ...]: ...
    def __getitem__(self, place: int | slice) -> Rule | tuple[Rule, ...]:
        if isinstance(place, slice):
            return tuple(self[index] for index in range(*place.indices(len(self))))
        made = self._made[place]
        if made is None:
            made = self._made[place] = _rule(json.loads(self._lines[place]))
        return made

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, (tuple, KeptRules)) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self.ids))


class ById(Mapping[str, Rule]):
    """Rule id to rule, over rules that are made when they are asked for."""

    def __init__(self, rules: KeptRules) -> None:
        self._rules = rules
        self._places = {identity: place for place, identity in enumerate(rules.ids)}

    def __getitem__(self, identity: str) -> Rule:
        return self._rules[self._places[identity]]

    def __contains__(self, identity: object) -> bool:
        return identity in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def dump(rules: Sequence[Rule], key: str) -> bytes:
    """Write the platform-neutral artefact; fields that have their default are left out."""
    from dataclasses import asdict

    tables = tables_of(rules)
    head = {
        "ids": [rule.id for rule in rules],
        "literals": [[literal.decode(), caseless] for literal, caseless in tables.literals],
        "owners": tables.owners,
        "requirements": {identity: sorted(wanted) for identity, wanted in tables.requirements.items()},
        "owned": tables.owned,
        "tools": tables.tools,
    }
    lines = [_json(_slim(asdict(rule))) for rule in rules]
    tail = b",\n".join(lines)
    told = _json(head)
    start = {"key": key, "digest": hashlib.sha256(told + tail).hexdigest()}
    return _json(start)[:-1] + b',"tables":' + told + b',"rules":[\n' + tail + b"\n]}\n"


def parse(data: bytes, key: str) -> tuple[KeptRules, Tables] | None:
    """Read an artefact; None when it is of another key, or not as it was written."""
    first, _, rest = data.partition(b"\n")
    tail = rest.removesuffix(b"\n]}\n")
    try:
        head = json.loads(first + b"]}")
        if head["key"] != key:
            return None
        told = first[first.index(b',"tables":') + len(b',"tables":') : first.rindex(b',"rules":[')]
        if head["digest"] != hashlib.sha256(told + tail).hexdigest():
            return None
    except (ValueError, KeyError, TypeError):
        return None
    kept = head["tables"]
    tables = Tables(
        [(literal.encode(), caseless) for literal, caseless in kept["literals"]],
        [tuple(owners) for owners in kept["owners"]],
        {identity: frozenset(wanted) for identity, wanted in kept["requirements"].items()},
        kept["owned"],
        kept["tools"],
    )
    return KeptRules(kept["ids"], tail.split(b",\n") if tail else []), tables


def tables_of(rules: Sequence[Rule]) -> Tables:
    """Work the tables out: every distinct literal with its caselessness, in a stable order; those that are only context last."""
    owners: dict[tuple[bytes, bool], list[int]] = {}
    for index, rule in enumerate(rules):
        for literal in rule.literals:
            owners.setdefault((literal.encode(), rule.caseless), []).append(index)
    context = dict.fromkeys((literal.encode(), False) for rule in rules for literal in rule.requires)
    literals = [*owners, *(literal for literal in context if literal not in owners)]
    place = {literal: index for index, literal in enumerate(literals)}
    requirements = {
        rule.id: frozenset(place[literal.encode(), False] for literal in rule.requires)
        for rule in rules
        if rule.requires
    }
    return Tables(
        literals,
        [tuple(owners.get(literal, ())) for literal in literals],
        requirements,
        len(owners),
        _categories(rules),
    )


def _categories(rules: Sequence[Rule]) -> dict[str, Category]:
    """Find what each tool is for: the commonest category of its causes, of all its rules where it has none."""
    votes: dict[str, Counter[Category]] = {}
    for rule in rules:
        votes.setdefault(rule.tool, Counter())[rule.category] += 100 if rule.kind == "cause" else 1
    return {tool: counted.most_common(1)[0][0] for tool, counted in sorted(votes.items())}


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _slim(table: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in table.items() if value not in ("", (), [], None, False)}


def _rule(table: dict[str, Any]) -> Rule:
    table["block"] = Block(**table["block"])
    table["captures"] = tuple(Capture(**capture) for capture in table.get("captures", ()))
    table["commands"] = tuple(Command(**command) for command in table.get("commands", ()))
    table["advice"] = tuple(
        Advice(one["when"], one["remedy"], tuple(one["minutes"]) if one.get("minutes") else None)
        for one in table.get("advice", ())
    )
    for name in ("literals", "requires", "explains", "follows", "mutes", "within", "seen"):
        table[name] = tuple(table.get(name, ()))
    if table.get("minutes"):
        table["minutes"] = tuple(table["minutes"])
    return Rule(**{"title": "", "expression": "", **table})
