"""A log without an exit code: what was swallowed is no failure of the whole, what ends the log is."""

from __future__ import annotations

import pytest

from diagnose.rank.outcome import outcome_of
from tests.support.reading import shipped_reading_of

GCC = "a.c: In function 'f':\na.c:1:20: error: 'y' undeclared (first use in this function)\n    1 | int f(void){return y;}\n      |                    ^\n"
TASK = 'Task exception was never retrieved\nTraceback (most recent call last):\n  File "/src/a.py", line 3, in w\n    raise RuntimeError("lost")\nRuntimeError: lost\n'
ATEXIT = """ok
Exception ignored in atexit callback: <function flush at 0x7f557c4d84a0>
Traceback (most recent call last):
  File "/src/a.py", line 4, in flush
    raise KeyError("x")
KeyError: 'x'
"""


@pytest.mark.parametrize(
    "text",
    [
        GCC,
        GCC + "make: *** [Makefile:3: a.o] Error 1\n",
        GCC + "a.c: In function 'g':\na.c:8:1: warning: control reaches end of non-void function [-Wreturn-type]\n",
        "E: Unable to locate package libacme-dev\n",
        "curl: (7) Failed to connect to 127.0.0.1 port 9 after 0 ms: Connection refused\n",
        "curl: (7) Failed to connect to 127.0.0.1 port 9 after 0 ms: Connection refused\nUpload failed\n",
        "No tests found, exiting with code 1\nRun with `--passWithNoTests` to exit with code 0\nIn /src/acme\n",
        TASK + "=========== 1 failed, 2 passed in 0.12s ===========\n",
        GCC + "going on\n" + "quiet\n" * 60 + "b.rs: no\nerror[E0425]: cannot find value `y` in this scope\n",
    ],
)
def test_what_ends_a_log_failed(text: str) -> None:
    assert outcome_of(shipped_reading_of(text)).status == "failed"


@pytest.mark.parametrize(
    "text",
    [
        GCC
        + "make: *** [Makefile:3: a.o] Error 1\nmake: Target 'all' not remade because of errors.\nwe go on anyway\n",
        TASK + "done\n",
        ATEXIT,
        "E: Unable to locate package libacme-dev\nW: optional package not available\nbuild ok\n",
        "curl: (7) Failed to connect to 127.0.0.1 port 9 after 0 ms: Connection refused\nUpload failed, ignoring\n",
        "curl: (7) Failed to connect to 127.0.0.1 port 9 after 0 ms: Connection refused\nUpload failed (non-fatal)\n",
        "FAIL: 3 golden files differ\nmake: [Makefile:2: check] Error 2 (ignored)\npackaging\n",
        "cp: cannot stat 'build/app': No such file or directory\ndeployed\n",
        "run.sh: line 1:  4703 Segmentation fault      ( ./t )\nwarning: smoke test exited with 139\nfinished\n",
        "0 successes / 0 failures / 1 error / 0 pending : 0.000031 seconds\n\nError -> No test files found matching Lua pattern: _spec\n",
        "1 scenario (1 undefined)\n2 steps (2 undefined)\n0m0.041s\n",
    ],
)
def test_what_was_swallowed_is_not_the_logs_failure(text: str) -> None:
    assert outcome_of(shipped_reading_of(text)).status != "failed"
