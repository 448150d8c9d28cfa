"""Articles and web pages: reference marks, notes, links, tables, HTML and RTF."""

from __future__ import annotations

from bench.sources.labelled import STORY, Labelled, paragraphs

S = STORY


def _marked(*marks: str) -> str:
    return paragraphs(*(sentence + marks[n % len(marks)] for n, sentence in enumerate(S)))


def _html(body: str, head: str = "<title>Clocks | Example Site</title>") -> str:
    return f"<!DOCTYPE html>\n<html lang=en><head>{head}<style>p {{ color: red }}</style></head>\n<body>{body}</body></html>"


def _p(*sentences: str) -> str:
    return "\n".join(f"<p>{sentence}</p>" for sentence in sentences or S)


def _rtf(*paras: str) -> str:
    body = "\n".join(f"{part}\\par" for part in paras)
    return (
        "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fswiss Helvetica;}}{\\colortbl;\\red255\\green0\\blue0;}\n"
        "{\\*\\generator Riched20 10.0;}\\viewkind4\\uc1 \\pard\\f0\\fs24 " + body + "\n}"
    )


TABLE = "Month | Bread | Watches\n--- | --- | ---\nMay | 12 | 3\nJune | 14 | 5"
INPUTS = [
    Labelled("wiki-numbers", ".txt", _marked("[1]", "[12][13]", "[3]"), ("[", "1]", "12", "13")),
    Labelled("wiki-needed", ".txt", _marked("[1][citation needed]", "[citation needed]", "[who?][2]"), ("[", "needed", "who?")),
    Labelled("wiki-spaced", ".txt", _marked(" [4]", " [5, 6]", " [7–9]"), ("[", "[4", "5, 6", "7–9")),
    Labelled("wiki-notes", ".txt", _marked("[note 1]", "[a]", "[b][2]", "[nb 3]"), ("[", "note 1", "nb 3")),
    Labelled("wiki-before-stop", ".txt", paragraphs(*(s[:-1] + f"[{n}]." for n, s in enumerate(S, 1))), ("[", "7]")),
    Labelled(
        "wiki-references", ".txt",
        _marked("[1]", "[2]") + "\n\nReferences\n\n1. ^ Smith, J. (1990). Clocks of the North. Oxford. p. 12.\n"
        "2. ^ a b Miller, A. (2001). Bread and Time. pp. 3–9.",
        ("Smith", "Oxford", "Miller", "pp.", "^", "References", "["),
    ),
    Labelled(
        "wiki-see-also", ".txt",
        paragraphs() + "\n\nSee also\n\n* Watchmaking, 1750\n* Mill wheel, 1801\n\nExternal links\n\n* https://example.org/clocks\n"
        "* https://example.org/mills",
        ("example.org", "Watchmaking", "See also", "External links", "http"),
    ),
    Labelled("wiki-edit", ".txt", "Early life[edit]\n\n" + paragraphs() + "\n\nDeath[edit source]\n\nShe died in peace.", ("edit", "[")),
    Labelled("wiki-german", ".txt", _marked("[1]", "[Anm. 2]", "[3]"), ("[", "Anm")),
    Labelled("superscripts", ".txt", _marked("¹", "²", "³⁴"), ("¹", "²", "³", "⁴")),
    Labelled("asterisks", ".txt", paragraphs(S[0][:-1] + "*.", *S[1:]) + "\n\n* Hallow Street was renamed in 1950, see p. 4.", ("*", "renamed", "p. 4")),
    Labelled("daggers", ".txt", paragraphs(S[0] + "†", S[1] + "‡", *S[2:]), ("†", "‡")),
    Labelled(
        "markdown-notes", ".md",
        paragraphs(S[0] + "[^1]", S[1] + "[^long-note]", *S[2:])
        + "\n\n[^1]: A note of the editor.\n\n[^long-note]: It is long,\n    and continues here.\n\n    Even in a second paragraph.",
        ("[^", "note of the editor", "continues here", "second paragraph"),
    ),
    Labelled("inline-notes", ".md", paragraphs(S[0] + "^[An inline note.]", *S[1:]), ("inline note", "^[")),
    Labelled(
        "note-bodies", ".txt",
        paragraphs(S[0] + "[1]", *S[1:8]) + "\n\n[1] Hallow Street is a street in the north.\n\n" + paragraphs(*S[8:]),
        ("in the north", "[1]"),
    ),
    Labelled("addresses", ".txt", paragraphs() + "\n\nSee https://example.org/clocks?id=3&x=1 for more. Read www.example.com/a too.", ("http", "www", "example")),
    Labelled("addresses-inside", ".txt", paragraphs(*S[:3], "She read it (https://example.org/x) every evening.", *S[3:]), ("http", "example", "()")),
    Labelled("address-at-end", ".txt", paragraphs() + "\n\nHer letters are kept at https://example.org/letters.", ("http", "at.", "example")),
    Labelled("table", ".md", paragraphs(*S[:8]) + "\n\n" + TABLE + "\n\n" + paragraphs(*S[8:]), ("|", "---", "Watches", "May")),
    Labelled("table-in-txt", ".txt", paragraphs(*S[:8]) + "\n\n" + TABLE + "\n\n" + paragraphs(*S[8:]), ("|", "---", "Watches", "May")),
    Labelled(
        "table-drawn", ".txt",
        paragraphs(*S[:8]) + "\n\n+------+----+\n| May  | 12 |\n| June | 14 |\n+------+----+\n\n" + paragraphs(*S[8:]), ("|", "+-", "June"),
    ),
    Labelled("entities", ".txt", paragraphs(*(s.replace("the boy", "&quot;the boy&quot;").replace(" and ", " &amp; ") for s in S)), ("&quot;", "&amp;", "quot"), ()),
    Labelled("entities-numeric", ".txt", paragraphs(*S, "She said&#8212;quietly&#x2014;that it&rsquo;s late&nbsp;now."), ("&#", "&rsquo", "&nbsp")),
    Labelled("formulas", ".md", paragraphs() + "\n\n$$T = 2\\pi\\sqrt{l/g}$$\n\nThe length $l$ of the pendulum is known.", ("$", "sqrt", "\\pi")),
    Labelled("formulas-in-txt", ".txt", paragraphs() + "\n\n\\[ T = 2\\pi\\sqrt{\\frac{l}{g}} \\]\n\nThe swing is even.", ("\\", "frac", "sqrt")),
    Labelled("html-page", ".html", _html("<nav><a href=/>Home</a> <a href=/shop>Shop</a></nav><h1>The clocks</h1>" + _p() + "<footer>© 2020 Example Inc.</footer><script>var a = 1;</script>"), ("Home", "Shop", "2020", "var", "<", "Example Site", "color")),
    Labelled("html-in-txt", ".txt", _html("<h1>The clocks</h1>" + _p()), ("<", "color", "Example Site", "DOCTYPE")),
    Labelled("html-fragment-in-txt", ".txt", _p(), ("<", ">")),
    Labelled("html-marks", ".html", _html(_p(*(f'{s}<sup id="c{n}" class="reference"><a href="#n{n}">[{n}]</a></sup>' for n, s in enumerate(S, 1)))), ("[", "16", "]")),
    Labelled("html-sup", ".html", _html(_p(*(f"{s}<sup>{n}</sup>" for n, s in enumerate(S, 1)))), ("16", "15.")),
    Labelled("html-figure", ".html", _html(_p(*S[:8]) + "<figure><img src=a.png alt='A clock'><figcaption>Fig. 1: A clock</figcaption></figure>" + _p(*S[8:])), ("Fig.", "A clock")),
    Labelled("html-table", ".html", _html(_p(*S[:8]) + "<table><tr><th>Month</th><td>May</td></tr></table>" + _p(*S[8:])), ("Month", "May")),
    Labelled("html-entities", ".html", _html(_p(*S, "Caf&eacute; &amp; bread &mdash; every day.")), ("&a", "&m", "eacute")),
    Labelled("html-list", ".html", _html("<ul>" + "".join(f"<li>{s[:-1]}</li>" for s in S) + "</ul>"), ("<", "li>"), tuple(s[:-1] for s in S)),
    Labelled("html-toc", ".html", _html('<div id="toc" class="toc"><ul><li>1 Early life</li><li>2 The drawer</li></ul></div>' + _p()), ("Early life", "The drawer")),
    Labelled("html-references", ".html", _html(_p() + '<ol class="references"><li>Smith, J. Clocks of the North. Oxford.</li></ol>'), ("Smith", "Oxford")),
    Labelled("rtf", ".rtf", _rtf(*S), ("\\", "rtf", "Helvetica", "Riched", "{", "}")),
    Labelled("rtf-in-txt", ".txt", _rtf(*S), ("\\", "rtf", "Helvetica", "Riched", "{", "}")),
    Labelled("rtf-marks", ".rtf", _rtf(S[0] + "{\\super 1}{\\footnote \\pard A note below the page.}", "{\\b " + S[1] + "}", "{\\i " + S[2] + "}", *S[3:]), ("\\", "note below", "{")),
    Labelled("rtf-letters", ".rtf", _rtf(*S, "Caf\\'e9 \\u8212?quietly\\u8212? closed at nine."), ("\\", "'e9", "u8212")),
]
