"""Pages from the templates that stand beside the code."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from .markup import Markdown, code, console, escaped, visible, written

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def rendered(
    package: str,
    name: str,
    /,
    *,
    filters: Mapping[str, Callable[..., str]] | None = None,
    markdown: bool = False,
    **values: Any,
) -> str:
    """Return the page that a template in a package's folder gives; it ends with one line break.

    What stands in `values` is text, whatever it looks like: it is escaped in HTML (`name.html.j2`)
    as in Markdown, but for what is `markupsafe.Markup` or `markup.Markdown`. With `markdown` all
    values of a page in Markdown are meant as such: only for words that are all this program's own.
    Raises jinja2.UndefinedError if the template names a value that is not there.
    """
    html = name.endswith(".html.j2")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(package, ""),
        autoescape=html,
        finalize=_visible if html else None if markdown else written,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"code": code, "console": console, "text": escaped, "ours": Markdown}
    environment.filters |= {"hash": _hash, **(filters or {})}
    return environment.get_template(name).render(values).rstrip() + "\n"


def _visible(value: Any) -> Any:
    return value if isinstance(value, Markup) or not isinstance(value, str) else visible(value)


def _hash(content: str) -> str:
    """Return what lets a page have this style or script and no other."""
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
