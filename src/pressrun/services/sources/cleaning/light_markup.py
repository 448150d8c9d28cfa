"""Turn other light markup into Markdown: reStructuredText, Org, MediaWiki, AsciiDoc and BBCode."""

from __future__ import annotations

import re
from collections.abc import Callable

_RST_DIRECTIVE = re.compile(r"^\.\. (?:[\w:-]+::|\[[^\]\n]+\] |_[^\n]*:|\|)", re.MULTILINE)
_RST_ROLE = re.compile(r":[a-z][\w:.-]*:`|``[^`\n]+``|`[^`<\n]+ <[^>\n]+>`_|\w_\b(?=\s)")
_RST_UNDERLINE = re.compile(
    r"^(?:([=\-~^\"'`#*+.:_])\1{2,}[ \t]*\n)?(?![ \t])(\S[^\n]*)\n([=\-~^\"'`#*+.:_])\3{2,}[ \t]*$", re.MULTILINE
)
_ORG = re.compile(r"^#\+(?:TITLE|AUTHOR|DATE|OPTIONS|STARTUP|BEGIN_\w+):?", re.MULTILINE | re.IGNORECASE)
_WIKI = re.compile(
    r"'''[^'\n]+'''|^={2,6}[^=\n]+={2,6}[ \t]*$|^\[\[(?:File|Image|Category|Datei):"
    r"|<ref[ >]",
    re.MULTILINE,
)
_ASCIIDOC = re.compile(
    r"^(?:= \S.*|:[\w-]+: .*|\[(?:source|quote|NOTE|TIP|verse)[^\]\n]*\]"
    r"|image::\S+\[.*\])$",
    re.MULTILINE,
)
_BBCODE = re.compile(
    r"\[(?:b|i|u|s|url|img|quote|size|color|list|spoiler"
    r"|center)(?:=[^\]\n]{0,300})?\]",
    re.IGNORECASE,
)


def convert_light_markup(text: str) -> str | None:
    """Return the text in Markdown if it is in another light markup, else None."""
    converter = _find_converter(text[:50_000])
    return converter(text) if converter else None


def _find_converter(head: str) -> Callable[[str], str] | None:
    if ".. " in head and len(_RST_DIRECTIVE.findall(head)) >= 1 and _RST_ROLE.search(head + "\n"):
        return _from_rst
    if ".. " in head and len(_RST_DIRECTIVE.findall(head)) >= 2:
        return _from_rst
    if "#+" in head and _ORG.search(head):
        return _from_org
    if ("[[" in head or "<ref" in head or "'''" in head) and len({each[:3] for each in _WIKI.findall(head)}) >= 2:
        return _from_wiki
    if head.lstrip().startswith("= ") and len(_ASCIIDOC.findall(head)) >= 2:
        return _from_asciidoc
    if "[/" in head and len(_BBCODE.findall(head)) >= 2:
        return _from_bbcode
    return None


def _sub(text: str, *pairs: tuple[str, str]) -> str:
    for pattern, replacement in pairs:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE | re.IGNORECASE)
    return text


def _from_rst(text: str) -> str:
    keep = r"(?:note|warning|tip|important|hint|caution|attention|danger|admonition|epigraph|pull-quote|topic)"
    text = _sub(
        text,
        # A directive with its indented lines goes, but the words of a note stay.
        (rf"^\.\. {keep}::[^\n]*\n", "\n"),
        (
            r"^\.\. (?:[\w:-]+::|\[[^\]\n]+\] |_[^\n]*:|\||[^\W_])[^\n]*(?:\n(?:[ \t]+\S[^\n]*"
            r"|[ \t]*(?=\n[ \t]+\S)))*",
            "",
        ),
        (r"^:[\w -]{1,30}:(?:[ \t][^\n]*)?(?:\n[ \t]+\S[^\n]*)*$", ""),
        (r"\s?\[(?:#[\w-]*|\d{1,3}|\*)\]_", ""),
        (r":[a-z][\w:.-]*:`~?([^`<\n]+?)(?:[ \t]*<[^`\n]+>)?`", r"\1"),
        (r"`([^`<\n]+?)[ \t]*<[^`>\n]+>`__?", r"\1"),
        (r"`([^`\n]+)`__?|(?<=\w)__?(?=[\s.,;:!?]|$)", r"\1"),
        (r"``([^`\n]+)``", r"\1"),
        (r"^\|(?: |$)", ""),
        (r"::[ \t]*$", ":"),
        (r"^[ \t]{2,}(?=[^\s\-*+\d])", ""),
    )
    return _RST_UNDERLINE.sub(r"\n# \2\n", text)


def _from_org(text: str) -> str:
    return _sub(
        text,
        (r"^[ \t]*#\+BEGIN_(?:SRC|EXAMPLE|EXPORT|COMMENT)\b(?:.*\n)*?[ \t]*#\+END_\w+[ \t]*$", ""),
        (r"^[ \t]*:(?:PROPERTIES|LOGBOOK):[ \t]*\n(?:.*\n)*?[ \t]*:END:[ \t]*$", ""),
        (r"^[ \t]*(?:#\+\S.*|# .*|(?:SCHEDULED|DEADLINE|CLOSED): .*|\[fn:[^\]\n]+\] .*)$", ""),
        (
            r"^\*+[ \t]+(?:(?:TODO|DONE|NEXT|WAITING"
            r"|CANCELLED)[ \t]+)?(?:\[#[A-C]\][ \t]+)?(.*?)(?:[ \t]+:[\w:@]+:)?[ \t]*$",
            r"\n# \1\n",
        ),
        (r"\[\[[^\]\n]+\]\[([^\]\n]+)\]\]", r"\1"),
        (r"\[\[[^\]\n]+\]\]|\[fn:[^\]\n]*\]|[<\[]\d{4}-\d\d-\d\d[^>\]\n]*[>\]]", ""),
        (r"(?<![\w/:.])/(?=[^\s/])([^/\n]{1,200}?)(?<=[^\s/])/(?![\w/])", r"\1"),
        (r"(?<!\w)[=~+](?=\S)([^=~+\n]{1,200}?)(?<=\S)[=~+](?!\w)", r"\1"),
        (r"^([ \t]*(?:[-+]|\d+[.)])[ \t]+)(?:\[[ Xx-]\][ \t]+)?(.*?)[ \t]+::[ \t]+", r"\1\2: "),
    )


def _from_wiki(text: str) -> str:
    text = re.sub(r"<ref\b[^<>]*/>|<ref\b[^<>]*>.*?</ref>|<!--.*?-->", "", text, flags=re.DOTALL | re.IGNORECASE)
    text = re.sub(r"^\{\|.*?^\|\}[ \t]*$", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(
        r"\{\{(?:lang|nowrap|abbr)\|(?:[a-z]{2,3}\|)?([^{}"
        r"|\n]*)[^{}\n]*\}\}",
        r"\1",
        text,
        flags=re.IGNORECASE,
    )
    for _ in range(6):
        # Innermost first, because templates are nested.
        text, count = re.subn(r"\{\{[^{}]*\}\}", "", text)
        if not count:
            break
    return _sub(
        text,
        (
            r"\[\[(?:File|Image|Datei|Bild|Fichier|Archivo|Category|Kategorie|Catégorie"
            r"|Categoría)\s?:(?:[^\[\]]|\[\[[^\[\]]*\]\])*\]\][ \t]*",
            "",
        ),
        (r"\[\[[a-z-]{2,8}:[^\[\]\n]*\]\]", ""),
        (r"\[\[(?:[^\[\]|\n]*\|)?([^\[\]|\n]+)\]\]", r"\1"),
        (r"\[(?:https?:)?//\S+(?:[ \t]+([^\]\n]*))?\]", r"\1"),
        (r"'{2,5}", ""),
        (r"^[*#:;]+[ \t]*(?=[^\s#*:;])", "- "),
        (r"^(={1,6})[ \t]*([^=\n].*?)[ \t]*\1[ \t]*$", r"\n# \2\n"),
        (r"__[A-Z]+__|<references[^>]*>|<br ?/?>", ""),
    )


def _from_asciidoc(text: str) -> str:
    return _sub(
        text,
        (r"^\[source[^\n]*\]\n-{4,}\n(?:.*\n)*?-{4,}[ \t]*$", ""),
        (r"^/{4,}\n(?:.*\n)*?/{4,}[ \t]*$|^//(?!/).*$", ""),
        (r"^:[\w!-]+:.*$|^image::?\S+\[.*\]$|^include::.*$|^toc::.*$|^\[[^\]\n]*\]$|^[-=*_.+]{4,}$|^\.\S.*$", ""),
        (r"^={1,6}[ \t]+(.*)$", r"\n# \1\n"),
        (r"^(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION): ", ""),
        (r"(?:https?://[^\s\[\]]+|link:[^\s\[\]]+)\[([^\]\n]+)\]", r"\1"),
        (r"<<[^,>\n]+,([^>\n]+)>>", r"\1"),
        (r"<<[^>\n]+>>|footnote:\w*\[[^\]\n]*\]", ""),
        (r"^(?:\*+|\.+)[ \t]+(?=\S)", "- "),
    )


def _from_bbcode(text: str) -> str:
    text = re.sub(r"\[(img|code|youtube|media)(?:=[^\]\n]*)?\].*?\[/\1\]", "", text, flags=re.DOTALL | re.IGNORECASE)
    return _sub(
        text,
        (r"\[(?:h[1-6]|heading)\](.*?)\[/(?:h[1-6]|heading)\]", r"\n# \1\n"),
        (r"^[ \t]*\[\*\][ \t]*", "- "),
        (
            r"\[/?(?:b|i|u|s|url|quote|size|color|font|list|ul|ol|li|spoiler|center|left|right|sub|sup|email|hr"
            r"|table|tr|td)(?:=[^\]\n]{0,300})?\]",
            "",
        ),
    )
