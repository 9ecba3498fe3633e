"""What the history's commands share: the store that they ask, and how its words are shown."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from diagnose.cli.out import complain

if TYPE_CHECKING:
    from datetime import datetime

    from diagnose.memory.rows import Pattern
    from diagnose.memory.store import Store


def opened() -> tuple[Store, datetime] | None:
    """Return the store of the settings and the present time; None when memory is off or the settings are wrong, which was said."""
    from diagnose.cli.places import data_folder, settings
    from diagnose.config import ConfigError
    from diagnose.kit.clock import system_clock
    from diagnose.memory.store import Store
    from diagnose.remember import store_path

    try:
        config, _ = settings(os.environ)
    except ConfigError as error:
        complain(str(error))
        return None
    path = store_path(config, data_folder())
    if path is None:
        complain("memory is off.", "CI_DIAGNOSE_MEMORY=true ci-diagnose history")
        return None
    return Store(path, time.sleep), system_clock().now()


def told(found: Any) -> bool:
    """Say a store's problem; True when it was one."""
    from diagnose.memory.problem import StoreProblem

    if isinstance(found, StoreProblem):
        complain(found.message, found.remedy)
        return True
    return False


def shown(text: object) -> str:
    """Return foreign text for one line of a terminal."""
    from diagnose.safety.terminal import to_terminal

    return " ".join(to_terminal(text).split())  # type: ignore[arg-type]


def state(pattern: Pattern) -> str:
    """Return a pattern's state in words, with the minutes that its fix took."""
    if pattern.state in ("resolved", "came-back") and pattern.minutes is not None:
        return f"{'came back, ' if pattern.state == 'came-back' else ''}fixed {pattern.minutes:g} min"
    return pattern.state.replace("-", " ")
