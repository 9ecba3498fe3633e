"""A bug of ours: a message, and a file with what a bug report needs; never a traceback in the reader's face."""

from __future__ import annotations

import platform
import traceback

from diagnose.cli.out import complain
from diagnose.kit.atomic import write_atomic
from diagnose.kit.clock import system_clock
from diagnose.safety.redact import Redactor
from diagnose.version import VERSION


def report_crash(error: BaseException) -> int:
    """Write the traceback, redacted, beside the cache and say where. Exit code 3: we could not look."""
    import os

    from diagnose.cli.places import cache_folder

    stamp = system_clock().now().strftime("%Y%m%d-%H%M%S")
    path = cache_folder() / f"crash-{stamp}.txt"
    told = "".join(traceback.format_exception(error))
    text = f"ci-diagnose {VERSION}\nPython {platform.python_version()} on {platform.platform()}\n\n{told}"
    problem = write_atomic(path, Redactor(os.environ).redact(text).encode("utf-8", "backslashreplace"))
    where = f"Details: {path}" if not problem else f"Details could not be kept ({problem})"
    complain(
        f"a mistake of ours ({type(error).__name__}); there is no answer. {where}",
        "ci-diagnose doctor    and send us the file",
    )
    return 3
