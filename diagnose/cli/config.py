"""`ci-diagnose config show`: every setting, its value, and where it came from."""

from __future__ import annotations

import os
from dataclasses import fields

import click

from diagnose.cli.out import answer, complain


@click.group(epilog="Example: ci-diagnose config show")
def command() -> None:
    """Show the settings in force."""


@command.command()
def show() -> int:
    """Print every setting with its value, its source and its meaning."""
    from diagnose.cli.places import settings
    from diagnose.config import PREFIX, ConfigError, Settings
    from diagnose.safety.terminal import to_terminal

    try:
        _, origins = settings(os.environ)
    except ConfigError as error:
        message, _, remedy = str(error).partition(" try: ")
        complain(message, remedy)
        return 2
    rows = []
    for each in fields(Settings):
        origin = origins[each.name]
        rows.append(f"{each.name} = {to_terminal(str(origin.value))!r}    {to_terminal(origin.source)}")
        rows.append(f"    {each.metadata['meaning']} {PREFIX}{each.name.upper()}")
    answer("\n".join(rows) + "\n", os.environ)
    return 0
