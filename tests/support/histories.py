"""Histories with invented failures: small ones field by field, and a long one as a busy repository would have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from diagnose.memory.history import Event, Green, History, Known
from diagnose.memory.rows import Pattern
from diagnose.model.text import Untrusted

if TYPE_CHECKING:
    from collections.abc import Iterator

TODAY = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
REPO = "acme/lighthouse"


def event(key: int = 1, days: float = 1, **more: Any) -> Event:
    """A failure of pattern `key` so many days before TODAY."""
    texts = {
        "repository": REPO,
        "target": f"run {key}-{days:g}",
        "job": "test (3.12)",
        "commit": "",
        "branch": "main",
        "link": "",
        **{k: v for k, v in more.items() if isinstance(v, str)},
    }
    said = {name: Untrusted(texts[name]) for name in ("repository", "target", "job", "commit", "branch", "link")}
    return Event(
        pattern=key, **said, tests=tuple(Untrusted(test) for test in more.get("tests", ())), category=texts.get("category", "test"), tool=texts.get("tool", "pytest"),
        verdict=more.get("verdict", "change"), at=TODAY - timedelta(days=days), line=more.get("line", 41), confidence=more.get("confidence", 0.9), minutes=None,
        escalated=more.get("escalated", False), recognised=more.get("recognised", False), trusted=more.get("trusted", True), again=more.get("again", False),
    )  # fmt: skip


def known(key: int = 1, **more: Any) -> Known:
    """A pattern; foreign texts as plain ones."""
    own: dict[str, Any] = {
        "id": f"{key:08x}", "repository": REPO, "title": f"failure number {key}", "category": "test", "tool": "pytest", "state": "open", "root_cause": "", "solution": "", "fixed_by": "",
        "minutes": None, "confidence": 0.9, "seen": 1, "first_seen": "2026-09-01T08:00:00+00:00", "last_seen": "2026-11-20T09:00:00+00:00", "resolved_at": "", "lines": ("E   assert 1 == 2",), "who": "",
        **more,
    }  # fmt: skip
    for name in ("repository", "title", "root_cause", "solution", "fixed_by", "who"):
        own[name] = Untrusted(own[name])
    for name in ("lines", "links"):
        own[name] = tuple(Untrusted(text) for text in own.get(name, ()))
    return Known(key, Pattern(**own))


def green(
    days: float, *, job: str = "test (3.12)", branch: str = "main", commit: str = "", repository: str = REPO
) -> Green:
    """A run that passed."""
    return Green(
        Untrusted(repository), Untrusted(branch), Untrusted(job), Untrusted(commit), TODAY - timedelta(days=days)
    )


def numbers(seed: int = 7) -> Iterator[int]:
    """Numbers that look drawn, always the same."""
    while True:
        seed = (seed * 1_103_515_245 + 12_345) % (1 << 31)
        yield seed >> 8


_KINDS = (
    (
        "test",
        "pytest",
        "test_{} fails: the total is rounded twice",
        "E   AssertionError: assert Decimal('19.98') == Decimal('19.{}')",
    ),
    ("test", "jest", "The lamp component renders {} twice", "  ● Lamp renders the beam of {} once"),
    (
        "compile",
        "rustc",
        "Type mismatch in the keeper of {}",
        "error[E0308]: mismatched types --> src/keeper_{}.rs:88:21",
    ),
    (
        "type-check",
        "tsc",
        "26 type errors after the update of {}",
        "src/beam/{}.ts(84,11): error TS2344: Type 'T' does not satisfy the constraint 'Feature'.",
    ),
    ("dependency", "npm", "npm cannot resolve the peer dependency {}", "npm error Found: {}@4.2.19"),
    ("lint", "ruff", "An import of {} that nobody uses", "lamp/{}.py:3:8: F401 `os` imported but unused"),
    (
        "infrastructure",
        "runner",
        "The runner {} was lost",
        "The self-hosted runner: {} lost communication with the server.",
    ),
    (
        "network",
        "curl",
        "The mirror of {} does not answer",
        "curl: (28) Failed to connect to mirror-{}.example.org port 443 after 129532 ms: Connection timed out",
    ),
    (
        "configuration",
        "github",
        "The workflow asks for an action of {} that is not there",
        "Unable to resolve action `acme/{}@v9`, unable to find version `v9`",
    ),
)
_WORDS = (
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "harbor",
    "inlet",
    "juniper",
    "kelp",
    "lagoon",
    "maple",
    "nectar",
    "otter",
    "pebble",
    "quartz",
    "reed",
    "slate",
    "tundra",
)
_JOBS = ("test (3.11)", "test (3.12)", "test (3.13)", "lint", "build (linux, arm64)", "build (windows)", "docs")
_STATES = (
    ("resolved", "person"),
    ("open", ""),
    ("resolved", "green-run"),
    ("came-back", "green-run"),
    ("open", ""),
    ("resolved", "re-run"),
    ("stale", ""),
    ("resolved", "record"),
)


def busy(failures: int, patterns: int, *, days: int = 84, repositories: int = 3) -> History:
    """A history of that many failures over that many days."""
    draw = numbers()
    names = [f"acme/{name}" for name in ("lighthouse", "harbor-master", "tide-tables", "buoys")[:repositories]]
    kept = []
    for key in range(1, patterns + 1):
        category, tool, title, line = _KINDS[next(draw) % len(_KINDS)]
        word = f"{_WORDS[next(draw) % len(_WORDS)]}{key if patterns > 40 else ''}"
        state, how = _STATES[next(draw) % len(_STATES)]
        solved = (
            {
                "root_cause": f"{word} was raised by two majors, and its rounding moved",
                "solution": f"hold {word} below 5 in requirements.txt",
                "fixed_by": f"{next(draw):07x}"[:7] + "a1",
            }
            if how
            else {}
        )
        repository = names[key % len(names)]
        kept.append(known(
            key, repository=repository, title=title.format(word), category=category, tool=tool, state=state, how=how, sure=0.6 if how == "green-run" else 0.9 if how else None,
            minutes=float(5 + next(draw) % 90) if how in ("person", "record") else None, elapsed=float(1 + next(draw) % 9) if how == "green-run" else None,
            links=(f"https://github.com/{repository}/actions/runs/{next(draw)}",) if how == "green-run" else (), who="mona" if how == "person" else "",
            lines=(line.format(word), "E    +  where 19.98 = total()", "tests/test_orders.py:41: in test_total"), **solved,
        ))  # fmt: skip
    events, greens, met = [], [], set()
    for place in range(failures):
        when = days * (1 - place / failures) ** (1 + (next(draw) % 5) / 20) + 0.05
        key = 1 + (next(draw) % patterns if next(draw) % 3 else (next(draw) % max(1, patterns // 12)))
        pattern = kept[key - 1].pattern
        job, repository = _JOBS[(key + next(draw) % 2) % len(_JOBS)], names[key % len(names)]
        run = 10_000_000 + place
        again = key in met
        met.add(key)
        tests = (f"tests/test_orders.py::test_{_WORDS[key % len(_WORDS)]}",) if pattern.category == "test" else ()
        events.append(event(
            key, when, repository=repository, target=f"PR {400 + place // 7} {run}", job=job, branch=f"topic-{place // 7}", commit=f"{run:07x}", link=f"https://github.com/{repository}/actions/runs/{run}",
            tests=tests, category=pattern.category, tool=pattern.tool, verdict=("change", "change", "base", "flaky", "infrastructure", "unknown")[next(draw) % 6], line=100 + next(draw) % 4000,
            confidence=0.55 + (next(draw) % 43) / 100, escalated=next(draw) % 8 == 0, recognised=again and next(draw) % 4 > 0, trusted=next(draw) % 11 > 0, again=again,
        ))  # fmt: skip
        if next(draw) % 4:
            hours = (1 + next(draw) % 90) / 60 if again else (20 + next(draw) % 900) / 60
            same = f"{run:07x}" if next(draw) % 9 == 0 else ""
            greens.append(
                green(
                    when - min(hours / 24, when - 0.01),
                    job=job,
                    branch=f"topic-{place // 7}",
                    commit=same,
                    repository=repository,
                )
            )
    events.sort(key=lambda one: one.at)
    greens.sort(key=lambda one: one.at)
    last = {one.pattern: one for one in events}
    kept.sort(key=lambda one: last[one.key].at.timestamp() if one.key in last else 0.0, reverse=True)
    return History(tuple(kept), tuple(events), tuple(greens))
