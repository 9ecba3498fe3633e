"""Build hook: compiles the packs into `patterns/rules.json`, which a wheel ships, so that no installation has to.

What it writes is keyed by the packs' content, and is not used for any other (diagnose.scan.rulebase): in an editable
installation it serves until the first pack changes.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompilePacks(BuildHookInterface):
    """Writes the artefact beside the packs; the wheel takes both."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the packs of the tree that is built; one that is wrong stops a wheel, and is left to be mended in a checkout."""
        del build_data
        sys.path.insert(0, self.root)
        from diagnose.scan.artefact import dump
        from diagnose.scan.rulebase import ARTEFACT, compile_packs, content_key

        patterns = Path(self.root) / "patterns"
        rules, problems = compile_packs(patterns)
        if problems or not rules:
            if version == "editable":
                return
            raise ValueError("; ".join(problems) or f"no packs in {patterns}")
        (patterns / ARTEFACT).write_bytes(dump(rules, content_key(patterns)))
