"""A comment as GitHub shows it: its Markdown, and a page about as wide and as large in print as a pull request's is."""

from __future__ import annotations

from typing import Final

import cmarkgfm
from cmarkgfm.cmark import Options

# GitHub's own sheet is not at hand; these are the measures of its comments: 14 px print, lines of 1.5, a box of 16 px, on a phone 8 px beside it.
SHEET: Final = """
:root{color-scheme:light dark;--page:#fff;--text:#1f2328;--line:#d1d9e0;--code:#818b981f;--block:#f6f8fa;--link:#0969da}
@media (prefers-color-scheme:dark){:root{--page:#0d1117;--text:#f0f6fc;--line:#3d444d;--code:#656c7633;--block:#151b23;--link:#4493f8}}
*{box-sizing:border-box}body{margin:0;padding:8px;background:var(--page);color:var(--text);
font:14px/1.5 -apple-system,BlinkMacSystemFont,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif}
article{max-width:900px;border:1px solid var(--line);border-radius:6px;padding:16px;overflow-wrap:break-word}
article>:first-child{margin-top:0!important}article>:last-child{margin-bottom:0!important}
p,ul,ol,pre,details{margin:0 0 16px}ul,ol{padding-left:2em}a{color:var(--link)}sub{font-size:75%}
code,pre{font-family:ui-monospace,SFMono-Regular,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:85%}
code{padding:.2em .4em;background:var(--code);border-radius:6px;white-space:break-spaces}
pre{padding:16px;overflow:auto;line-height:1.45;background:var(--block);border-radius:6px}pre code{padding:0;background:none;font-size:100%;white-space:pre}
"""


def page(markdown: str) -> str:
    """Return a page that holds a comment: line ends in a paragraph break, as they do in comments."""
    options = Options.CMARK_OPT_HARDBREAKS | Options.CMARK_OPT_UNSAFE
    body = cmarkgfm.github_flavored_markdown_to_html(markdown, options=options)
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A comment</title><style>{SHEET}</style><article>{body}</article></html>'
