"""`ci-diagnose history`: what failed before, and what helped. One file a command."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import click

COMMANDS: Final = {
    "list": "listing", "show": "show", "search": "search", "stats": "stats", "html": "html", "reject": "reject", "forget": "forget", "prune": "prune",
    "export": "export", "import": "taking_in", "merge": "merge", "rebuild": "rebuild", "trail": "trail",
}  # fmt: skip
"""Commands in the order in which help names them, with the module of this folder whose `command` each is."""


class _Commands(click.Group):
    """Imports a command's module when it is called: a command pays for no other."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [*COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"diagnose.cli.history.{COMMANDS[cmd_name]}").command
        return found

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # `history --json` is `history list --json`: the command that is meant when none is named takes its options too
        if args and args[0].startswith("-") and args[0] not in ctx.help_option_names:
            args = ["list", *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, 1, 0.5)
            raise click.UsageError(
                f"No such command {args[0][:60]!r}: {f'did you mean {near[0]}?' if near else 'it has ' + ', '.join(COMMANDS) + '.'}"
            )
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands, invoke_without_command=True, epilog="Example: ci-diagnose history search 'address already in use'"
)
@click.pass_context
def command(context: click.Context) -> int:
    """What failed before, and what helped."""
    if context.invoked_subcommand is None:
        from diagnose.cli.history.listing import command as listing

        return int(context.invoke(listing) or 0)
    return 0
