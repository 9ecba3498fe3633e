"""What failed steps print, for incidents of which it is asked whose they are."""

from __future__ import annotations

from tests.support.github_life import CONFLICT as CONFLICT  # noqa: PLC0414 - one of them
from tests.support.github_logs import ROUNDING as ROUNDING  # noqa: PLC0414 - one of them

EXIT = "##[error]Process completed with exit code 1."


def pytest_failure(test: str, file: str, line: int, message: str) -> list[str]:
    """What pytest prints of one failed test; message: of the exception, with its name."""
    bar = f" {test} ".center(78, "_")
    return [
        f"{file} F                                                       [ 54%]", "", " FAILURES ".center(78, "="), bar, "",
        f"    def {test}():", ">       check()", f"E       {message}", "", f"{file}:{line}: {message.partition(':')[0]}",
        " short test summary info ".center(78, "="), f"FAILED {file}::{test} - {message}", " 1 failed, 213 passed in 3.52s ".center(78, "="), EXIT,
    ]  # fmt: skip


UPLOAD = pytest_failure(
    "test_upload_keeps_names", "tests/test_upload.py", 88, "AssertionError: assert 'report.pdf' == 'report (1).pdf'"
)
CACHE = pytest_failure("test_cache_evicts", "tests/test_cache.py", 17, "AssertionError: assert 3 == 2")
RESET = pytest_failure(
    "test_fetch_rates",
    "tests/test_rates.py",
    23,
    "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='rates.example.com', port=443): Max retries exceeded",
)
GCC = [
    "cc -c -Isrc src/cart.c -o build/cart.o", "src/cart.c: In function 'total':", "src/cart.c:41:12: error: 'taxes' undeclared (first use in this function)",
    "   41 |     return taxes;", "      |            ^~~~~", "make: *** [Makefile:12: build/cart.o] Error 1",
]  # fmt: skip
RUFF = ["src/app/orders.py:33:9: F841 Local variable `total` is assigned to but never used", "Found 1 error."]
CMAKE = [
    "CMake Error at CMakeLists.txt:14 (find_package):",
    '  By not providing "FindFmt.cmake" in CMAKE_MODULE_PATH this project has asked',
    '  CMake to find a package configuration file provided by "Fmt", but CMake did',
    "  not find one.",
    "",
    "-- Configuring incomplete, errors occurred!",
]
NO_MODULE = [
    "Traceback (most recent call last):", '  File "/home/runner/work/app/app/tools/report.py", line 4, in <module>', "    import urllib3", "ModuleNotFoundError: No module named 'urllib3'",
]  # fmt: skip
NO_RULE = ["make: *** No rule to make target 'chek'.  Stop."]
NO_HOST = ["curl: (6) Could not resolve host: downloads.example.org"]
APT = [
    "E: Failed to fetch http://archive.ubuntu.com/ubuntu/pool/main/libx/libx1_1.2_amd64.deb  Could not connect to archive.ubuntu.com:80 (185.125.190.36), connection timed out",
    "E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?",
]
DISK = [
    "write /var/lib/docker/overlay2/tmp/layer.tar: no space left on device",
    "cp: error writing 'build/app.img': No space left on device",
]
HUB = [
    "docker: Error response from daemon: toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit"
]
GIT = [
    "[command]/usr/bin/git -c protocol.version=2 fetch --no-tags --prune --depth=1 origin",
    "fatal: unable to access 'https://github.com/acme/app/': The requested URL returned error: 503",
    "##[error]The process '/usr/bin/git' failed with exit code 128",
]
KILLED = [
    "running the whole suite",
    "/home/runner/work/_temp/5c.sh: line 1:  2301 Killed                  ./suite --all",
]
KILLED_EXIT = "##[error]Process completed with exit code 137."
LOCAL_REFUSED = ["curl: (7) Failed to connect to localhost port 8080 after 0 ms: Connection refused"]
GO_TIMEOUT = [
    "panic: test timed out after 10m0s",
    "running tests:",
    "\tTestQueueDrains (9m58s)",
    "",
    "goroutine 1 [running]:",
    "FAIL\texample.com/app/queue\t600.021s",
    "FAIL",
]
OTHER_ARTIFACT = ["the tool said something that nobody has written down", "widget 7 refused the gasket"]
