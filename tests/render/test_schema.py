from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it ships no types

from diagnose.render.interface import View, renderer
from diagnose.render.schema import published, schema
from tests.render.samples import SAMPLES

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "report.schema.json"
# the contract, in its order
REPORT = (
    "status root_cause alternatives confidence fix_strategy estimated_fix_time attribution requires_escalation escalation "
    "basic_check_failures environment agents findings silent_failures totals known_patterns reproduce jobs limits "
    "stops retry tool schema_version target started_at seconds"
)
CAUSE = "id title category tool rule job step evidence locations failed_tests confidence explanation follows jobs members exit_code"
INNER = {
    "Evidence": "log line end_line text",
    "Location": "file line column severity message",
    "FailedTest": "name file line message",
    "FixStrategy": "summary steps minutes basis risk",
    "FixStep": "text command safe",
    "Minutes": "low likely high",
    "Attribution": "verdict confidence reasons control requests decision",
    "Retry": "advised jobs at_most reasons command",
    "Escalation": "trigger reason",
    "Check": "name status message blocking evidence seconds remedy",
    "AgentRun": "name status seconds error",
    "SilentFailure": "kind title log line text severity advice seen confidence why place",
    "Totals": "run passed failed skipped",
    "KnownPattern": "pattern similarity seen last_seen sources title root_cause solution fixed_by minutes cause flaky said_by sure",
    "JobReport": "name status steps log",
    "StepReport": "number name status first_line last_line",
    "StepRef": "number name",
}


def as_json(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(renderer("json").render(SAMPLES[name](), View()))
    return found


def test_the_published_file_is_current() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == published()


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("name", SAMPLES)
def test_every_report_fits_the_schema(name: str) -> None:
    assert [error.message for error in Draft202012Validator(schema()).iter_errors(as_json(name))] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("status",), "broken"),
        (("confidence",), 1.5),
        (("schema_version",), 2),
        (("root_cause", "category"), "weather"),
        (("root_cause", "evidence", 0, "line"), "12"),
        (("root_cause",), {}),
        (("limits",), None),
        (("attribution", "verdict"), "you"),
    ],
)
def test_what_breaks_the_contract_does_not_fit(path: tuple[Any, ...], value: object) -> None:
    broken = as_json("13-several")
    inner: Any = broken
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    assert list(Draft202012Validator(schema()).iter_errors(broken))


@pytest.mark.parametrize("field", REPORT.split())
def test_every_field_is_required(field: str) -> None:
    broken = as_json("01-pytest")
    del broken[field]
    assert list(Draft202012Validator(schema()).iter_errors(broken))


def test_fields_stand_in_their_published_order() -> None:
    got = as_json("13-several")
    assert list(got) == REPORT.split()
    assert list(got["root_cause"]) == CAUSE.split()


@pytest.mark.parametrize("name", INNER)
def test_inner_objects_have_their_fields(name: str) -> None:
    assert list(schema()["$defs"][name]["properties"]) == INNER[name].split()


def test_texts_that_others_wrote_say_so() -> None:
    assert "Untrusted" in schema()["$defs"]["Evidence"]["properties"]["text"]["description"]
