"""The first page of help, and what to say to a command that does not exist. 24 rows; examples first."""

from __future__ import annotations

from typing import Final

HELP: Final = """\
ci-diagnose: says why CI failed, whose it is, and what to do.

  ci-diagnose                      this branch's newest run
  ci-diagnose --pr 123             a pull request; also --run --job --commit
  ci-diagnose --log build.log      a file, - for standard input
  ci-diagnose --junit test.xml     a test report, alone or beside a target
  ci-diagnose run -- make test     run a command, and explain its failure

Then
  explain c1       why this cause won, with all its lines
  resolve c1       record what fixed it
  history          what failed before, what helped: list show search stats html
  doctor           check token, network, memory, rules

Options
  --full           open all folds            --format text brief json sarif …
  --wait           until the checks end      --passing-log FILE of a good run
  --repo O/N       another repository        --output FILE      --no-memory
  --plain          for screen readers        --color WHEN       --exit-zero
  --comment --summary --annotations --outputs --write FORM=FILE   in Actions

Exit  0 nothing failed · 1 a failure, a hidden one too (--silent-ok: 0)
      2 usage · 3 could not look
More  ci-diagnose COMMAND --help · learn · patterns · config
"""


def unknown_command(name: str) -> str:
    """Say that there is no such command, and which is nearest. A name of several lines, or one that a runner would obey, stays dead."""
    from difflib import get_close_matches

    from diagnose.cli import COMMANDS
    from diagnose.safety.terminal import to_terminal

    near = get_close_matches(name, COMMANDS, 1, 0.5)
    hint = f"ci-diagnose {near[0]}" if near else "ci-diagnose --help"
    shown = " ".join(to_terminal(name)[:60].split()).replace("##[", "## [")
    meant = f" Did you mean {near[0]}?" if near else " A log is named with --log."
    return f"ci-diagnose: there is no command {shown}.{meant}\n             try: {hint}\n"
