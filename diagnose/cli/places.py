"""Where our files are: cache, data, configuration; as the platform's conventions say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from platformdirs import PlatformDirs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diagnose.config import Origin, Settings
    from diagnose.world import World

_DIRS = PlatformDirs("ci-diagnose", appauthor=False)


def cache_folder() -> Path:
    """What can be made again."""
    return Path(_DIRS.user_cache_dir)


def data_folder() -> Path:
    """What is remembered."""
    return Path(_DIRS.user_data_dir)


def user_file() -> Path:
    """The user's settings."""
    return Path(_DIRS.user_config_dir) / "config.toml"


def settings(env: Mapping[str, str], flags: Mapping[str, Any] | None = None) -> tuple[Settings, dict[str, Origin]]:
    """Read the settings for a command run in the current folder."""
    from diagnose.config import load

    found = load(env=env, folder=Path.cwd(), user_file=user_file(), flags=flags)
    for name, origin in found[1].items():
        if origin.left_out:
            from diagnose.cli.out import complain

            complain(
                f"{origin.left_out}: {name} is left out: a project's file may not say where the token goes or what is written.",
                f"set it in {user_file()}, or as CI_DIAGNOSE_{name.upper()}",
            )
    return found


def world(env: Mapping[str, str], progress: Any = None, stdin: BinaryIO | None = None) -> World:
    """What surrounds a command of this machine. stdin: standard input, where it was taken in before."""
    from diagnose.world import World

    return World(
        env=env, cache=cache_folder(), data=data_folder(), stdin=stdin, **({"progress": progress} if progress else {})
    )
