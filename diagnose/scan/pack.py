"""Packs: one tool's knowledge in one TOML file, `patterns/<ecosystem>/<tool>.toml`. This is the border: pydantic checks it."""

from __future__ import annotations

import tomllib
from pathlib import Path  # noqa: TC003 - used at run time by callers of this signature
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from diagnose.model.words import Category, Severity, SilentKind  # noqa: TC001 - pydantic reads the annotations
from diagnose.scan.rule import Advice, Block, Capture, Command, Kind, Rule, Where

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.+-]*$", max_length=60)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Count = Annotated[int, Field(ge=0, le=400)]


Minutes = Annotated[list[float], Field(min_length=3, max_length=3)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BlockTable(_Strict):
    """`[rule.block]`."""

    before: Count = 0
    before_until: str = ""
    after: Count = 0
    after_until: str = ""
    after_while: str = ""
    indented: bool = False
    blank: Count = 1


class CaptureTable(_Strict):
    """`[[rule.capture]]`."""

    expression: Text
    where: Where = "block"
    most: Count = 40
    joined_until: str = ""


class CommandTable(_Strict):
    """`commands = [{ run = "...", safe = true }]`."""

    run: Text
    safe: bool = False


class AdviceTable(_Strict):
    """`[[rule.advice]]`: the first whose `when` a quoted line matches goes before the rule's own remedy."""

    when: Text
    remedy: Text
    minutes: Minutes | None = None


class Sample(_Strict):
    """A hit: lines of real output. The rule's line must be found in it; `captures` are then as given."""

    text: Text
    captures: dict[str, str] = {}


class RuleTable(_Strict):
    """`[[rule]]`: see CONTRIBUTING for what each field means."""

    id: Name
    kind: Kind = "cause"
    title: Text
    category: Category
    literals: list[Annotated[str, StringConstraints(min_length=1)]] = Field(min_length=1)
    expression: Text
    caseless: bool = False
    requires: list[Text] = []
    block: BlockTable = BlockTable()
    capture: list[CaptureTable] = []
    explains: list[str] = []
    follows: list[str] = []
    mutes: list[str] = []
    within: list[str] = []
    remedy: str = ""
    commands: list[CommandTable] = []
    advice: list[AdviceTable] = []
    minutes: Minutes | None = None
    reproduce: str = ""
    reproduce_all: str = ""
    infrastructure: bool = False
    flaky: bool = False
    retry: bool = False
    final: bool = False
    program: bool = False
    silent: SilentKind | None = None
    severity: Severity = "error"
    weight: Annotated[float, Field(ge=0.1, le=3)] = 1.0
    why: Text
    seen: list[str] = []
    hits: list[Text | Sample] = Field(min_length=1)
    misses: list[Text] = []


class PackTable(_Strict):
    """A pack file."""

    tool: Name
    title: Text
    homepage: str = ""
    reproduce: str = ""
    reproduce_all: str = ""
    rule: list[RuleTable] = Field(min_length=1)


class PackError(ValueError):
    """A pack that cannot be used; the message names the file and says what to change."""


def read_pack(path: Path) -> PackTable:
    """Read and check one pack file. Raise PackError with file, place and reason."""
    try:
        return PackTable.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PackError(f"{path}: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise PackError(f"{path}: {place}: {first['msg']}{more}") from None


def rules_of(pack: PackTable, ecosystem: str) -> tuple[Rule, ...]:
    """Turn a checked pack into rules; the pack's reproduce commands serve rules without their own."""
    return tuple(_rule(table, pack, ecosystem) for table in pack.rule)


def _rule(table: RuleTable, pack: PackTable, ecosystem: str) -> Rule:
    return Rule(
        id=f"{pack.tool}/{table.id}",
        tool=pack.tool,
        ecosystem=ecosystem,
        kind=table.kind,
        title=table.title,
        category=table.category,
        literals=tuple(table.literals),
        expression=table.expression,
        caseless=table.caseless,
        requires=tuple(table.requires),
        block=Block(**table.block.model_dump()),
        captures=tuple(Capture(**capture.model_dump()) for capture in table.capture),
        explains=tuple(table.explains),
        follows=tuple(table.follows),
        mutes=tuple(table.mutes),
        within=tuple(table.within),
        remedy=table.remedy,
        commands=tuple(Command(**command.model_dump()) for command in table.commands),
        advice=tuple(Advice(each.when, each.remedy, _minutes(each.minutes)) for each in table.advice),
        minutes=_minutes(table.minutes),
        reproduce=table.reproduce or pack.reproduce,
        reproduce_all=table.reproduce_all or pack.reproduce_all,
        infrastructure=table.infrastructure,
        flaky=table.flaky,
        retry=table.retry,
        final=table.final,
        program=table.program,
        silent=table.silent,
        severity=table.severity,
        weight=table.weight,
        why=table.why,
        seen=tuple(table.seen),
    )


def _minutes(told: list[float] | None) -> tuple[float, float, float] | None:
    return (told[0], told[1], told[2]) if told else None


def pack_files(root: Path) -> list[Path]:
    """All packs below `root`, in a stable order."""
    return sorted(root.glob("*/*.toml"))


def read_all(root: Path) -> tuple[list[tuple[Path, PackTable]], list[str]]:
    """Read every pack below `root`: those that are right, and what is wrong with the others."""
    packs: list[tuple[Path, PackTable]] = []
    problems: list[str] = []
    for path in pack_files(root):
        try:
            packs.append((path, read_pack(path)))
        except PackError as error:
            problems.append(str(error))
    return packs, problems
