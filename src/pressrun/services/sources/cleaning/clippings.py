"""Highlights exported from e-readers: only the marked passages stay."""

from __future__ import annotations

import re

from pressrun.services.sources.cleaning.left_out import Tally

_SEPARATOR = re.compile(r"^={8,}[ \t]*$", re.MULTILINE)
_ABOUT = re.compile(
    r"^[ \t]*[-–][ \t]?(?:Your |Ihre? |Votre |Su |Tu |La |Il tuo |La tua |O seu |A sua |Seu |Sua |Je "
    r"|Mijn )?(?:Highlight|Note|Bookmark|Clip|Markierung|Notiz|Lesezeichen|surlignement|note|signet"
    r"|subrayado|nota|marcador|evidenziazione|segnalibro|destaque|markering|notitie)\b.*$",
    re.IGNORECASE | re.MULTILINE,
)
_PLACE_LINE = re.compile(
    r"^[ \t]*[-–—*•]?[ \t]*(?:(?:(?:yellow|blue|pink|orange|green|red|purple) )?(?:highlight|note|bookmark|markierung"
    r"|notiz|annotation)s?(?:[ \t]*\((?:yellow|blue|pink|orange|green|gelb|blau|rosa)\))?[ \t]*[-–—|:·>].{0,100}?)?"
    r"(?:(?:page|location|loc\.|position|pos\.|seite)[ :]*\d[\d,–-]*(?:[ \t]*(?:[-–—|·•]|of|von)[ \t]*.{0,80})?)[ \t]*$"
    r"|^[ \t]*(?:(?:yellow|blue|pink|orange|green) )?highlight[ \t]*(?:\(\w+\))?[ \t]*[|–—-][ \t]*(?:page"
    r"|location)[: ]+\d+.*$"
    r"|^[ \t]*Added on \w+day, .{5,60}$|^[ \t]*Excerpt From:?.*(?:\n(?=\S).*)*"
    r"|^[ \t]*This material may be protected by copyright\.?[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_PLACES = (
    *(("ocation", r"ocation:? \d"), ("osition", r"osition:? \d"), ("Loc.", r"Loc\. ?\d"), ("Seite", r"Seite:? \d")),
    *(("Page", r"Page:? \d+ ?[|·-]"), ("on page", r"on page \d+ \|"), ("xcerpt From", ""), ("Added on ", "")),
)
"""Text -> pattern that a text with marked passages has. Looking for the text first is quick."""
MAX_SEARCHED = 200_000
"""Characters in which a text with marked passages has the place of one."""
_STARTS = (
    *("- ", "– ", "— ", "* ", "•", "Highlight", "highlight", "Note", "Bookmark", "Markierung", "Notiz", "Annotation"),
    *("Yellow", "Blue", "Pink", "Orange", "Green", "Red", "Purple", "Page", "Location", "location", "Loc.", "Position"),
    *("Pos.", "Seite", "Added", "Excerpt", "This"),
)
"""How a line that says where a passage was marked may begin."""


def strip_clippings(text: str, tally: Tally) -> str:
    """Return a text without the titles and locations that an e-reader adds to every passage."""
    if "========" in text and _SEPARATOR.search(text) and _ABOUT.search(text):
        passages = []
        for part in _SEPARATOR.split(text):
            lines = part.strip("\n\ufeff ").split("\n")
            about = next((number for number, line in enumerate(lines[:3]) if _ABOUT.match(line)), None)
            if about is None:
                passages.append(part)
                continue
            tally.add("locations")
            passages.append("\n".join(lines[about + 1 :]).strip())
        return "\n\n".join(filter(None, passages))
    head = text[:MAX_SEARCHED]
    if not any(words in head and re.search(pattern, head) for words, pattern in _PLACES):
        return text
    places = sum(bool(_PLACE_LINE.match(line)) for line in text.split("\n") if line.lstrip().startswith(_STARTS))
    if places < 2 and "xcerpt From" not in text:
        return text
    tally.add("locations", places)
    return _PLACE_LINE.sub("", text)
