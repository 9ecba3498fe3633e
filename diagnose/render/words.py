"""The sentences of an answer that are the same in every format: whose, how long, seen, checks, not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.model.text import Phrase, Untrusted, joined, mapped, phrase
from diagnose.render.voice import capital, ended

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from diagnose.model.check import Check
    from diagnose.model.report import AgentRun, Attribution, FixStep, FixStrategy, KnownPattern, Minutes, Report, Retry
    from diagnose.model.words import Basis
    from diagnose.render.voice import Voice

_PROBABLE: Final = 0.85
_POSSIBLE: Final = 0.50
_HOUR: Final = 60
_IN_HOURS: Final = 120
_SAME: Final = 0.995
_SUBJECT: Final = {"change": "This change", "base": "The base", "flaky": "Flaky", "infrastructure": "Infrastructure"}
_BASIS: Final[dict[Basis, str]] = {
    "history": "as it took before",
    "rule": "failures of this kind",
    "category": "failures of this category",
}
_DIGEST: Final = regex(r"^[0-9a-f]{12}/")
REASONS: Final = 2
_ALIKE: Final = 40  # a check quotes the line up to a limit of its own
SOURCES: Final = 3


def count(number: int, noun: str, plural: str = "") -> str:
    """Return "1 job", "1,204 tests"; plural where an s does not make it."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def whose(attribution: Attribution, voice: Voice, *, full: bool = False) -> str:
    """Return whose it is, how sure, by which comparison, and what a person decides; without a comparison nobody is named. full: what asking cost too."""
    parts = [_named_or_not(attribution, voice, full=full)]
    if attribution.decision is not None:
        decision = ended(voice.say(attribution.decision))
        parts += [] if decision in parts[0] else [capital(decision)]
    if full and attribution.requests:
        parts.append(f"Asked with {count(attribution.requests, 'request')}.")
    return " ".join(parts)


def _named_or_not(attribution: Attribution, voice: Voice, *, full: bool) -> str:
    reasons = attribution.reasons if full else attribution.reasons[:REASONS]
    said = [ended(voice.say(reason)) for reason in reasons if reason]
    if attribution.verdict == "unknown" or (attribution.verdict == "change" and not said):
        return (
            " ".join(["Unknown:", *said[:1], *(capital(text) for text in said[1:])])
            if said
            else "Unknown: nothing to compare with."
        )
    subject = _SUBJECT[attribution.verdict]
    if attribution.confidence < _POSSIBLE:
        subject += ", perhaps"
    elif attribution.confidence < _PROBABLE:
        subject += ", probably"
    if not said:
        return subject + "."
    return " ".join([f"{subject}:", said[0], *(capital(text) for text in said[1:])])


def minutes(span: Minutes, basis: Basis | None = None) -> str:
    """Return "About 25 min (10 to 60; failures of this kind)."; from two hours on in hours."""
    source = f"; {_BASIS[basis]}" if basis else ""
    hours = span.likely >= _IN_HOURS
    likely = _amount(span.likely, hours=hours)
    if span.low == span.high:
        return f"About {likely}{f' ({_BASIS[basis]})' if basis else ''}."
    if hours and span.low < _HOUR:
        reach = f"{_number(span.low)} min to {_amount(span.high, hours=True)}"
    elif hours:
        reach = f"{_number(span.low / _HOUR)} to {_number(span.high / _HOUR)}"
    else:
        reach = f"{_whole(span.low)} to {_whole(span.high)}"
    return f"About {likely} ({reach}{source})."


def _amount(value: float, *, hours: bool) -> str:
    return f"{_number(value / _HOUR)} h" if hours else f"{_number(value)} min"


def _whole(value: float) -> str:
    """Minutes of an estimate have no tenths."""
    return f"{value:,.0f}" if value >= 1 else _number(value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or abs(value - round(value)) < 0.05 else f"{value:.1f}"  # noqa: PLR2004 - 2.5 h, but 25 min


def fix(strategy: FixStrategy, voice: Voice) -> str:
    """Return what to do, how long, and the risk where it is high."""
    parts = [ended(voice.say(strategy.summary)), minutes(strategy.minutes, strategy.basis)]
    if strategy.risk == "high":
        parts.append("The risk is high: look before doing it.")
    return " ".join(part for part in parts if part)


def steps(strategy: FixStrategy | None, voice: Voice) -> tuple[FixStep, ...]:
    """Return what is to be done after the summary; a command that the summary holds already is not said again."""
    if strategy is None:
        return ()
    first = voice.say(strategy.summary)
    return tuple(step for step in strategy.steps if not (step.command and f"`{voice.say(step.command)}`" in first))


def seen(known: KnownPattern, voice: Voice, *, full: bool = False) -> str:
    """Return how often it was seen, where, and how alike it is."""
    shown = known.sources if full else known.sources[:SOURCES]
    times = count(known.seen, "time")
    where = voice.say(joined((mapped(Phrase((source,)), _named) for source in shown), ", "))
    left = known.seen - len(shown)
    said = f"{times}: {where}{f' and {left:,} more' if left > 0 else ''}." if where else f"{times}."
    last = f" Last {voice.say(known.last_seen[:10])}." if known.last_seen else ""
    alike = "The line is the same." if known.similarity >= _SAME else f"The line is alike ({known.similarity:.2f})."
    return f"{said}{last} {alike}"


def again(retry: Retry, voice: Voice, *, full: bool = False) -> str:
    """Return whether to run again, which jobs, how often, and why or why not."""
    shown = retry.reasons if full else retry.reasons[:REASONS]
    why = [ended(voice.say(reason)) for reason in shown]
    left = len(retry.reasons) - len(shown)
    more = [f"{left:,} more: --full."] if left > 0 else []
    if not retry.advised:
        return " ".join(["No:", *why[:1], *(capital(text) for text in why[1:]), *more]) if why else "No."
    which = f", the {len(retry.jobs):,} jobs that failed" if len(retry.jobs) > 1 else ""
    often = "once" if retry.at_most == 1 else f"{retry.at_most:,} times at most"
    return " ".join([f"Yes{which}, {often}:", *why[:1], *(capital(text) for text in why[1:]), *more])


def _named(source: str) -> str:
    """Take off what tells two logs of one name apart in the memory."""
    return _DIGEST.sub("", source)


def known_fix(known: KnownPattern, voice: Voice) -> str:
    """Return what helped before, what fixed it and how long that took; "" when nothing is on record."""
    if not known.solution:
        return ""
    by = (
        voice.say(phrase("Turned green by " if known.guessed else "Fixed by ", known.fixed_by))
        if known.fixed_by
        else ""
    )
    took = f"It took {_amount(known.minutes, hours=known.minutes >= _IN_HOURS)}" if known.minutes is not None else ""
    return " ".join(
        ended(part)
        for part in (voice.say(known.solution), by, took, "Nobody has confirmed it" if known.guessed else "")
        if part
    )


def is_known_fix(strategy: FixStrategy | None, known: KnownPattern) -> bool:
    """Tell whether what is advised is what helped before."""
    return strategy is not None and (
        known.solution in strategy.summary.parts or (strategy.basis == "history" and not known.guessed)
    )


def checks(report: Report) -> tuple[Check, ...]:
    """Return all checks of phase 1, each once, in the order they ran; those that failed are never missing."""
    told = {check.name for check in report.environment}
    return (*(check for check in report.basic_check_failures if check.name not in told), *report.environment)


def check(one: Check, voice: Voice, quoted: Collection[tuple[str, int]] = ()) -> str:
    """Return "setup failed (blocking)", "branch: 2 behind main", "drift ok, nothing moved".

    What fails and blocks nothing is a remark: its own words say it, beside tests that failed the word would mislead.

    quoted: (log, line) of what stands above; a message that ends with such a line ends with its number instead.
    """
    if one.blocking:
        return f"{one.name} failed (blocking)"
    detail = voice.say(_by_number(one, voice, quoted))
    if detail and one.status == "failed":
        return f"{one.name}: {detail}"
    return f"{one.name} {one.status}, {detail}" if detail and one.status != "skipped" else f"{one.name} {one.status}"


def _by_number(one: Check, voice: Voice, quoted: Collection[tuple[str, int]]) -> Phrase:
    parts, first = one.message.parts, next(iter(one.evidence), None)
    if first is None or (first.log, first.line) not in quoted or len(parts) < 2:  # noqa: PLR2004 - words, and the line
        return one.message
    *before, last = parts
    if not isinstance(last, Untrusted) or voice.say(last)[:_ALIKE].strip() not in voice.say(first.text):
        return one.message
    *head, joint = before
    return phrase(*head, joint.rstrip(": ") if isinstance(joint, str) else joint, f": line {first.line}")


def blocking(report: Report) -> Check | None:
    """Return the check that stopped the diagnosis, if one did."""
    return next((one for one in (*report.basic_check_failures, *report.environment) if one.blocking), None)


def not_seen(report: Report, voice: Voice) -> list[str]:
    """Return what was not looked at: the report's limits, and the agents that did not answer."""
    said = [ended(voice.say(limit)) for limit in report.limits]
    return said + [ended(_silent(run, voice)) for run in report.agents if run.status in ("error", "timeout")]


def _silent(run: AgentRun, voice: Voice) -> str:
    what = (
        f"{run.name} stopped after {_seconds(run.seconds)}" if run.status == "timeout" else f"{run.name} did not answer"
    )
    return voice.say(phrase(what, ": ", run.error) if run.error else what)


def _seconds(value: float) -> str:
    return f"{_number(value / 60)} min" if value >= 60 else f"{_number(value)} s"  # noqa: PLR2004 - a minute


def tests(report: Report) -> str:
    """Return "2 failed, 63 passed, 2 skipped" as far as the log tells, "" when it does not."""
    totals = report.totals
    if totals is None:
        return ""
    told = ((totals.failed, "failed"), (totals.passed, "passed"), (totals.skipped, "skipped"))
    parts = [f"{number:,} {name}" for number, name in told if number]
    return ", ".join(parts) or (f"{count(totals.run, 'test')} run" if totals.run is not None else "")


def listing(words: Sequence[str]) -> str:
    """Return "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def known(report: Report, cause_id: str) -> KnownPattern | None:
    """Return the best record of this cause; a record that names no cause belongs to the root cause."""
    root = report.root_cause.id if report.root_cause else ""
    return _first(one for one in report.known_patterns if one.cause == cause_id or (not one.cause and cause_id == root))


def _first(found: Iterable[KnownPattern]) -> KnownPattern | None:
    return next(iter(found), None)
