"""Job logs as GitHub's runner writes them: a stamp of seven digits on each line, a BOM where a step's file begins, echoed scripts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

CYAN = "\x1b[36;1m"
RED = "\x1b[31m"
RESET = "\x1b[0m"


@dataclass
class LogStep:
    """One step's lines, unstamped."""

    number: int
    name: str
    lines: list[str]
    conclusion: str = "success"


@dataclass
class JobLog:
    """A job's steps and how long each takes, in seconds."""

    steps: list[LogStep] = field(default_factory=list)
    line_end: str = "\n"
    pace: float = 0.08

    def stamped(self, began: datetime) -> list[tuple[LogStep, list[str], datetime, datetime]]:
        """Return each step with its stamped lines and its times."""
        at = began
        out = []
        for step in self.steps:
            start = at
            lines = []
            for line in step.lines:
                at += timedelta(seconds=self.pace)
                lines.append(f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}7Z {line}")
            at += timedelta(seconds=1)
            out.append((step, lines, start, at))
        return out

    def whole(self, began: datetime) -> bytes:
        """Return the job's log as the job endpoint gives it."""
        text = "".join(
            "\ufeff" + "".join(line + self.line_end for line in lines) for _, lines, _, _ in self.stamped(began)
        )
        return text.encode()


def run_group(script: list[str], env: dict[str, str] | None = None, shell: str = "/usr/bin/bash -e {0}") -> list[str]:
    lines = [f"##[group]Run {script[0]}", *(f"{CYAN}{line}{RESET}" for line in script), f"shell: {shell}"]
    if env:
        lines += ["env:", *(f"  {name}: {value}" for name, value in env.items())]
    return [*lines, "##[endgroup]"]


def set_up(job: str, image: str) -> LogStep:
    return LogStep(1, "Set up job", [
        "Current runner version: '2.336.0'", "##[group]Operating System", image, "##[endgroup]", "##[group]Runner Image",
        f"Image: {image}", "Version: 20261110.1.0", "##[endgroup]", "##[group]GITHUB_TOKEN Permissions", "Contents: read",
        "Metadata: read", "##[endgroup]", "Secret source: Actions", "Prepare workflow directory", "Prepare all required actions",
        "Getting action download info", "Download action repository 'actions/checkout@v4' (SHA:11bd71901bbe5b1630ceea73d27597364c9af683)",
        "Download action repository 'actions/setup-python@v5' (SHA:a26af69be951a213d495a4c3e4e4022e16d87065)",
        f"Complete job name: {job}",
    ])  # fmt: skip


def checkout(sha: str) -> LogStep:
    return LogStep(2, "Run actions/checkout@v4", [
        "##[group]Run actions/checkout@v4", "with:", "  repository: acme/app", "  token: ***", "  fetch-depth: 1", "##[endgroup]",
        "Syncing repository: acme/app", "##[group]Fetching the repository", "[command]/usr/bin/git fetch --no-tags --prune --depth=1 origin",
        "##[endgroup]", "[command]/usr/bin/git log -1 --format=%H", sha,
    ])  # fmt: skip


def tail(first: int) -> list[LogStep]:
    """Return the post steps; their numbers leave a gap, as GitHub's do."""
    return [
        LogStep(
            first,
            "Post Run actions/checkout@v4",
            ["Post job cleanup.", "[command]/usr/bin/git version", "git version 2.51.0"],
        ),
        LogStep(first + 1, "Complete job", ["Cleaning up orphan processes"]),
    ]


def python_job(job: str, image: str, python: str, sha: str, failure: list[str] | None) -> JobLog:
    """A job that installs a project and runs pytest; `failure` are pytest's lines, None for a green run."""
    install = LogStep(4, "Install", [
        *run_group(["python -m pip install -e .[test]"], {"pythonLocation": f"/opt/hostedtoolcache/Python/{python}/x64"}),
        "Obtaining file:///home/runner/work/app/app", "  Preparing editable metadata (pyproject.toml): finished with status 'done'",
        "Collecting pytest>=8", "  Downloading pytest-8.4.2-py3-none-any.whl (365 kB)",
        "Successfully installed app-2.4.0 iniconfig-2.1.0 packaging-25.0 pluggy-1.6.0 pytest-8.4.2",
    ])  # fmt: skip
    opening = [
        *run_group(["python -m pytest -ra --color=yes"], {"pythonLocation": f"/opt/hostedtoolcache/Python/{python}/x64"}),
        "\x1b[1m============================= test session starts ==============================\x1b[0m",
        f"platform linux -- Python {python}.7, pytest-8.4.2, pluggy-1.6.0", "rootdir: /home/runner/work/app/app",
        "configfile: pyproject.toml", "collected 214 items", "",
        "tests/test_cart.py \x1b[32m.\x1b[0m\x1b[32m.\x1b[0m\x1b[32m.\x1b[0m                                          [  1%]",
    ]  # fmt: skip
    closing = failure or [
        "",
        "\x1b[32m============================= \x1b[32m\x1b[1m214 passed\x1b[0m\x1b[32m in 3.41s\x1b[0m\x1b[32m ==============================\x1b[0m",
    ]
    pytest = LogStep(5, "Run pytest", [*opening, *closing], "failure" if failure else "success")
    setup = LogStep(3, "Set up Python", [
        "##[group]Run actions/setup-python@v5", "with:", f"  python-version: {python}", "##[endgroup]",
        "##[group]Installed versions", f"Successfully set up CPython ({python}.7)", "##[endgroup]",
    ])  # fmt: skip
    return JobLog(
        [set_up(job, image), checkout(sha), setup, install, pytest, *tail(10)],
        "\r\n" if image.startswith("windows") else "\n",
    )


ROUNDING = [
    "tests/test_orders.py \x1b[32m.\x1b[0m\x1b[31mF\x1b[0m\x1b[32m.\x1b[0m                                        [ 54%]",
    "",
    "=================================== FAILURES ===================================",
    "\x1b[31m\x1b[1m_______________________________ test_total_rounds ______________________________\x1b[0m",
    "",
    "    \x1b[0m\x1b[94mdef\x1b[39;49;00m\x1b[90m \x1b[39;49;00m\x1b[92mtest_total_rounds\x1b[39;49;00m():\x1b[90m\x1b[39;49;00m",
    "        order = Order([Item(\x1b[33m'a'\x1b[39;49;00m, Decimal(\x1b[33m'6.664'\x1b[39;49;00m), \x1b[94m3\x1b[39;49;00m)])",
    "\x1b[1m\x1b[31m>       assert order.total() == Decimal('19.99')\x1b[0m",
    "\x1b[1m\x1b[31mE       AssertionError: assert Decimal('19.98') == Decimal('19.99')\x1b[0m",
    "\x1b[1m\x1b[31mE        +  where Decimal('19.98') = total()\x1b[0m",
    "",
    "\x1b[1m\x1b[31mtests/test_orders.py\x1b[0m:41: AssertionError",
    "=========================== short test summary info ============================",
    "\x1b[31mFAILED\x1b[0m tests/test_orders.py::\x1b[1mtest_total_rounds\x1b[0m - AssertionError: assert Decimal('19.98') == Decimal('19.99')",
    "\x1b[31m======================== \x1b[31m\x1b[1m1 failed\x1b[0m, \x1b[32m213 passed\x1b[0m\x1b[31m in 3.52s\x1b[0m\x1b[31m =========================\x1b[0m",
    "##[error]Process completed with exit code 1.",
]
CODEC = [
    "tests/test_export.py \x1b[31mF\x1b[0m                                          [ 31%]",
    "",
    "=================================== FAILURES ===================================",
    "\x1b[31m\x1b[1m_______________________________ test_export_names ______________________________\x1b[0m",
    "",
    "\x1b[1m\x1b[31m>       text = path.read_text()\x1b[0m",
    "\x1b[1m\x1b[31mtests\\test_export.py\x1b[0m:17: ",
    "    return codecs.charmap_decode(input,self.errors,decoding_table)[0]",
    "\x1b[1m\x1b[31mE   UnicodeDecodeError: 'charmap' codec can't decode byte 0x9d in position 11: character maps to <undefined>\x1b[0m",
    "\x1b[1m\x1b[31mC:\\hostedtoolcache\\windows\\Python\\3.13.7\\x64\\Lib\\encodings\\cp1252.py\x1b[0m:23: UnicodeDecodeError",
    "=========================== short test summary info ============================",
    "\x1b[31mFAILED\x1b[0m tests/test_export.py::\x1b[1mtest_export_names\x1b[0m - UnicodeDecodeError: 'charmap' codec can't decode byte 0x9d",
    "\x1b[31m======================== \x1b[31m\x1b[1m1 failed\x1b[0m, \x1b[32m213 passed\x1b[0m\x1b[31m in 4.87s\x1b[0m\x1b[31m =========================\x1b[0m",
    "##[error]Process completed with exit code 1.",
]
