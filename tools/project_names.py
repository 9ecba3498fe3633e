"""Says whether a rule holds the name of a project: `python tools/project_names.py CORPUS`.

A rule is a tool's wording; one that holds the name of a project knows that project's log by heart. The names come from the
corpus (the field `project` of the cases in CORPUS/*/cases.jsonl): of `owner/name`, the whole, the owner and the name, and the
name without its separators. They are looked for as whole words, in any case of letters, in each rule's title, literals,
requires and every expression. Names of tools with a pack, their parts, and the words of COMMON are not looked for, nor is a name
under three letters. Exit code 1 when a rule holds a name.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from diagnose.scan.pack import read_all  # noqa: E402 - from the checkout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from diagnose.scan.pack import PackTable, RuleTable

SHORTEST = 3
# names of projects that are also words, languages, or tools without a pack of their own; what the rules mean by them
COMMON = {
    "apple": "the company, in names of its services",
    "cplusplus": "prefix of the static analyzer's checks (cplusplus.NewDelete)",
    "django": "the framework, whose templates linters read",
    "google": "prefix of clang-tidy's checks (google-runtime-int)",
    "grep": "the command",
    "javascript": "the language",
    "leiningen": "the tool, which speaks through test runners",
    "microsoft": "part of product names: Microsoft Edge, Microsoft Visual C++",
    "postcss": "the tool, which speaks through bundlers",
    "psql": "the command",
    "sanity": "an English word",
    "sass": "the language of style sheets",
    "scala": "the language",
    "svg": "the file format",
    "terminal": "an English word",
    "tldr": "prefix of tldr-lint's codes (TLDR003)",
    "unknown": "an English word",
}


class Offence(NamedTuple):
    """A rule's field that holds a name."""

    rule: str
    field: str
    name: str


def names_of(corpus: Path) -> set[str]:
    """The names of the corpus's projects in lower case, with their parts."""
    names: set[str] = set()
    for index in sorted(corpus.glob("*/cases.jsonl")):
        for line in index.read_text(encoding="utf-8").splitlines():
            whole = str(json.loads(line).get("project") or "").lower().strip()
            for part in (whole, *whole.split("/")):
                names |= {part, re.sub(r"[._-]", "", part)}
    return {name for name in names if len(name) >= SHORTEST}


def words_of_tools(packs: Iterable[tuple[Path, PackTable]]) -> set[str]:
    """Names that are tools: those of the packs, their parts, and the ecosystems."""
    words: set[str] = set()
    for path, pack in packs:
        words |= {path.parent.name, pack.tool, re.sub(r"[._-]", "", pack.tool), *re.split(r"[._-]", pack.tool)}
    return words


def offences(packs: Sequence[tuple[Path, PackTable]], names: set[str]) -> Iterator[Offence]:
    """Every field of every rule that holds one of `names`."""
    wanted = sorted(names - words_of_tools(packs) - COMMON.keys())
    if not wanted:
        return
    pattern = re.compile(
        r"(?<![a-z0-9])(?:"
        + "|".join(re.escape(name) for name in sorted(wanted, key=len, reverse=True))
        + r")(?![a-z0-9])"
    )
    for _, pack in packs:
        for rule in pack.rule:
            for field, text in _texts(rule):
                found = pattern.findall(text.lower())
                yield from (Offence(f"{pack.tool}/{rule.id}", field, name) for name in dict.fromkeys(found))


def _texts(rule: RuleTable) -> Iterator[tuple[str, str]]:
    yield "title", rule.title
    yield from (("literals", each) for each in rule.literals)
    yield from (("requires", each) for each in rule.requires)
    yield "expression", _readable(rule.expression)
    yield from (
        ("block", _readable(each)) for each in (rule.block.before_until, rule.block.after_until, rule.block.after_while)
    )
    yield from (("capture", _readable(each.expression)) for each in rule.capture)


def _readable(expression: str) -> str:
    r"""Take the escapes off an expression: `a\-b\.c` reads a-b.c, and the letter of `\s`, `\b` belongs to no word."""
    return re.sub(r"\\([^\w\s])", r"\1", re.sub(r"\\[a-zA-Z]", " ", expression))


def main(arguments: Sequence[str]) -> int:
    """Look, and print."""
    if len(arguments) != 1:
        print(__doc__)
        return 2
    packs, problems = read_all(ROOT / "patterns")
    names = names_of(Path(arguments[0]))
    if problems or not names:
        print(*problems or [f"{arguments[0]} holds no cases: */cases.jsonl with the field project"], sep="\n")
        return 2
    found = list(offences(packs, names))
    for each in found:
        print(f"{each.rule}: its {each.field} holds {each.name!r}, the name of a project")
    skipped = len(names & (words_of_tools(packs) | COMMON.keys()))
    rules = sum(len(pack.rule) for _, pack in packs)
    print(
        f"{len(names) - skipped} names of projects in {rules} rules: {len(found)} found; {skipped} names not looked for, since they are tools or words"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
