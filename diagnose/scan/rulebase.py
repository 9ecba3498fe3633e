"""All rules, compiled once: packs to a cached artefact that is keyed by their content.

The platform-neutral part (rules as JSON) ships in the wheel beside the packs; the serialised literal database depends on the
machine and is kept in its cache folder. Either is made anew when it is missing, stale or broken: a cache is never trusted.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from diagnose.kit.atomic import write_atomic
from diagnose.scan.gate import build_gate
from diagnose.scan.rule import Block, Capture, Command, Rule

if TYPE_CHECKING:
    from diagnose.scan.gate import Gate

FORMAT: Final = 3
ARTEFACT: Final = "rules.json"


def patterns_folder() -> Path:
    """Where the shipped packs are: in the wheel, or in the checkout."""
    packed = Path(str(files("diagnose") / "_patterns"))
    return packed if packed.is_dir() else Path(__file__).resolve().parents[2] / "patterns"


@dataclass(frozen=True)
class RuleBase:
    """The rules in force, and the key of their content. cache: the folder for what was compiled, None for none."""

    rules: tuple[Rule, ...]
    key: str
    cache: Path | None = None
    problems: tuple[str, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, Rule]:
        """Rule id to rule."""
        return {rule.id: rule for rule in self.rules}

    def gate(self, more: list[tuple[bytes, bool]], leave: frozenset[int] = frozenset()) -> Gate:
        """Build the gate over `literals` and `more`; the ids of `more` come first. leave: ids that are not looked for."""
        literals = [*more, *self.literals]
        once = range(len(more) + len(self._owners), len(literals))  # context: that it stands somewhere is all that is asked
        digest = hashlib.sha256(repr((self.key, more, sorted(leave))).encode()).hexdigest()[:24]
        place = self.cache / f"literals-{digest}.bin" if self.cache else None
        kept = _read(place)
        try:
            gate, serialised = build_gate(literals, kept, leave, once)
        except Exception:  # noqa: BLE001 - hyperscan's errors have no common type; a broken cache must not cost the answer
            gate, serialised = build_gate(literals, None, leave, once)
        if place and serialised and serialised != kept:
            write_atomic(place, serialised)
        return gate

    @cached_property
    def literals(self) -> list[tuple[bytes, bool]]:
        """Every distinct literal of the rules, with its caselessness, in a stable order; those that are only required last."""
        return [*self._owners, *((literal, False) for literal in self._required if (literal, False) not in self._owners)]

    @cached_property
    def owners(self) -> list[tuple[int, ...]]:
        """For each of `literals`, the rules (by index) that hold it."""
        return [tuple(self._owners.get(literal, ())) for literal in self.literals]

    @cached_property
    def requirements(self) -> dict[str, frozenset[int]]:
        """For each rule that requires context, which of `literals` (by index) would be that context."""
        place = {literal: index for index, literal in enumerate(self.literals)}
        return {
            rule.id: frozenset(place[literal.encode(), False] for literal in rule.requires) for rule in self.rules if rule.requires
        }

    @cached_property
    def _required(self) -> dict[bytes, None]:
        return {literal.encode(): None for rule in self.rules for literal in rule.requires}

    @cached_property
    def _owners(self) -> dict[tuple[bytes, bool], list[int]]:
        owners: dict[tuple[bytes, bool], list[int]] = {}
        for index, rule in enumerate(self.rules):
            for literal in rule.literals:
                owners.setdefault((literal.encode(), rule.caseless), []).append(index)
        return owners


def _read(place: Path | None) -> bytes | None:
    try:
        return place.read_bytes() if place else None
    except OSError:
        return None


def content_key(root: Path) -> str:
    """Digest every pack below `root`: names and bytes."""
    digest = hashlib.sha256(f"format {FORMAT}".encode())
    for path in sorted(root.glob("*/*.toml")):
        digest.update(f"\0{path.relative_to(root)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def load(root: Path, cache: Path | None, *, extra: Path | None = None) -> RuleBase:
    """Load the packs below `root`, from an artefact when there is one for their content.

    extra: a folder of the user's own packs; those that the lint refuses are left out and named in `problems`.
    """
    key = content_key(root)
    rules = _artefact(root / ARTEFACT, key)
    if rules is None and cache:
        rules = _artefact(cache / f"rules-{key[:24]}.json", key)
    problems: tuple[str, ...] = ()
    if rules is None:
        rules, problems = compile_packs(root)
        if cache and not problems:
            write_atomic(cache / f"rules-{key[:24]}.json", dump(rules, key))
    if extra is None or not extra.is_dir():
        return RuleBase(rules, key, cache, problems)
    more, refused = user_rules(extra, rules)
    return RuleBase(rules + more, key + content_key(extra.parent), cache, problems + refused)


def compile_packs(root: Path) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    """Read the packs themselves: the rules of those that can be read, and what is wrong with the others."""
    from diagnose.scan.pack import read_all, rules_of

    packs, problems = read_all(root)
    return tuple(rule for path, pack in packs for rule in rules_of(pack, path.parent.name)), tuple(problems)


def user_rules(folder: Path, shipped: tuple[Rule, ...]) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    """Read a user's packs (`*.toml` in `folder`): the rules of those that pass every lint, and what is wrong with the rest.

    They need RE2: an expression that is not linear could hold up the machine.
    """
    from diagnose.scan.lint import lint
    from diagnose.scan.pack import PackError, read_pack, rules_of

    try:
        import re2  # noqa: F401 - asked only whether it is there
    except ImportError:
        return (), (f"{folder}: not loaded: this machine has no RE2, which users' packs need",)
    taken = {rule.id for rule in shipped}
    rules: list[Rule] = []
    problems: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            pack = read_pack(path)
        except PackError as error:
            problems.append(str(error))
            continue
        faults = lint([(path, pack)])
        faults += [f"{path}: {pack.tool}/{rule.id}: this id is taken" for rule in pack.rule if f"{pack.tool}/{rule.id}" in taken]
        problems += faults
        if not faults:
            rules += rules_of(pack, "user")
    return tuple(rules), tuple(problems)


def dump(rules: tuple[Rule, ...], key: str) -> bytes:
    """Write the platform-neutral artefact; fields that have their default are left out."""
    return json.dumps({"key": key, "rules": [_slim(asdict(rule)) for rule in rules]}, separators=(",", ":")).encode()


def _slim(table: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in table.items() if value not in ("", (), [], None, False)}


def _artefact(path: Path, key: str) -> tuple[Rule, ...] | None:
    try:
        document = json.loads(path.read_bytes())
        if document["key"] != key:
            return None
        return tuple(_rule(table) for table in document["rules"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _rule(table: dict[str, Any]) -> Rule:
    table["block"] = Block(**table["block"])
    table["captures"] = tuple(Capture(**capture) for capture in table.get("captures", ()))
    table["commands"] = tuple(Command(**command) for command in table.get("commands", ()))
    for name in ("literals", "requires", "explains", "follows", "seen"):
        table[name] = tuple(table.get(name, ()))
    if table.get("minutes"):
        table["minutes"] = tuple(table["minutes"])
    return Rule(**{"title": "", "expression": "", **table})
