"""For the console of a GitHub Actions step: workflow commands that mark lines of the change, then the answer, which the runner does not obey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.render.annotations import commands
from diagnose.render.interface import renderer
from diagnose.safety.runner import to_runner

if TYPE_CHECKING:
    from diagnose.model.report import Report
    from diagnose.render.interface import View

NAME: Final = "github"


class GitHub:
    """Annotations and text."""

    name = NAME

    def render(self, report: Report, view: View) -> str:
        """Return the commands, at most ten, and the lines of the text form, each behind `| `."""
        return "".join(commands(report, view.tree)) + to_runner(renderer("text").render(report, view).splitlines())


RENDERER: Final = GitHub()
