"""Who says something that is recorded: the account of the CI system, or git's user of this checkout."""

from __future__ import annotations

import os

WAIT_SECONDS = 3.0


def person() -> str:
    """Return a name, redacted and on one line; "" when nobody is known."""
    import anyio

    from diagnose.safety.redact import Redactor
    from diagnose.safety.store import to_store

    name = os.environ.get("GITHUB_ACTOR", "") if os.environ.get("GITHUB_ACTIONS") == "true" else ""
    return to_store(name or anyio.run(_of_git), one_line=True, limit=100, redactor=Redactor(os.environ))


async def _of_git() -> str:
    from diagnose.kit.process import plain_environment, run

    done = await run(
        ["git", "config", "--get", "user.name"], timeout=WAIT_SECONDS, env=plain_environment(os.environ), cap=1000
    )
    return done.stdout.decode("utf-8", "replace").strip() if done.status == "ended" and done.returncode == 0 else ""
