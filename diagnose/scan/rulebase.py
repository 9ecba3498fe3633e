"""All rules, compiled once: packs to a cached artefact that is keyed by their content.

The platform-neutral part (rules as JSON) ships in the wheel beside the packs; the serialised literal database depends on the
machine and is kept in its cache folder. Either is made anew when it is missing, stale or broken: a cache is never trusted.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from diagnose.kit.atomic import write_atomic
from diagnose.scan.artefact import ById, KeptRules, Tables, dump, parse, tables_of
from diagnose.scan.gate import build_gate
from diagnose.scan.rule import FOREIGN, Block, Capture, Command, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from diagnose.model.words import Category
    from diagnose.scan.gate import Gate

FORMAT: Final = 6
ARTEFACT: Final = "rules.json"


def patterns_folder() -> Path:
    """Where the shipped packs are: in the wheel, or in the checkout."""
    here = Path(__file__).resolve()
    packed = here.parents[1] / "_patterns"
    return packed if packed.is_dir() else here.parents[2] / "patterns"


@dataclass(frozen=True)
class RuleBase:
    """The rules in force, and the key of their content. cache: the folder for what was compiled, None for none.

    kept: the scanner's tables where they were read with the rules. unread: packs that were not looked at, and why.
    """

    rules: Sequence[Rule]
    key: str
    cache: Path | None = None
    problems: tuple[str, ...] = ()
    kept: Tables | None = None
    unread: tuple[str, ...] = ()

    @cached_property
    def by_id(self) -> Mapping[str, Rule]:
        """Rule id to rule."""
        return ById(self.rules) if isinstance(self.rules, KeptRules) else {rule.id: rule for rule in self.rules}

    def gate(self, more: list[tuple[bytes, bool]], leave: frozenset[int] = frozenset()) -> Gate:
        """Build the gate over `literals` and `more`; the ids of `more` come first. leave: ids that are not looked for."""
        literals = [*more, *self.literals]
        once = range(
            len(more) + self._tables.owned, len(literals)
        )  # context: that it stands somewhere is all that is asked
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

    @property
    def literals(self) -> list[tuple[bytes, bool]]:
        """Every distinct literal of the rules, with its caselessness, in a stable order; those that are only required last."""
        return self._tables.literals

    @property
    def owners(self) -> list[tuple[int, ...]]:
        """For each of `literals`, the rules (by index) that hold it."""
        return self._tables.owners

    @property
    def requirements(self) -> dict[str, frozenset[int]]:
        """For each rule that requires context, which of `literals` (by index) would be that context."""
        return self._tables.requirements

    @property
    def tools(self) -> Mapping[str, Category]:
        """Of each tool, the category that most of its causes have."""
        return self._tables.tools

    @cached_property
    def _tables(self) -> Tables:
        return self.kept or tables_of(self.rules)


def _read(place: Path | None) -> bytes | None:
    try:
        return place.read_bytes() if place else None
    except OSError:
        return None


def content_key(root: Path) -> str:
    """Digest every pack below `root`: names and bytes. All packs in 3 ms, which is why it is done each time."""
    # what is compiled has the fields of a rule: a package that knows others must not take it for its own
    fields = " ".join(name for kind in (Rule, Block, Capture, Command) for name in kind.__dataclass_fields__)
    digest = hashlib.sha256(f"format {FORMAT} {fields}".encode())
    for name, path in sorted(_packs(str(root))):
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - half the time of Path.read_bytes, for 250 files
            data = file.read()
        digest.update(f"\0{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def _packs(root: str) -> Iterator[tuple[str, str]]:
    """Find `*/*.toml` below `root`: names relative to it, and paths."""
    if not os.path.isdir(root):  # noqa: PTH112 - as above
        return
    with os.scandir(root) as folders:
        for folder in folders:
            if folder.is_dir():
                with os.scandir(folder.path) as entries:
                    yield from (
                        (f"{folder.name}/{entry.name}", entry.path) for entry in entries if entry.name.endswith(".toml")
                    )


def load(root: Path, cache: Path | None, *, extra: Path | None = None) -> RuleBase:
    """Load the packs below `root`, from an artefact when there is one for their content.

    extra: a folder of the user's own packs; those that the lint refuses are left out and named in `problems`.
    """
    key = content_key(root)
    found = parse(_read(root / ARTEFACT) or b"", key)
    place = cache / f"rules-{key[:24]}.json" if cache else None
    if found is None:
        found = parse(_read(place) or b"", key)
    problems: tuple[str, ...] = ()
    rules: Sequence[Rule]
    if found is not None:
        rules, tables = found
    else:
        tables = None
        rules, problems = compile_packs(root)
        if place and not problems:
            write_atomic(place, dump(rules, key))
    if extra is None or not extra.is_dir():
        return RuleBase(rules, key, cache, problems, tables)
    more, refused = user_rules(extra, rules)
    return RuleBase((*rules, *more), key + content_key(extra.parent), cache, problems + refused)


def compile_packs(root: Path) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    """Read the packs themselves: the rules of those that can be read, and what is wrong with the others."""
    from diagnose.scan.pack import read_all, rules_of

    packs, problems = read_all(root)
    return tuple(rule for path, pack in packs for rule in rules_of(pack, path.parent.name)), tuple(problems)


def user_rules(folder: Path, shipped: Sequence[Rule]) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
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
        faults += [
            f"{path}: {pack.tool}/{rule.id}: this id is taken"
            for rule in pack.rule
            if f"{pack.tool}/{rule.id}" in taken
        ]
        problems += faults
        if not faults:
            rules += rules_of(pack, FOREIGN)
    return tuple(rules), tuple(problems)
