"""What the workflow lint finds: in the hand-made files of the tests, against what they say of themselves; or in any folders or files.

Usage: benchmarks/workflow_lint.py                  prints a row for each sample of tests/workflows/samples, and the sums
       benchmarks/workflow_lint.py PATH...          prints each finding in those files, or below those folders

A sample says what is to be found at the end of a line: `# lint: or-true`, several parted by commas.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]  # run as a script

from diagnose.workflows.document import Unreadable  # noqa: E402 - the path is set above
from diagnose.workflows.lint import lint  # noqa: E402
from diagnose.workflows.systems import is_workflow  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SAMPLES: Final = ROOT / "tests" / "workflows" / "samples"
_MARK: Final = re.compile(r"(?:#|//) lint: ([\w-]+(?:, [\w-]+)*)")


def expected(text: str) -> set[tuple[int, str]]:
    """Read what a sample says of itself: (line, kind)."""
    return {
        (number, kind)
        for number, line in enumerate(text.split("\n"), 1)
        for found in _MARK.finditer(line)
        for kind in found[1].split(", ")
    }


def without_marks(text: str) -> str:
    """Take the marks off, so that no rule reads them; lines keep their numbers."""
    return re.sub(r"[ \t]*(?:#|//) lint: [\w, -]+", "", text)


def path_in_repository(file: Path) -> str:
    """A sample stands flat, under `system--name`; what the lint is given is the path of its system."""
    name = file.name.partition("--")[0]
    places = {
        "github": f".github/workflows/{file.stem}.yml", "action": "action.yml", "gitlab": ".gitlab-ci.yml", "azure": "azure-pipelines.yml",
        "circleci": ".circleci/config.yml", "travis": ".travis.yml", "jenkins": "Jenkinsfile",
    }  # fmt: skip
    return places[name]


def judged(file: Path) -> tuple[set[tuple[int, str]], set[tuple[int, str]]]:
    """Return what is to be found in a sample, and what is."""
    text = file.read_text("utf-8")
    found = lint(path_in_repository(file), without_marks(text).encode())
    if found is None or isinstance(found, Unreadable):
        raise SystemExit(f"{file.name}: {found}")
    return expected(text), {(each.line, each.kind) for each in found}


def table() -> int:
    """Print a row a sample; 1 when any is not as it should be."""
    rows = [(file.name, *judged(file)) for file in sorted(SAMPLES.iterdir())]
    print(f"{'sample':<44} {'holes':>5} {'found':>5} {'missed':>6} {'false':>5}")
    for name, wanted, found in rows:
        print(f"{name:<44} {len(wanted):>5} {len(wanted & found):>5} {len(wanted - found):>6} {len(found - wanted):>5}")
    sound = sum(not wanted for _, wanted, _ in rows)
    missed = sum(len(wanted - found) for _, wanted, found in rows)
    false = sum(len(found - wanted) for _, wanted, found in rows)
    holes = sum(len(wanted) for _, wanted, _ in rows)
    print(f"{len(rows)} files, {sound} of them sound; {holes - missed} of {holes} holes found; {false} false alarms")
    return 1 if missed or false else 0


def files_below(places: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """Yield (path, file) of every workflow file."""
    for place in map(Path, places):
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            path = file.as_posix()
            if file.is_file() and is_workflow(path):
                yield path, file


def list_all(places: Sequence[str]) -> int:
    """Print every finding below `places`."""
    start, files, count = time.perf_counter(), 0, 0
    for path, file in files_below(places):
        files += 1
        found = lint(path, file.read_bytes())
        if isinstance(found, Unreadable):
            print(f"{path}:{found.line}: not read: {found.why}")
            continue
        for each in found or ():
            count += 1
            print(f"{path}:{each.line}: {each.kind} ({each.confidence:.2f}) {each.text}\n    {each.why}")
    print(f"{count} findings in {files} files, {time.perf_counter() - start:.1f} s")
    return 0


def main(places: Sequence[str]) -> int:
    """Print the table of the samples, or what is found in `places`."""
    return list_all(places) if places else table()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
