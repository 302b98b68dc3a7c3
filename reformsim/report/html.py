"""A page in Markdown as one HTML file that needs no other: figures are inside it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from .templates import rendered

if TYPE_CHECKING:
    from collections.abc import Mapping


def html_page(markdown: str, title: str, images: Mapping[str, bytes], version: str) -> str:
    """Return a page as HTML; `images` are PNGs under the names that the page has for them."""
    from markdown_it import MarkdownIt
    from markupsafe import Markup

    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)
    # Styles of an element's own are not allowed (see base.html.j2).
    body = body.replace('style="text-align:right"', 'class="right"')
    body = body.replace('style="text-align:left"', 'class="left"')
    body = body.replace("<table>", '<div class="scroll" tabindex="0"><table>')
    body = body.replace("</table>", "</table></div>")
    for name, png in images.items():
        data = base64.b64encode(png).decode()
        body = body.replace(f'src="{name}"', f'src="data:image/png;base64,{data}"')
    return rendered(
        __package__, "markdown.html.j2", title=title, body=Markup(body), version=version
    )
