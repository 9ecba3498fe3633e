"""Build hook of the wheel: compiles the packs into `diagnose/_patterns/rules.json`, so that no installation has to.

What it writes is keyed by the packs' content, and is not used for any other (diagnose.scan.rulebase).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompilePacks(BuildHookInterface):
    """Adds the artefact to a wheel; an editable installation makes its own from the packs as they change."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the packs of the tree that is built; one that is wrong stops the build."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from diagnose.scan.artefact import dump
        from diagnose.scan.rulebase import ARTEFACT, compile_packs, content_key

        patterns = Path(self.root) / "patterns"
        rules, problems = compile_packs(patterns)
        if problems or not rules:
            raise ValueError("; ".join(problems) or f"no packs in {patterns}")
        target = Path(self.directory) / ARTEFACT
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(dump(rules, content_key(patterns)))
        build_data["force_include"][str(target)] = f"diagnose/_patterns/{ARTEFACT}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Leave only the wheel in the output folder."""
        del version, build_data, artifact_path
        (Path(self.directory) / "rules.json").unlink(missing_ok=True)
