"""What is said of jobs that were ended from outside: the hand-made cases of the tests, and look-alikes of which nothing may be said.

Usage: benchmarks/hangs.py                  prints a row for each case, and the sums
       benchmarks/hangs.py LOG...           prints what is said of those logs
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "agents")]  # run as a script

from diagnose.model.incident import Incident, Job, LogFile  # noqa: E402 - the path is set above
from diagnose.safety.plain import plain  # noqa: E402
from tests.support.diagnosing import diagnosed  # noqa: E402
from tests.support.stopped_cases import CASES, incident_of  # noqa: E402

if TYPE_CHECKING:
    from diagnose.model.report import Report
    from tests.support.stopped_cases import Case


def report_of(case: Case, folder: Path) -> Report:
    """Diagnose one case with all that is installed."""
    return diagnosed(incident_of(case, folder))


def wrong(case: Case, report: Report) -> list[str]:
    """Say what is not as it should be."""
    wanted = case.wanted
    if wanted is None:
        return [f"{stop.reason} is said" for stop in report.stops]
    blocking = [plain(check.message) for check in report.environment if check.blocking]
    if wanted.check:
        return [] if any(wanted.check in said for said in blocking) else [f"the checks say {blocking}"]
    if not report.stops:
        return ["nothing is said"]
    stop = report.stops[0]
    root = plain(report.root_cause.title) if report.root_cause is not None else ""
    test = plain(stop.test) if stop.test is not None else ""
    pairs = (
        ("reason", stop.reason == wanted.reason, stop.reason), ("pace", wanted.pace in ("unknown", stop.pace), stop.pace),
        ("test", test == wanted.test or (not wanted.test and wanted.pace != "hung"), test), ("after", stop.after == wanted.after or not wanted.test, str(stop.after)),
        ("who", wanted.who in plain(stop.title), plain(stop.title)), ("root cause", wanted.root in root, root), ("advice", wanted.advice in plain(stop.advice), plain(stop.advice)),
    )  # fmt: skip
    return [f"{what} is {found!r}" for what, right, found in pairs if not right]


def table() -> int:
    """Print the table; return how many cases are not as they should be."""
    bad = 0
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            report = report_of(case, Path(folder))
        faults = wrong(case, report)
        bad += bool(faults)
        print(
            f"{'WRONG' if faults else 'right':<6}{case.name:<50}{_said(report)}{'   !! ' + '; '.join(faults) if faults else ''}"
        )
    stopped = sum(case.wanted is not None for case in CASES)
    print(
        f"\n{len(CASES) - bad} of {len(CASES)} as they should be: {stopped} stopped jobs, {len(CASES) - stopped} look-alikes"
    )
    return bad


def _said(report: Report) -> str:
    if not report.stops:
        return next((f"check: {plain(check.message)}" for check in report.environment if check.blocking), "-")
    stop = report.stops[0]
    test = f"  {'behind ' if stop.after else ''}{plain(stop.test)}" if stop.test is not None else ""
    silent = f"  silent {stop.silent_seconds:.0f} s" if stop.silent_seconds is not None and stop.pace == "hung" else ""
    return f"{stop.reason:<16}{stop.pace:<8}{silent}{test}"


def main(names: list[str]) -> int:
    """Run the command."""
    if not names:
        return 1 if table() else 0
    for name in names:
        path = Path(name)
        report = diagnosed(Incident("log", name, (Job("0", name, "unknown", LogFile(name, path)),)))
        print(f"{name}: {_said(report)}")
        for stop in report.stops:
            print(f"  {plain(stop.title)}\n  {plain(stop.doing)}\n  {plain(stop.advice)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
