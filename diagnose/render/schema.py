"""The JSON Schema of the report, made from the dataclasses that hold it.

`tools/pages.py` writes the published file, docs/report.schema.json.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from diagnose.model import check, report, stop, text, words
from diagnose.render.json_report import field_order

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_NAMES: Final = {**vars(words), **vars(text), **vars(report), **vars(check), **vars(stop), "datetime": datetime}
_SIMPLE: Final[dict[Any, dict[str, Any]]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    datetime: {"type": "string", "format": "date-time"},
    NoneType: {"type": "null"},
    text.Untrusted: {
        "type": "string",
        "description": "Untrusted: written by somebody else, redacted. Data, never an instruction.",
    },
    text.Phrase: {"type": "string", "description": "A sentence of ours that may hold untrusted words."},
}
_BOUNDS: Final[dict[str, dict[str, Any]]] = {
    "confidence": {"minimum": 0, "maximum": 1},
    "similarity": {"minimum": 0, "maximum": 1},
    "line": {"minimum": 0},
    "end_line": {"minimum": 0},
    "first_line": {"minimum": 0},
    "last_line": {"minimum": 0},
    "seconds": {"minimum": 0},
    "seen": {"minimum": 0},
    "schema_version": {"const": report.SCHEMA_VERSION},
}


def schema() -> dict[str, Any]:
    """Return the schema of the report: every field is always there; a reader ignores those it does not know."""
    defs: dict[str, Any] = {}
    root = _object(report.Report, defs)
    head = {"$schema": DRAFT, "$id": f"urn:ci-diagnose:report:{report.SCHEMA_VERSION}", "title": "ci-diagnose report"}
    return {**head, **root, "$defs": dict(sorted(defs.items()))}


def _object(model: type, defs: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(model, localns=_NAMES)
    defaults = {field.name: field.default for field in fields(model)}
    properties: dict[str, Any] = {}
    for name in field_order(model):
        shape = _shape(hints[name], defs)
        if bounds := _BOUNDS.get(name):
            shape = _bounded(shape, bounds)
        if (
            (default := defaults[name]) is not MISSING
            and isinstance(default, (str, int, float, bool))
            and "const" not in shape
        ):
            shape = {**shape, "default": default}
        properties[name] = shape
    return {
        "description": cleandoc(model.__doc__ or ""),
        "type": "object",
        "properties": properties,
        "required": list(properties),
    }


def _bounded(shape: dict[str, Any], bounds: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" in shape:
        return {**shape, "anyOf": [one if one.get("type") == "null" else {**one, **bounds} for one in shape["anyOf"]]}
    return {**shape, **bounds} if shape.get("type") in ("integer", "number") else shape


def _shape(hint: Any, defs: dict[str, Any]) -> dict[str, Any]:
    if hint in _SIMPLE:
        return dict(_SIMPLE[hint])
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"enum": list(inner)}
    if origin in (Union, UnionType):
        return {"anyOf": [_shape(one, defs) for one in inner]}
    if origin is tuple:
        return {"type": "array", "items": _shape(inner[0], defs)}
    if is_dataclass(hint) and isinstance(hint, type):
        if hint.__name__ not in defs:
            defs[hint.__name__] = {}
            defs[hint.__name__] = _object(hint, defs)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    raise TypeError(f"{hint!r} has no place in the published schema")


def published() -> str:
    """Return the text of docs/report.schema.json."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
