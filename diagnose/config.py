"""Every setting: its default, its meaning, and where a value came from.

Order, later wins: defaults, the user's file, the project's file, environment variables, flags. The project's file is
`[tool.ci-diagnose]` in pyproject.toml, or `.ci-diagnose/config.toml`. An unknown key is an error that names the nearest one.

A checkout may hold a stranger's change, so the project's file may not say where the token goes nor which file is written: such
settings are left out there, and that is said.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Final, Literal, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX: Final = "CI_DIAGNOSE_"
TABLE: Final = "ci-diagnose"


def _setting(default: Any, meaning: str, *, own: bool = False, **bounds: float) -> Any:
    """Make a setting. own: the project's file may not set it."""
    return field(default=default, metadata={"meaning": meaning, "bounds": bounds, "own": own})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force. Seconds, minutes and bytes are what their names say."""

    escalate_below: float = _setting(0.7, "A person is asked when the confidence is under this.", ge=0, le=1)
    escalate_over_minutes: float = _setting(
        30.0, "A person is asked when the likely time of the fix is over this.", gt=0
    )
    checks_deadline: float = _setting(180.0, "Seconds that phase 1 may take.", gt=0)
    agents_deadline: float = _setting(720.0, "Seconds that each agent of phase 2 may take.", gt=0)
    fetch_deadline: float = _setting(480.0, "Seconds that asking GitHub may take.", gt=0)
    requests: int = _setting(300, "Requests to GitHub that one diagnosis may cost.", ge=1, le=5000)
    baseline: bool = _setting(True, "The log of a failed job's last green run is read too: what both print is no news.")  # noqa: FBT003 - a default
    passing_logs: int = _setting(
        30,
        "Logs of jobs that passed that are read where nothing failed, to find what they hide; 0 for none.",
        ge=0,
        le=150,
    )
    api_url: str = _setting(
        "https://api.github.com",
        "GitHub's API; on GitHub Enterprise Server https://HOST/api/v3. Not from a project's file.",
        own=True,
    )
    own_job: str = _setting(
        "",
        "Inside GitHub Actions: the id of the job that asks (`job.check_run_id`), so that it is not waited for. Not from a project's file.",
        own=True,
    )
    memory: bool = _setting(True, "Failures are remembered and recognised.")  # noqa: FBT003 - a default
    memory_folder: str = _setting(
        "", "The folder of the pattern database; empty for the user's data folder. Not from a project's file.", own=True
    )
    discoveries: str = _setting("DISCOVERIES.md", "The file of what is known, in the checkout.")
    orchestra: bool = _setting(False, "All agents run, even where a first look finds the failure simple.")  # noqa: FBT003 - a default
    output_format: str = _setting("text", "The form of the answer.")
    color: Literal["auto", "always", "never"] = _setting("auto", "auto, always or never.")
    plain: bool = _setting(False, "Narrated output for screen readers.")  # noqa: FBT003 - a default


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from, in words: "default", "pyproject.toml:41", "CI_DIAGNOSE_REQUESTS", "--no-memory".

    left_out: where a project's file sets what it may not, "" where none does.
    """

    value: Any
    source: str
    left_out: str = ""


class ConfigError(ValueError):
    """A setting that cannot be used. The message names its source, what is wrong, and what would be right."""


def load(
    *, env: Mapping[str, str], folder: Path | None, user_file: Path | None, flags: Mapping[str, Any] | None = None
) -> tuple[Settings, dict[str, Origin]]:
    """Read all sources. Raise ConfigError for a value or key that is wrong: nothing is run on a misunderstanding.

    folder: where the project's file is looked for, upwards to the root of its checkout; None for nowhere.
    """
    told: dict[str, Origin] = {}
    if user_file is not None:
        told |= _from_file(user_file)
    project = _project_file(folder)
    found = _from_file(project) if project is not None else {}
    left_out = {name: origin.source for name, origin in found.items() if _is_own(name, origin.value)}
    told |= {name: origin for name, origin in found.items() if name not in left_out}
    told |= _from_env(env)
    told |= {
        name: Origin(value, f"--{name.replace('_', '-')}") for name, value in (flags or {}).items() if value is not None
    }
    values = _checked(told)
    origins = {
        each.name: Origin(
            values.get(each.name, each.default),
            told[each.name].source if each.name in told else "default",
            left_out.get(each.name, ""),
        )
        for each in fields(Settings)
    }
    return Settings(**values), origins


def _is_own(name: str, value: Any) -> bool:
    """Whether a project's file may not say this: a file outside of the checkout is none of its own either."""
    if name == "discoveries" and isinstance(value, str):
        path = PurePath(value)
        return path.is_absolute() or value.startswith(("~", "/", "\\")) or ".." in path.parts
    return any(each.name == name and each.metadata["own"] for each in fields(Settings))


def _project_file(folder: Path | None) -> Path | None:
    if folder is None:
        return None
    for place in (folder, *folder.parents):
        own = place / ".ci-diagnose" / "config.toml"
        if own.is_file():
            return own
        project = place / "pyproject.toml"
        if project.is_file() and _has_table(project):
            return project
        if (place / ".git").exists():
            return None
    return None


def _has_table(path: Path) -> bool:
    try:
        return f"[tool.{TABLE}" in path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def _from_file(path: Path) -> dict[str, Origin]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {path}: {error}. try: mend or remove the file") from None
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}. Nothing was run. try: mend the file") from None
    if path.name == "pyproject.toml":
        tools = table.get("tool", {})
        table = tools.get(TABLE, {}) if isinstance(tools, dict) else tools
        if not isinstance(table, dict):
            raise ConfigError(f"{path}: [tool.{TABLE}] is not a table. Nothing was run. try: mend the file")
    return {
        _known(name, f"{_called(path)}:{_line(text, name)}"): Origin(value, f"{_called(path)}:{_line(text, name)}")
        for name, value in table.items()
    }


def _line(text: str, key: str) -> int:
    for number, line in enumerate(text.splitlines(), 1):
        if line.split("=")[0].strip().strip('"') == key:
            return number
    return 1


def _from_env(env: Mapping[str, str]) -> dict[str, Origin]:
    own = {name: value for name, value in env.items() if name.startswith(PREFIX)}
    return {_known(name.removeprefix(PREFIX).lower(), name): Origin(value, name) for name, value in own.items()}


def _called(path: Path) -> str:
    """Return a file's name as it tells which file it is: several are called config.toml."""
    return f"{path.parent.name}/{path.name}" if path.name == "config.toml" else path.name


def _known(name: str, source: str) -> str:
    plain_name = name.replace("-", "_")
    names = [each.name for each in fields(Settings)]
    if plain_name in names:
        return plain_name
    from difflib import get_close_matches

    near = get_close_matches(plain_name, names, 1, 0.5)
    hint = f'Did you mean "{near[0]}"? ' if near else ""
    table = f" in [tool.{TABLE}]" if "pyproject.toml" in source else ""
    raise ConfigError(f'{source}: unknown key "{name}"{table}. {hint}Nothing was run. try: ci-diagnose config show')


def _checked(told: Mapping[str, Origin]) -> dict[str, Any]:
    if all(origin.source.startswith("--") for origin in told.values()):
        # pydantic costs 70 ms to import: only for what was written by hand; the command line has checked its flags
        return {name: origin.value for name, origin in told.items()}
    from pydantic import ConfigDict, Field, ValidationError, create_model

    types = get_type_hints(Settings)
    by_name = {each.name: each for each in fields(Settings)}
    wanted: dict[str, Any] = {name: (types[name], Field(**by_name[name].metadata["bounds"])) for name in told}
    model = create_model("Told", __config__=ConfigDict(allow_inf_nan=False), **wanted)
    try:
        return dict(model.model_validate({name: origin.value for name, origin in told.items()}))
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        origin = told[name]
        guess = _percent(name, origin.value)
        reason = first["msg"].replace("Input should be", "it should be")
        raise ConfigError(
            f"{origin.source}={origin.value!r} does not fit {name}: {reason}.{guess} Nothing was run. try: ci-diagnose config show"
        ) from None


def _percent(name: str, value: Any) -> str:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return ""
    return f" Did you mean {number / 100:.2f}?" if name == "escalate_below" and 1 < number <= 100 else ""  # noqa: PLR2004 - a percentage
