"""What becomes of each check's exit code in a script: whether a failure of it ends the script, is dealt with, or is lost."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.workflows.shell import Group, List, Pipeline, Simple, parse, simples
from diagnose.workflows.tools import bare, check_of, unwrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from diagnose.workflows.model import Shell

_THROUGH: Final = frozenset(
    [
        "tee",
        "cat",
        "head",
        "tail",
        "ts",
        "sed",
        "awk",
        "gawk",
        "mawk",
        "xcpretty",
        "xcbeautify",
        "tap-spec",
        "tap-dot",
        "tap-diff",
        "faucet",
        "column",
        "tr",
        "cut",
        "nl",
        "less",
        "more",
        "pino-pretty",
        "fold",
        "fmt",
        "uniq",
        "sort",
        "colrm",
        "aha",
        "ansi2html",
    ]
)
_HARMLESS: Final = frozenset({"true", ":", "echo", "printf", "/bin/true", "cat", "date", "sleep"})
_ASKS: Final = regex(r"\$\{?(?:\?|PIPESTATUS|pipestatus)|LASTEXITCODE|errorlevel", re.IGNORECASE)
_MASKING: Final = frozenset({"export", "local", "declare", "readonly", "typeset", "echo", "printf", "test", "["})


@dataclass(frozen=True, slots=True)
class Site:
    """A check in a script. tool: what it is. fate: "" when a failure of it counts, else the rule that says how it is lost.

    line: where it is lost, or where the check stands. words: its words. to: files that its output goes to. piped: its output goes through a pipe.
    """

    tool: str
    line: int
    fate: str
    words: tuple[str, ...]
    to: tuple[str, ...] = ()
    timed: bool = False


@dataclass(frozen=True, slots=True)
class _Level:
    """One level round a check: the list that it stands in, where in it, and what follows that list on its level."""

    each: List
    part: int
    place: int
    after: tuple[List, ...]
    errexit: bool
    pipefail: bool
    decides: bool = False
    kind: str = ""


def sites(lines: Sequence[tuple[int, str]], shell: Shell) -> tuple[Site, ...]:
    """Find every check of a script, and what becomes of its exit code."""
    if shell.name in ("pwsh", "cmd"):
        return tuple(_by_line(lines, shell.name))
    if not shell.posix:
        return ()
    script = parse(lines)
    return tuple(_Walk(shell.errexit, shell.pipefail, trapped=_trapped(script.lists)).lists(script.lists, ()))


def _trapped(lists: Sequence[List]) -> bool:
    """Whether the script ends well whatever happens: `trap 'exit 0' ERR`."""
    for command in simples(lists):
        words = [word.text for word in command.words]
        if (
            words[:1] == ["trap"]
            and words[2:]
            and re.search(r"\bexit 0\b|^(?:true|:)$", words[1])
            and set(words[2:]) & {"ERR", "EXIT", "0"}
        ):
            return True
    return False


class _Walk:
    """Goes through a script in order. errexit, pipefail: as `set` left them."""

    def __init__(self, errexit: bool, pipefail: bool, *, trapped: bool = False) -> None:  # noqa: FBT001 - the shell's two options, in its order
        self.errexit, self.pipefail, self.trapped = errexit, pipefail, trapped

    def lists(
        self, lists: Sequence[List], above: tuple[_Level, ...], kind: str = "", *, decides: bool = False
    ) -> Iterator[Site]:
        for index, each in enumerate(lists):
            after = tuple(lists[index + 1 :])
            for part, (_, pipeline) in enumerate(each.parts):
                for place, command in enumerate(pipeline.parts):
                    level = _Level(each, part, place, after, self.errexit, self.pipefail, decides, kind)
                    yield from self._command(command, (*above, level))
            self._options(each)

    def _options(self, each: List) -> None:
        for command in simples((each,), conditions=False):
            words = [word.text for word in command.words]
            if words[:1] != ["set"]:
                continue
            for place, word in enumerate(words[1:], 1):
                on = word.startswith("-")
                if not word.startswith(("-", "+")):
                    continue
                if "e" in word[1:]:
                    self.errexit = on
                if word.endswith("o"):
                    named = words[place + 1] if place + 1 < len(words) else ""
                    self.pipefail = on if named == "pipefail" else self.pipefail
                    self.errexit = on if named == "errexit" else self.errexit

    def _command(self, command: Simple | Group, levels: tuple[_Level, ...]) -> Iterator[Site]:
        if isinstance(command, Group):
            if command.kind == "function":
                levels = ()
            yield from self.lists(command.condition, levels, command.kind, decides=True)
            yield from self.lists(command.body, levels, command.kind)
            yield from self.lists(command.otherwise, levels, command.kind)
            return
        words = tuple(word.text for word in command.words)
        to = tuple(name for sign, name in command.to if ">" in sign) + _teed(levels)
        tool = check_of(words)
        timed = bool(words) and bare(words[0]) in ("timeout", "gtimeout")
        if tool:
            site = Site(tool, command.line, self._fate(levels), words, to, timed)
            yield replace(site, line=self._lost_at(site, levels))
        elif words[:1] == ("find",) and "-exec" in words:
            inner = words[words.index("-exec") + 1 :]
            if (found := check_of(inner)) and inner[-1:] == (";",):
                yield Site(found, command.line, "find-exec", words, to)
        yield from self._nested(command, words, levels)

    def _nested(self, command: Simple, words: tuple[str, ...], levels: tuple[_Level, ...]) -> Iterator[Site]:
        """Checks in substitutions, and in the text that `bash -c` is given."""
        if unwrapped(words)[:1] and bare(unwrapped(words)[0]) in _MASKING:
            for word in command.words:
                for line, text in word.inner:
                    for inner in sites_of_text(line, text):
                        yield replace(inner, fate=inner.fate or ("" if _written(words) else "substitution"))
        script = _given(words)
        if script:
            place = next(word for word in command.words if word.text == script)
            walk = _Walk(errexit=_strict(words), pipefail="pipefail" in words)
            rows = [(place.line + row, text) for row, text in enumerate(script.split("\n"))]
            for inner in walk.lists(parse(rows).lists, ()):
                outer = self._fate(levels)
                yield replace(inner, fate=inner.fate or outer)

    def _fate(self, levels: tuple[_Level, ...]) -> str:
        """Go from the check outwards: the first place that loses its exit code, or that deals with it, decides."""
        for depth, level in enumerate(reversed(levels)):
            fate = self._on(level, outermost=depth == len(levels) - 1)
            if fate is not None:
                return fate
        return "trap" if self.trapped else ""

    def _on(self, level: _Level, *, outermost: bool) -> str | None:
        pipeline = level.each.parts[level.part][1]
        if level.decides or pipeline.negated:
            return ""
        if level.place < len(pipeline.parts) - 1 and not level.pipefail:
            return self._piped(level, pipeline)
        rest = level.each.parts[level.part + 1 :]
        caught = next((other for sign, other in rest if sign == "||"), None)
        if caught is not None:
            return "or-true" if _harmless(caught) and not _asked(level.after[:1]) else ""
        if level.each.background:
            return "background" if not _waits(level.after) else ""
        return self._runs_on(level, rest, outermost=outermost)

    def _piped(self, level: _Level, pipeline: Pipeline) -> str | None:
        rest = pipeline.parts[level.place + 1 :]
        if not all(_program(part) in _THROUGH for part in rest) or _asked((level.each, *level.after[:2])):
            return ""
        return "pipe"

    def _runs_on(self, level: _Level, rest: Sequence[tuple[str, Pipeline]], *, outermost: bool) -> str | None:
        """Whether the script goes on behind a failure, and nobody asks."""
        if not level.after or _asked(level.after[:1]):
            return "" if level.after else None
        if not level.errexit:
            if _only_leaves(level.after) and not _leaves_well(level.after):
                return ""
            return "goes-on" if outermost or level.kind in ("brace", "subshell", "if") else None
        return "and-list" if rest else None

    @staticmethod
    def _lost_at(site: Site, levels: tuple[_Level, ...]) -> int:
        """The line of the `|| true`, which may stand below the check."""
        if site.fate == "or-true":
            for level in reversed(levels):
                for sign, other in level.each.parts[level.part + 1 :]:
                    if sign == "||":
                        return other.parts[0].line
        return site.line


def _program(part: Simple | Group) -> str:
    """The program that a command runs, "" for a group."""
    words = unwrapped([word.text for word in part.words]) if isinstance(part, Simple) else ()
    return bare(words[0]) if words else ""


def sites_of_text(line: int, text: str) -> tuple[Site, ...]:
    """Find the checks in a piece of script that stands within another."""
    rows = [(line + row, each) for row, each in enumerate(text.split("\n"))]
    return tuple(_Walk(errexit=False, pipefail=False).lists(parse(rows).lists, ()))


def _given(words: tuple[str, ...]) -> str:
    """Give the text behind `bash -c`, `sh -lc`, `nix-shell --run`: a script of its own."""
    for place, word in enumerate(words[:-1]):
        shell = bare(word) in ("bash", "sh", "zsh", "dash", "ash")
        if shell:
            for offset, flag in enumerate(words[place + 1 : place + 6], place + 1):
                if re.fullmatch(r"-[a-zA-Z]*c", flag) and offset + 1 < len(words):
                    return words[offset + 1]
        if bare(word) == "nix-shell" and "--run" in words[:-1]:
            return words[words.index("--run") + 1]
    return ""


def _strict(words: tuple[str, ...]) -> bool:
    return any(re.fullmatch(r"-[a-zA-Z]*e[a-zA-Z]*", word) for word in words[:12] if len(word) < 6)  # noqa: PLR2004 - a bundle of short options


def _teed(levels: tuple[_Level, ...]) -> tuple[str, ...]:
    """Files that a `tee` behind the check writes."""
    if not levels:
        return ()
    level = levels[-1]
    rest = level.each.parts[level.part][1].parts[level.place + 1 :]
    found: list[str] = []
    for part in rest:
        if isinstance(part, Simple):
            words = [word.text for word in part.words]
            if words[:1] == ["tee"]:
                found += [word for word in words[1:] if not word.startswith("-")]
            found += [name for sign, name in part.to if ">" in sign]
    return tuple(found)


def _harmless(pipeline: Pipeline) -> bool:
    """Whether what stands behind `||` lets the failure pass: it says something, or does nothing."""
    if len(pipeline.parts) != 1 or pipeline.negated:
        return False
    part = pipeline.parts[0]
    if isinstance(part, Group):
        inner = list(simples(part.body))
        return part.kind in ("brace", "subshell") and bool(inner) and all(_says(command) for command in inner)
    return _says(part)


def _says(command: Simple) -> bool:
    words = [word.text for word in command.words]
    if command.sets or any("GITHUB_" in name or "BASH_ENV" in name for _, name in command.to):
        return False
    if words[:1] in (["exit"], ["return"]):
        return words[1:2] == ["0"]
    if any("set-output" in word or "task.setvariable" in word or "task.complete" in word for word in words):
        return False
    if command.to and any(name not in ("&2", "2", "1", "/dev/null", "/dev/stderr") for _, name in command.to):
        return False  # it leaves a mark that somebody may read
    return bool(words) and words[0] in _HARMLESS


def _asked(lists: Sequence[List]) -> bool:
    """Whether one of these reads the exit code."""
    return any(_ASKS.search(word.text) for command in simples(lists) for word in (*command.words, *command.sets))


def _waits(lists: Sequence[List]) -> bool:
    for command in simples(lists):
        words = [word.text for word in command.words]
        if words[:1] == ["wait"] and len(words) > 1:
            return True
    return False


def _only_leaves(lists: Sequence[List]) -> bool:
    names = [command.name for command in simples(lists)]
    return len(names) == 1 and names[0] in ("exit", "return")


def _leaves_well(lists: Sequence[List]) -> bool:
    words = [word.text for word in next(simples(lists)).words]
    return words[1:2] == ["0"]


def _written(words: tuple[str, ...]) -> bool:
    """Whether a command only writes a result down for others: `echo "x=$(...)" >> $GITHUB_OUTPUT`."""
    return words[:1] in (("test",), ("[",))


_POWER_ASKS: Final = regex(
    r"\$LASTEXITCODE|\$\?|PSNativeCommandUseErrorActionPreference\s*=\s*\$true|errorlevel|\|\||&&|\bexit\b|\bthrow\b",
    re.IGNORECASE,
)


def _by_line(lines: Sequence[tuple[int, str]], shell: str) -> Iterator[Site]:
    """PowerShell and cmd, line by line: only the last program's exit code counts, unless somebody asks."""
    rows = [(number, text.strip()) for number, text in lines]
    joined = "\n".join(text for _, text in rows)
    full = [
        (number, text)
        for number, text in rows
        if text and not text.startswith(("#", "::", "REM ", "rem ", "@echo", "<#"))
    ]
    native = re.search(r"PSNativeCommandUseErrorActionPreference\s*=\s*\$true", joined) is not None
    for place, (number, text) in enumerate(full):
        words = tuple(re.sub(r"^(?:&|call|@)\s*", "", text, flags=re.IGNORECASE).split())
        tool = check_of(words) if words and not text.endswith(("`", "^", "{")) else ""
        if not tool or (place and full[place - 1][1].endswith(("`", "^"))):
            continue
        later = full[place + 1 :]
        asked = bool(_POWER_ASKS.search(text)) or any(_POWER_ASKS.search(other) for _, other in later[:2])
        last = not later or all(other in ("}", ")", "endlocal", "popd", "Pop-Location") for _, other in later)
        yield Site(tool, number, "" if last or asked or native or "{" in joined else f"last-only-{shell}", words)
