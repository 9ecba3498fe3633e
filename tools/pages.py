"""Writes the pages that are made from the code; with --check, says which are stale instead.

docs/report.schema.json and docs/rules.md whole; the marked parts of README.md and of other pages of docs/.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from diagnose.config import PREFIX, Settings
from diagnose.render.schema import published
from diagnose.scan.pack import read_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnose.scan.pack import PackTable

ROOT = Path(__file__).resolve().parents[1]
MADE = "<!-- Made by tools/pages.py from {source}: change that, then run the tool. -->\n"
MARKS = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
BOUNDS = {"ge": "at least", "gt": "over", "le": "at most", "lt": "under"}


def settings() -> str:
    """Return the table of settings."""
    rows = (
        f"| `{each.name}` | {_value(each.default)} | {_cell(each.metadata['meaning'])}{_bounds(each.metadata['bounds'])} | `{PREFIX}{each.name.upper()}` |"
        for each in fields(Settings)
    )
    return "\n".join(["| setting | default | meaning | environment |", "|---|---|---|---|", *rows]) + "\n"


def _value(default: Any) -> str:
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default}`" if default != "" else "empty"


def _bounds(bounds: dict[str, float]) -> str:
    said = ", ".join(f"{BOUNDS[name]} {value:g}" for name, value in bounds.items())
    return f" ({said})" if said else ""


def rules() -> str:
    """Return docs/rules.md."""
    packs, problems = read_all(ROOT / "patterns")
    if problems:
        raise SystemExit("\n".join(problems))
    ecosystems: dict[str, list[PackTable]] = {}
    for path, pack in packs:
        ecosystems.setdefault(path.parent.name, []).append(pack)
    count = sum(len(pack.rule) for _, pack in packs)
    head = (
        MADE.format(source="patterns/")
        + "# Tools and rules\n\n"
        + f"{count} rules over {len(packs)} tools. `ci-diagnose patterns show TOOL/RULE` prints one with its expression, its fix and how it is known;\n"
        + "[CONTRIBUTING](../CONTRIBUTING.md) says what each field means and how to add one.\n\n"
        + "Kinds: a *cause* explains a failure; a *detail* names a failed test or place; a *wrapper* says only that something failed;\n"
        + "*totals* count tests; *silent* is a failure that a green step hides; *noise* is never evidence; a *warning*\n"
        + "is printed without failing: its place joins the cause of its tool.\n"
    )
    return head + "".join(
        f"\n## {name}\n" + "".join(_tool(pack) for pack in owned) for name, owned in ecosystems.items()
    )


def _tool(pack: PackTable) -> str:
    title = f"[{_cell(pack.title)}]({pack.homepage})" if pack.homepage.startswith("https://") else _cell(pack.title)
    rows = "".join(
        f"| `{pack.tool}/{rule.id}` | {rule.kind} | {rule.category} | {_cell(rule.title)} |\n" for rule in pack.rule
    )
    return f"\n### {pack.tool}\n\n{title}\n\n| rule | kind | category | says |\n|---|---|---|---|\n{rows}"


def _cell(text: str) -> str:
    return re.sub(r"([\\`*_|<>\[\]])", r"\\\1", " ".join(text.split()))


def marked(name: str) -> str:
    """Return a page with what is made now between its marks: `<!-- made: PART -->` and `<!-- end -->`."""
    return MARKS.sub(
        lambda found: f"{found[1]}{PARTS[found[2]]()}{found[3]}", (ROOT / name).read_text(encoding="utf-8")
    )


def shown(*arguments: str) -> str:
    """Return a command and what it prints on standard output, 80 columns wide, on a machine that knows nothing yet."""
    with tempfile.TemporaryDirectory() as home:
        alone = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": home,
            "COLUMNS": "80",
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
        }
        tool = str(Path(sys.executable).with_name("ci-diagnose"))
        got = subprocess.run(
            [tool, *arguments], cwd=ROOT, env=alone, capture_output=True, text=True, check=False, encoding="utf-8"
        )
    if got.returncode not in (0, 1):
        raise SystemExit(f"ci-diagnose {' '.join(arguments)}: exit {got.returncode}\n{got.stderr}")
    return f"```text\n$ ci-diagnose {' '.join(arguments)}\n{got.stdout}```\n"


def of_action(name: str, kind: str) -> str:
    """Return the table of an action's inputs or outputs."""
    listed = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))[kind]
    if kind == "inputs":
        rows = (
            f"| `{each}` | {_value(about['default']).replace('|', chr(92) + '|')} | {about['description']} |"
            for each, about in listed.items()
        )
        return "\n".join(["| input | default | meaning |", "|---|---|---|", *rows]) + "\n"
    return (
        "\n".join(
            [
                "| output | meaning |",
                "|---|---|",
                *(f"| `{each}` | {about['description']} |" for each, about in listed.items()),
            ]
        )
        + "\n"
    )


def why_job() -> str:
    """Return the job that diagnoses, as it stands in the first example."""
    lines = (ROOT / "examples" / "workflows" / "follow-up.yml").read_text(encoding="utf-8").splitlines()
    first, last = lines.index("  why:"), lines.index("      - name: What the outputs are for")
    return "```yaml\n" + "".join(f"{line}\n" for line in lines[first:last]) + "```\n"


PARTS: dict[str, Callable[[], str]] = {
    "settings": settings,
    "inputs": lambda: of_action("action.yml", "inputs"),
    "outputs": lambda: of_action("action.yml", "outputs"),
    "setup": lambda: of_action("setup/action.yml", "inputs") + "\n" + of_action("setup/action.yml", "outputs"),
    "why_job": why_job,
    "answer": lambda: shown("--log", "examples/failing.log", "--no-memory"),
    "brief": lambda: shown("--log", "examples/failing.log", "--no-memory", "--format", "brief"),
    "help": lambda: shown("--help"),
    "reliability": lambda: shown("explain", "--reliability"),
}
PAGES: dict[str, Callable[[], str]] = {
    "docs/report.schema.json": published,
    "docs/rules.md": rules,
    "docs/actions.md": lambda: marked("docs/actions.md"),
    "docs/agents.md": lambda: marked("docs/agents.md"),
    "docs/configuration.md": lambda: marked("docs/configuration.md"),
    "README.md": lambda: marked("README.md"),
}


def main() -> int:
    """Write what is stale, or only name it."""
    stale = 0
    for name, made in PAGES.items():
        path, text = ROOT / name, made()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8", newline="\n")
        print(f"{name}: {'stale, run python tools/pages.py' if '--check' in sys.argv[1:] else 'written'}")
    return 1 if stale and "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
