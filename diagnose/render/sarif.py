"""SARIF 2.1.0 for code scanning: a result for each cause that has a place in the repository, a notification for everything else.

GitHub takes a file only where each result has a relative location, a rule has texts, and a fingerprint tells two runs' results apart
("SARIF support for code scanning"). What is not the change's fault is a note, which fails no check.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal

from diagnose.kit.regex import regex
from diagnose.model.text import joined, phrase
from diagnose.render import confidence, several, title, words
from diagnose.render.annotations import places_of
from diagnose.render.voice import TerminalVoice, ended
from diagnose.safety.json_out import to_json
from diagnose.safety.sarif import to_sarif_fingerprint, to_sarif_text, to_sarif_uri
from diagnose.safety.workspace import to_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from diagnose.model.report import Cause, Report, SilentFailure
    from diagnose.model.text import Phrase, Untrusted
    from diagnose.render.interface import Tree, View

NAME: Final = "sarif"

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
HOME: Final = "https://github.com/ci-diagnose/ci-diagnose"
ROOT: Final = "%SRCROOT%"
_RELATED: Final = 50
_RULE = regex(r"[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*")
_LEVELS: Final = ("note", "warning", "error")
_PROBLEM: Final = {"note": "recommendation", "warning": "warning", "error": "error"}
Level = Literal["note", "warning", "error"]
Place = tuple[str, int | None, "Untrusted | None"]


class Sarif:
    """One run of one tool."""

    name = NAME

    def render(self, report: Report, view: View) -> str:
        """Return the log file, at most some hundred kilobytes, and a line end."""
        found = [*_causes(report, view.tree), *_hidden(report, view.tree)]
        rules = _rules(found)
        order = [rule["id"] for rule in rules]
        results = [
            {"ruleId": one["ruleId"], "ruleIndex": order.index(one["ruleId"]), **one}
            for one in found
            if "locations" in one
        ]
        name, _, version = report.tool.partition(" ")
        run: dict[str, Any] = {
            "tool": {
                "driver": {
                    "name": name,
                    "version": version,
                    "semanticVersion": version,
                    "informationUri": HOME,
                    "rules": rules,
                }
            },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
            "invocations": [_invocation(report, found)],
            "results": results,
            "properties": {
                "state": title.state(report),
                "verdict": report.attribution.verdict,
                "target": report.target,
            },
        }
        return to_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, tty=view.tty) + "\n"


def _causes(report: Report, tree: Tree | None) -> Iterator[dict[str, Any]]:
    unclear = title.state(report) in ("unclear", "undetermined")
    claimed = title.readings(report) if unclear else ((report.root_cause,) if report.root_cause else ())
    for cause in dict.fromkeys((*claimed, *several.beside(report))):
        places = _places(cause, tree)
        level: Level = (
            "note"
            if report.attribution.verdict in ("base", "flaky", "infrastructure")
            else "warning"
            if unclear
            else "error"
        )
        told = {
            "ruleId": _rule_of(cause), "level": level, "message": {"text": to_sarif_text(_message(report, cause))}, "rank": round(cause.confidence * 100, 1),
            "properties": {"id": cause.id, "category": cause.category, "confidence": round(cause.confidence, 4)},
        }  # fmt: skip
        if places:
            print_of = to_sarif_fingerprint(_rule_of(cause), places[0][0], cause.title)
            told["locations"] = [_location(places[0])]
            told["partialFingerprints"] = {"primaryLocationLineHash": f"{print_of}:1", "ciDiagnose/v1": print_of}
            others = [_location(place) | {"id": at} for at, place in enumerate(places[1 : _RELATED + 1], 1)]
            yield {**told, **({"relatedLocations": others} if others else {})}
        else:
            yield told


def _hidden(report: Report, tree: Tree | None) -> Iterator[dict[str, Any]]:
    for one in report.hidden:
        said = phrase(one.title, ": ", one.text, "\n", one.advice)
        told: dict[str, Any] = {
            "ruleId": f"hidden/{one.kind}",
            "level": "warning",
            "message": {"text": to_sarif_text(said)},
            "properties": {"hidden": one.kind},
        }
        place = _place(one, tree)
        if place is not None:
            print_of = to_sarif_fingerprint(told["ruleId"], place[0], one.title)
            told |= {
                "locations": [_location(place)],
                "partialFingerprints": {"primaryLocationLineHash": f"{print_of}:1", "ciDiagnose/v1": print_of},
            }
        yield told


def _place(one: SilentFailure, tree: Tree | None) -> Place | None:
    return next(iter(_known([(one.place.file, one.place.line, None)], tree)), None) if one.place is not None else None


def _places(cause: Cause, tree: Tree | None) -> list[Place]:
    """Return a cause's places in the repository, each file and line once."""
    return list({(file, line): (file, line, said) for file, line, said in _known(places_of(cause), tree)}.values())


def _known(places: Sequence[tuple[Untrusted, int | None, Untrusted | None]], tree: Tree | None) -> Iterator[Place]:
    for file, line, said in places:
        if tree is not None:
            at = tree.place(file, line)
        else:
            path = to_source(file)
            at = None if path is None else (path, line)
        if at is not None:
            yield (*at, said)


def _location(place: Place) -> dict[str, Any]:
    file, line, said = place
    physical = {
        "artifactLocation": {"uri": to_sarif_uri(file), "uriBaseId": ROOT},
        "region": {"startLine": max(1, min(line or 1, 2**31 - 1))},
    }
    return {"physicalLocation": physical, **({"message": {"text": to_sarif_text(said, limit=1000)}} if said else {})}


def _message(report: Report, cause: Cause) -> Phrase:
    """Return the title, the line that tells, whose it is and what to do."""
    said = [cause.title, phrase(cause.evidence[0].text.map(lambda text: text.strip("\r\n").split("\n")[0]))]
    if cause is report.root_cause:
        voice = TerminalVoice()
        said += [phrase(ended(words.whose(report.attribution, voice)))]
        said += [phrase("Fix: ", report.fix_strategy.summary)] if report.fix_strategy else []
    said += [phrase(confidence.sentence(cause.confidence, confidence.measured()))]
    return joined((one for one in said if one), "\n")


def _rule_of(cause: Cause) -> str:
    return cause.rule if _RULE.fullmatch(cause.rule) else f"unknown/{cause.category}"


def _rules(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Describe each rule once, in words of ours alone."""
    level: dict[str, Level] = {}
    category: dict[str, str] = {}
    for one in found:
        rule = one["ruleId"]
        level[rule] = max(level.get(rule, "note"), one["level"], key=_LEVELS.index)
        category.setdefault(rule, one["properties"].get("category", "hidden failure"))
    return [_rule(rule, level[rule], category[rule]) for rule in level]


def _rule(rule: str, level: Level, category: str) -> dict[str, Any]:
    tool, _, name = rule.partition("/")
    said = {
        "unknown": f"A failure of the category {category} that no rule of ci-diagnose knows by name.",
        "hidden": f"A failure that the exit code hides: {name.replace('-', ' ')}.",
    }.get(tool, f"{tool} reports: {name.replace('-', ' ')} (category {category}).")
    asked = f"This rule is {rule}. `ci-diagnose explain ID` shows every line behind a result; `ci-diagnose resolve ID` records what helped."
    return {
        "id": rule, "name": "".join(part.capitalize() for part in re.split(r"[^a-z0-9]+", rule)),
        "shortDescription": {"text": said}, "fullDescription": {"text": said}, "help": {"text": asked},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": ["ci", category.replace(" ", "-")], "problem.severity": _PROBLEM[level]},
    }  # fmt: skip


def _invocation(report: Report, found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Say when it ran, and tell what has no place in the repository or was not looked at."""
    voice = TerminalVoice()
    notes = [
        {"level": one["level"], "message": one["message"], "associatedRule": {"id": one["ruleId"]}}
        for one in found
        if "locations" not in one
    ]
    notes += [
        {"level": "note", "message": {"text": to_sarif_text(f"Not seen: {text}")}}
        for text in words.not_seen(report, voice)
    ]
    began = f"{report.started_at:%Y-%m-%dT%H:%M:%S}.{report.started_at.microsecond // 1000:03d}Z"
    return {
        "executionSuccessful": True,
        "startTimeUtc": began,
        **({"toolExecutionNotifications": notes} if notes else {}),
    }


RENDERER: Final = Sarif()
