"""The report as JSON: the contract, field by field in its published order."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final

from diagnose.model.report import Cause, Report
from diagnose.model.text import Phrase, Untrusted
from diagnose.safety.json_out import to_json

if TYPE_CHECKING:
    from diagnose.render.interface import View

NAME: Final = "json"

_LAST: Final[dict[type, tuple[str, ...]]] = {
    Report: ("tool", "schema_version", "target", "started_at", "seconds"),
    Cause: ("confidence", "explanation", "follows", "jobs", "members", "exit_code"),
}
"""Fields that the published order puts after all others of their class."""


class Json:
    """The report for programs. Texts are redacted, and as untrusted as the log they come from."""

    name = NAME

    def render(self, report: Report, view: View) -> str:
        """Return one JSON object and a line end; on a terminal what acts there is written as escapes."""
        return to_json(tree(report), indent=2, tty=view.tty) + "\n"


def tree(value: object) -> Any:
    """Return dataclasses as dicts, tuples as lists; texts stay what they are, for the gate to open."""
    if is_dataclass(value) and not isinstance(value, (type, Untrusted, Phrase)):
        return {name: tree(getattr(value, name)) for name in field_order(type(value))}
    return [tree(item) for item in value] if isinstance(value, tuple) else value


def field_order(model: type) -> tuple[str, ...]:
    """Return the names of a dataclass of the report in their published order."""
    last = _LAST.get(model, ())
    return (*(field.name for field in fields(model) if field.name not in last), *last)


RENDERER: Final = Json()
