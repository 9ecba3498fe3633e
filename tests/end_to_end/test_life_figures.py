"""The figures and the page of a life that was learnt: time to resolve from its green runs, and links to what is on GitHub."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.end_to_end.test_life import ask, fail_elsewhere, three_failures_and_a_fix
from tests.support.github_life import sha

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.command import Said

__all__ = ["ask"]


def test_a_life_has_its_figures_and_its_page(ask: Callable[..., Said], home: Path) -> None:
    life = three_failures_and_a_fix()
    assert ask(life, "learn", "--branch", "main").code == 0
    fail_elsewhere(life)
    assert ask(life, "--branch", "tax").code == 1
    tree = json.loads(ask(life, "history", "stats", "--json").out)
    assert (tree["failures"], tree["patterns"], tree["seen_before"], tree["recognised"]) == (4, 1, 0.75, 1.0)
    assert (tree["time_to_resolve"]["new_median"], tree["time_to_resolve"]["not_seen_green"]) == (52, 1)
    assert ask(life, "history", "html", "--output", home / "page.html").code == 0
    page = (home / "page.html").read_text("utf-8")
    for said in (
        "4 failures in", "came back, was fixed in 48 min", "changed src/app/orders.py (&quot;Round half up&quot;)", f"https://github.com/acme/app/commit/{sha(5)[:7]}", "tests/test_orders.py::test_total_rounds",
    ):  # fmt: skip
        assert said in page, said
