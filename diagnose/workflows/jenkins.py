"""Jenkins: a Jenkinsfile's `sh` steps, read as text. `sh` runs `sh -xe`, without pipefail, unless its script begins with `#!`."""

from __future__ import annotations

import re
from typing import Final

from diagnose.kit.regex import regex
from diagnose.workflows.document import Document
from diagnose.workflows.model import Flag, Job, Script, Shell, Step, Workflow

_STEP: Final = regex(
    r"(?P<name>\b(?:sh|bat|powershell|pwsh))\s*\(?\s*(?P<args>(?:(?:label|returnStatus|returnStdout|encoding)\s*:\s*[^,\n]{1,80},\s*)*)(?:script\s*:\s*)?"
    r"(?P<quote>'''|\"\"\"|'|\")(?P<body>.{0,20000}?)(?<!\\)(?P=quote)(?P<tail>[^\n]{0,120})",
    re.DOTALL,
)
_CATCH: Final = regex(r"catchError\s*\([^)\n]{0,200}?buildResult\s*:\s*['\"]SUCCESS['\"][^)\n]{0,200}\)\s*\{")
_SHELLS: Final = {
    "sh": Shell("sh", errexit=True, pipefail=False),
    "bat": Shell("cmd", errexit=False, pipefail=False),
    "powershell": Shell("pwsh", errexit=False, pipefail=False),
    "pwsh": Shell("pwsh", errexit=False, pipefail=False),
}
_STAGE: Final = regex(r"stage\s*\(\s*['\"]([^'\"\n]{1,100})['\"]")
MOST: Final = 500


def workflow(path: str, text: str) -> Workflow | None:
    """Read every `sh`, `bat` and `powershell` step."""
    lines = tuple(text.split("\n"))
    code = re.sub(r"(?m)^[ \t]*//.*$", lambda found: " " * len(found[0]), text)
    stages = [(found.start(), found[1]) for found in _STAGE.finditer(code)]
    caught = [(found.start(), _closing(code, found.end())) for found in _CATCH.finditer(code)]
    steps: list[Step] = []
    for found in list(_STEP.finditer(code))[:MOST]:
        if "returnStatus" in found["args"] or "returnStatus" in found["tail"]:
            continue
        first = code.count("\n", 0, found.start("body")) + 1
        rows = tuple((first + place, row) for place, row in enumerate(found["body"].split("\n")))
        stage = next((name for at, name in reversed(stages) if at < found.start()), "")
        hidden = next((at for at, end in caught if at < found.start() < end), None)
        tolerant = Flag("true", code.count("\n", 0, hidden) + 1) if hidden is not None else None
        steps.append(Step(stage, first, script=Script(rows, _shell(found["name"], found["body"])), tolerant=tolerant))
    return (
        Workflow(path, "jenkins", Document((), lines), (Job("pipeline", "pipeline", 1, tuple(steps)),))
        if steps
        else None
    )


def _shell(name: str, body: str) -> Shell:
    head = body.strip().split("\n", 1)[0]
    if name == "sh" and head.startswith("#!"):
        words = head[2:].split()
        options = [word for word in words[1:] if word.startswith("-")]
        return Shell(
            "bash" if "bash" in head else "sh",
            errexit=any("e" in word for word in options),
            pipefail="pipefail" in words,
        )
    return _SHELLS[name]


def _closing(code: str, at: int) -> int:
    """Find where the brace closes that was opened right before `at`."""
    depth = 1
    for place in range(at, min(len(code), at + 50_000)):
        depth += {"{": 1, "}": -1}.get(code[place], 0)
        if depth == 0:
            return place
    return len(code)
