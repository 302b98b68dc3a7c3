"""Pages from the templates that stand beside the code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jinja2

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def rendered(
    package: str,
    name: str,
    /,
    *,
    filters: Mapping[str, Callable[..., str]] | None = None,
    **values: Any,
) -> str:
    """Return the page that a template in a package's folder gives; it ends with one line break.

    What stands in `values` is escaped in HTML (`name.html.j2`) and not in Markdown. Raises
    jinja2.UndefinedError if the template names a value that is not there.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(package, ""),
        autoescape=name.endswith(".html.j2"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= filters or {}
    return environment.get_template(name).render(values).rstrip() + "\n"
