"""HTML and SVG, escaped by construction: a string becomes text, and only what this module made becomes markup."""

from __future__ import annotations

import html
from collections.abc import Iterable
from urllib.parse import urlsplit

from pressrun.cli.formatting import clean_text

_VOID = frozenset(("img", "meta", "rect", "line"))
_SCHEMES = frozenset(("http", "https", "file"))


class Markup(str):
    """Text that is markup already. Made by `element`, `join` and, for what the program itself wrote, by hand."""

    __slots__ = ()


def element(tag: str, *children: str | None, **attributes: str | int | bool | None) -> Markup:
    """An element. Children that are no `Markup` are escaped, those that are None or empty left out.

    In the names of attributes `_` stands for `-`, and one at the end is dropped (`class_`). An attribute that is None
    or False is left out.
    """
    written = "".join(
        f" {_name(name)}" + ("" if value is True else f'="{html.escape(clean_text(str(value)))}"')
        for name, value in attributes.items()
        if value is not None and value is not False
    )
    if tag in _VOID:
        return Markup(f"<{tag}{written}>" if tag in ("img", "meta") else f"<{tag}{written}/>")
    return Markup(f"<{tag}{written}>{join(children)}</{tag}>")


def join(children: Iterable[str | None]) -> Markup:
    parts = (each if isinstance(each, Markup) else html.escape(clean_text(each)) for each in children if each)
    return Markup("".join(parts))


def link(address: str, *children: str, class_: str | None = None) -> Markup:
    """A link to a web or file address; what would be something else, as `javascript:`, becomes plain text."""
    try:
        safe = urlsplit(address).scheme in _SCHEMES
    except ValueError:
        safe = False
    shown = children or (address,)
    if not safe:
        return element("span", *shown, class_=class_)
    return element("a", *shown, href=address, rel="noopener noreferrer", class_=class_)


def _name(name: str) -> str:
    return name.rstrip("_").replace("_", "-")
