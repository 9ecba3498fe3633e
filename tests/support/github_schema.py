"""GitHub's own description of its answers, when it is at hand: what the fake serves must fit it."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

SPEC = Path(__file__).resolve().parents[2] / "../shared/github/github-openapi-subset.json"
# GitHub gives null here once a fork is deleted, whatever its description says
NULL_ALL_THE_SAME = {("head", "repo")}
KEEP_SLASHES = frozenset({"path", "ref", "basehead"})


class Schema:
    """Validates answers by the path template that fits them; an unknown path (issues, user) is not judged."""

    def __init__(self, spec: dict[str, Any]) -> None:
        from referencing import Registry
        from referencing.jsonschema import DRAFT4

        self._spec = spec
        registry: Registry[Any] = Registry()
        self._registry = registry.with_resource("urn:gh", DRAFT4.create_resource(spec))
        self._paths = [
            (self._pattern(path), path)
            for path in sorted(spec["paths"], key=lambda each: (each.count("{"), -len(each)))
        ]
        self._validators: dict[str, Any] = {}
        self._known: set[tuple[str, str]] = set()

    @staticmethod
    def _pattern(path: str) -> re.Pattern[str]:
        parts = re.split(r"\{(\w+)\}", path)
        pieces = [
            re.escape(part) if index % 2 == 0 else (".+" if part in KEEP_SLASHES else "[^/]+")
            for index, part in enumerate(parts)
        ]
        return re.compile("".join(pieces))

    def problems(self, path: str, body: Any) -> list[str]:
        """Return what GitHub's description says against `body` as the answer of GET `path`."""
        template = next((name for pattern, name in self._paths if pattern.fullmatch(path)), None)
        if template is None or "200" not in self._spec["paths"][template].get("get", {}).get("responses", {}):
            return []
        key = (template, hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest())
        if key in self._known:
            return []
        found = [
            f"{path}: {'.'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in self._validator(template).iter_errors(body)
            if tuple(error.absolute_path) not in NULL_ALL_THE_SAME
        ]
        if not found:
            self._known.add(key)
        return found

    def _validator(self, template: str) -> Any:
        from openapi_schema_validator import OAS30ReadValidator

        if template not in self._validators:
            answer = self._spec["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            self._validators[template] = OAS30ReadValidator(_absolute(answer), registry=self._registry)
        return self._validators[template]


def _absolute(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: "urn:gh" + value if key == "$ref" else _absolute(value) for key, value in node.items()}
    return [_absolute(each) for each in node] if isinstance(node, list) else node


def read_schema() -> Schema | None:
    """Return the description when it lies beside the checkout."""
    return Schema(json.loads(SPEC.read_text(encoding="utf-8"))) if SPEC.is_file() else None
