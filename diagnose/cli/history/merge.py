"""`ci-diagnose history merge`: two versions of DISCOVERIES.md joined, where git did not do it by itself (GitHub's button ignores `merge=union`)."""

from __future__ import annotations

from pathlib import Path

import click

from diagnose.cli.history.common import UNREAD, count, record_path, told
from diagnose.cli.out import complain, tell
from diagnose.cli.trail import trailed


@click.command(epilog="Example: ci-diagnose history merge    and then: git add DISCOVERIES.md")
@click.argument("versions", nargs=-1, metavar="[OURS THEIRS]", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--base",
    default=None,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The version that both come from: an edit then takes the place of what it edits.",
)
@click.option(
    "--output",
    default=None,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the joined version goes; otherwise to OURS.",
)
@trailed("history merge")
def command(versions: tuple[Path, ...], base: Path | None, output: Path | None) -> int:
    """Solve a merge conflict in DISCOVERIES.md: no entry of either side is lost. With one file: that one; with two: both joined.

    As git's merge driver: git config merge.discoveries.driver "ci-diagnose history merge %A %B --base %O"
    """
    from diagnose.cli.places import cache_folder
    from diagnose.memory.append import read, rewrite
    from diagnose.memory.joining import Joined, joined, sides

    if len(versions) > 2:  # noqa: PLR2004 - ours and theirs
        complain("two versions are joined at a time.", "ci-diagnose history merge OURS THEIRS")
        return 2
    first = versions[0] if versions else record_path()
    texts = []
    for path in (first, *versions[1:], *([base] if base else [])):
        text = read(path)
        if told(text):
            return UNREAD
        if not path.exists():
            complain(f"there is no {path}.", "ci-diagnose history merge OURS THEIRS")
            return 2
        texts.append(str(text))
    done: Joined | None = None

    def change(text: str) -> str:
        nonlocal done
        mine = texts[0] if output else text
        ours, theirs, before = (mine, texts[1], texts[2] if base else None) if len(versions) > 1 else sides(mine)
        if ours == theirs and len(versions) < 2:  # noqa: PLR2004 - one file without a conflict
            return text
        done = joined(ours, theirs, before)
        return done.text.replace("\n", "\r\n") if "\r\n" in mine else done.text

    if told(rewrite(output or first, change, locks=cache_folder())):
        return UNREAD
    if done is None:
        tell(f"{first} has no merge conflict; nothing was changed.")
        return 0
    for doubt in done.doubts:
        complain(f"{output or first}:{doubt.line} {doubt.message}.")
    tell(
        f"{output or first}: {count(len(done.added), 'entry', 'entries')} of theirs added, {count(len(done.folded), 'entry', 'entries')} that both changed joined."
    )
    return UNREAD if done.doubts else 0
