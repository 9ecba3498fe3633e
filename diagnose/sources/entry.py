"""From a request to GitHub's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.model.text import phrase
from diagnose.sources.refusal import Refusal

if TYPE_CHECKING:
    from pathlib import Path

    from diagnose.api import Request, World
    from diagnose.config import Settings
    from diagnose.model.incident import Incident


async def from_github(request: Request, settings: Settings, world: World, spool: Path) -> Incident | Refusal:
    """Not wired yet."""
    return Refusal("usage", phrase("x"))
