"""How accurate the answers are, on labelled logs of projects that the fit has not seen.

    uv run --group fit benchmarks/accuracy.py CORPUS                 as shipped: rules and structure
    uv run --group fit benchmarks/accuracy.py CORPUS --no-packs      no rules at all: what to expect of tools that no rule knows
    uv run --group fit benchmarks/accuracy.py CORPUS --ablate        what each part of the ranker gives
    ... --answers 1                                                  also the whole answer, by the fits of this many seeds
    ... --seeds 8 --folds                                            more seeds than 4; which projects each fold left out

benchmarks/learn.py says what CORPUS is. A thousand logs take some five minutes on two cores, with `--ablate` six times as long. Each
log is read once (twice for `--ablate`, which also looks at all of it). For each seed the projects are dealt anew into five folds; ranker
and calibrator are fitted on four of them and judged on the fifth, so no project is judged by a fit that saw it. Figures are means
over the projects of a set, and over seeds, with the standard deviation over seeds:

    anchor     the candidate that would be the answer's first line is labelled
    hit10      one of the ten best candidates is
    recall10   how many of the labelled lines (ten at most) are among these

What this does not leave out: the rules, the shapes of lines and the features were written with some of these logs in view, so the
figures with packs say too much of logs that nobody has looked at. `--no-packs` is free of the rules and fits its own weights. The
product shows the lines of a candidate's whole block, so what it shows first is often more than these ten lines: `--answers` asks the
product itself, every case of the corpus once a seed, with the weights of the fold that did not see its project.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a process a core: threads besides would only wait for each other

from benchmarks.answers import answered, answers_table, fitted, questions  # noqa: E402 - from the checkout
from benchmarks.figures import calibration, judged, paired, sets_of, table  # noqa: E402 - as above
from benchmarks.learn import FIRST_SEED, Look, Wanted, examples_of, folds, left_out_scores  # noqa: E402 - as above
from diagnose.rank.features import CONTEXT, names  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.answers import Answered
    from benchmarks.figures import Round
    from benchmarks.learn import Example

SEEDS: Final = 4
OF_RULES: Final = ("rule_weight", "rule_first", "rule_count", "cause_near", "cause_elsewhere")


class Variant(NamedTuple):
    """The ranker without one part: the place of its logs among those read, its features, whether its forest is asked."""

    title: str
    place: int = 0
    columns: tuple[int, ...] | None = None
    forest: bool = True


def variants() -> list[Variant]:
    """List what is left out, one part at a time; the second set of logs is read whole."""

    def without(*gone: str) -> tuple[int, ...]:
        return tuple(place for place, name in enumerate(names()) if name not in gone)

    shapes = tuple(name for name in names() if name.startswith("shape:"))
    rules = tuple(name for name in names() if name.startswith("rule:")) + OF_RULES
    numbers = tuple(name for name in CONTEXT if name not in OF_RULES)
    return [
        Variant("second stage", forest=False),
        Variant("features of rules", columns=without(*rules)),
        Variant("numeric context", columns=without(*numbers)),
        Variant("shapes", columns=without(*shapes)),
        Variant("windows of failed steps", place=1),
    ]


def measured(sets: Sequence[list[Example]], wanted: Sequence[Variant], seeds: Sequence[int]) -> list[list[Round]]:
    """Judge each variant by each seed. One that has only its forest left out needs no fit of its own."""
    fits = list(dict.fromkeys((variant.place, variant.columns) for variant in wanted))
    scored = left_out_scores(sets, [Wanted(place, seed, columns) for place, columns in fits for seed in seeds])
    out = []
    for variant in wanted:
        first = fits.index((variant.place, variant.columns)) * len(seeds)
        own = sets[variant.place]
        out.append([
            judged(own, [score.both if variant.forest else score.linear for score in scored[first + turn]], seed) for turn, seed in enumerate(seeds)
        ])  # fmt: skip
    return out


def dealt(examples: list[Example], seeds: Sequence[int]) -> str:
    """Say which projects each fold of each seed leaves out."""
    lines = []
    for seed in seeds:
        for number, fold in enumerate(folds(examples, seed), 1):
            projects = sorted({examples[index].project for index in fold})
            lines.append(f"seed {seed}, fold {number}: {len(fold)} logs, left out: {', '.join(projects)}")
    return "\n".join(lines)


def losses(whole: list[Round], parts: Sequence[tuple[Variant, list[Round]]]) -> str:
    """Write what each part gives: the whole's figure less the figure without it, by seed."""
    lines = [f"{'what it gives':<25}{'set':<18}{'anchor':>15}{'hit10':>15}{'without: anchor':>17}"]
    for variant, rounds in parts:
        for name in sets_of(whole[0].examples):
            gains = [
                paired(whole, rounds, lambda each, own, figure=figure: each.mean(figure, own), name)
                for figure in ("anchor", "hit10")
            ]  # type: ignore[misc]
            left = sum(each.mean("anchor", name) for each in rounds) / len(rounds)
            lines.append(f"{variant.title:<25}{name:<18}{gains[0]:>15}{gains[1]:>15}{left:>17.3f}")
    return "\n".join(lines)


def whole_answers(corpus: Path, examples: list[Example], seeds: Sequence[int], *, packs: bool) -> list[list[Answered]]:
    """Answer every case, once a seed, by weights and a calibrator that did not see its project."""
    scored = left_out_scores([examples], [Wanted(0, seed) for seed in seeds])
    return [
        answered(questions(corpus, examples, seed, packs=packs), fitted(examples, scores, seed))
        for seed, scores in zip(seeds, scored, strict=True)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    cli = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    cli.add_argument("corpus", type=Path)
    cli.add_argument("--seeds", type=int, default=SEEDS)
    cli.add_argument("--no-packs", action="store_true", help="read without any rule")
    cli.add_argument("--ablate", action="store_true", help="also without each part of the ranker")
    cli.add_argument(
        "--answers",
        type=int,
        default=0,
        metavar="SEEDS",
        help="also judge the whole answer, by the fits of so many seeds",
    )
    cli.add_argument("--save", type=Path, metavar="FILE", help="with --answers: keep each case's figures as JSON")
    cli.add_argument("--folds", action="store_true", help="print which projects each fold left out")
    args = cli.parse_args(arguments)
    look = Look(packs=not args.no_packs)
    sets = examples_of(args.corpus, [look, look._replace(whole=True)] if args.ablate else [look])
    if not sets[0]:
        cli.error(f"no failing case with labelled lines below {args.corpus}")
    seeds = range(FIRST_SEED, FIRST_SEED + args.seeds)
    wanted = [Variant("all"), *(variants() if args.ablate else ())]
    rounds = measured(sets, wanted, seeds)
    projects = len({example.project for example in sets[0]})
    rules = "no rules" if args.no_packs else "shipped rules"
    print(
        f"{len(sets[0])} logs of {projects} projects, {rules}; {args.seeds} seeds, five folds each, whole projects left out of every fit\n"
    )
    if args.folds:
        print(dealt(sets[0], seeds), end="\n\n")
    print(table(rounds[0]), calibration(rounds[0]), sep="\n\n")
    if args.answers:
        got = whole_answers(args.corpus, sets[0], seeds[: args.answers], packs=look.packs)
        print("", answers_table(got), sep="\n")
        if args.save:
            args.save.write_text(json.dumps([[asdict(one) for one in each] for each in got]))
    if args.ablate:
        print("", losses(rounds[0], list(zip(wanted[1:], rounds[1:], strict=True))), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
