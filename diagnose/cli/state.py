"""The last answer, kept so that `explain c1` and `resolve c1` know what c1 is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from diagnose.cli.places import data_folder
from diagnose.kit.atomic import write_atomic

if TYPE_CHECKING:
    from diagnose.api import Answer, Request
    from diagnose.memory.signature import Signature

_NAME = "last.json"


def keep(found: Answer, request: Request) -> None:
    """Keep the report as JSON, redacted as it is, with the reasons of each cause; a full disk is no reason to fail."""
    from diagnose.render.interface import View, renderer

    report = renderer("json").render(found.report, View())
    told = {
        "repository": request.repository or found.case.incident.repository,
        "kind": request.kind,
        "why": found.why,
        "known_by": found.known_by,
    }
    data = json.dumps(told, ensure_ascii=True)
    write_atomic(data_folder() / _NAME, f'{{"told": {data}, "report": {report}}}'.encode("utf-8", "backslashreplace"))


def last() -> dict[str, Any] | None:
    """The last answer: {"told": ..., "report": ...}; None when there is none that can be read."""
    try:
        document = json.loads((data_folder() / _NAME).read_bytes())
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) and isinstance(document.get("report"), dict) else None


def cause_of(document: dict[str, Any], identity: str) -> dict[str, Any] | None:
    """A cause of the last answer by its id."""
    report = document["report"]
    every = [report.get("root_cause"), *report.get("alternatives", []), *report.get("findings", [])]
    return next((cause for cause in every if cause and cause.get("id") == identity), None)


def signature_of(document: dict[str, Any], cause: dict[str, Any]) -> Signature | None:
    """What a cause of the last answer is known by; None when its lines carry no identity."""
    from diagnose.memory.signature import sign

    lines = document["told"].get("known_by", {}).get(cause["id"]) or cause["evidence"][0]["text"].split("\n")
    return sign(lines, category=cause["category"], tool=cause["tool"], rule=cause["rule"])
