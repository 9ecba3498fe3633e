"""What Prow's entrypoint says of the process that it wraps, in the middle of that process's output.

Grammar: kubernetes-sigs/prow at a619408, pkg/entrypoint/run.go; its logger writes JSON in production and `level=error msg=".."`
otherwise.
"""

from __future__ import annotations

from typing import Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Mark

# `"component":"entrypoint"` is not enough: programs log so too. The messages are the entrypoint's own.
_SAID: Final = (
    r"Process did not finish before [\w.]{1,40} timeout|Entrypoint received interrupt: |Process gracefully exited before [\w.]{1,40} grace period|"
    r"Process did not exit before [\w.]{1,40} grace period|Error executing test process|Error writing exit code to marker file|"
    r"Skipping as previous step exited \d|Could not interrupt process after timeout|Could not kill process after grace period"
)
LINE: Final = rf'(?:\{{"component":"entrypoint",.{{0,4000}}?"msg":"|(?:time="[^"]{{0,60}}" )?level=\w{{1,8}} msg="?|(?:ERRO|INFO)\[[\w:+-]{{1,40}}\] )(?P<said>{_SAID})'
_ENTRY: Final = regex(LINE)
_STATUS: Final = regex(r"wrapped process failed: exit status (\d{1,10})")


def verdict(line: int, stripped: str) -> Mark | None:
    """Read what the entrypoint says of the process that it wraps."""
    found = _ENTRY.match(stripped)
    if found is None:
        return None
    said = found["said"]
    if said.startswith(("Process did not finish", "Entrypoint received")):
        return Mark(
            line,
            "job-failed",
            "the process was stopped: it took too long"
            if said.startswith("Process")
            else "the process was interrupted",
        )
    if not said.startswith("Error executing"):
        return Mark(line, "frame")
    status = _STATUS.search(stripped)
    if status:
        return Mark(line, "job-failed", f"the process failed: exit status {int(status[1])}", int(status[1]))
    if "process timed out" in stripped:
        return Mark(line, "job-failed", "the process was stopped: it took too long")
    return Mark(
        line,
        "job-failed",
        "the process was interrupted" if "process aborted" in stripped else "the process could not be run",
    )
