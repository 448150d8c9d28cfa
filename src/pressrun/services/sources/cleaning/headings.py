"""Find headings: "CHAPTER IV", lines in capitals, and short lines above prose."""

from __future__ import annotations

import re

from pressrun.services.sources.cleaning.blocks import MAX_HEADING, Block, is_closed
from pressrun.services.sources.cleaning.vocabulary import one_of

_ROMAN = r"(?=[ivxlc])c{0,3}(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
_NUMERAL = one_of(
    r"\d{1,3}",
    _ROMAN,
    r"(?:the )?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last)",
    r"(?:twenty|thirty|forty|fifty)?[- ]?(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)",
    r"\w{3,5}teen",
    r"twenty|thirty|forty|fifty|premi[eè]re?|deuxième|troisième|primero|segundo|tercero|uno|dos|tres",
    r"erste[sr]?|zweite[sr]?|dritte[sr]?|eins|zwei|drei",
)
_CHAPTER = re.compile(
    rf"(?:chapter|chap\.|book|part|volume|vol\.|section|act|scene|canto|letter|stave|lecture|lesson|day|episode"
    rf"|kapitel|buch|teil|band|abschnitt|akt|szene|chapitre|livre|partie|tome|acte|scène"
    rf"|cap[íi]tulo|libro|parte|tomo|acto|escena|capitolo|atto|scena|livro|hoofdstuk|deel|boek|глава|часть|том|книга"
    rf"|rozdział|luku|fejezet) (?:the )?{_NUMERAL}\b[.:—–\-]{{0,2}}(?:\s.{{0,100}})?"
    rf"|{_ROMAN}[.:]?|\d{{1,3}}[.:]?|(?:erstes|zweites|drittes|viertes|fünftes|sechstes|siebtes|siebentes|achtes"
    rf"|neuntes|zehntes) (?:kapitel|buch)\.?"
    r"|第[一二三四五六七八九十百零〇\d]{1,5}[章回節节话話部巻卷].{0,30}",
    re.IGNORECASE,
)
_PART_NAMES = re.compile(
    r"(?:author[’']?s |translator[’']?s |editor[’']?s )?(?:preface|prologue|epilogue|foreword|introduction"
    r"|introductory(?: note)?|afterword|appendix(?: [A-Z\d]+)?|conclusion|dedication|acknowledg(?:e)?ments?|postscript"
    r"|interlude|advertisement"
    r"|vorwort|vorrede|einleitung|nachwort|prolog|epilog|widmung|anhang|danksagung|préface|avant-propos|prologue"
    r"|épilogue|introduction|postface|remerciements|prefacio|prólogo|epílogo|introducción"
    r"|prefazione|introduzione|prologo|epilogo|prefácio|introdução|voorwoord|inleiding|nawoord|предисловие|введение"
    r"|эпилог|пролог)[.:]?",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^ {0,3}#{1,6}(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_RULE = re.compile(r"[\W_]+")


def plain_line(line: str) -> str:
    return line.strip().strip("*_=#~ ").rstrip(".: ").strip()


def is_prose(text: str) -> bool:
    words = text.split()
    small = sum(word[:1].islower() for word in words)
    return len(words) >= 12 and bool(is_closed(text.strip())) and small * 2 >= len(words)


def is_chapter_line(line: str) -> bool:
    clean = plain_line(line)
    return bool(clean) and len(clean) <= 120 and bool(_CHAPTER.fullmatch(clean) or _PART_NAMES.fullmatch(clean))


def is_chapter(block: Block) -> bool:
    return len(block.lines) <= 3 and is_chapter_line(block.first)


def is_heading_mark(line: str) -> bool:
    """Return whether a line is a heading of Markdown."""
    return bool(_HEADING.match(line))


def mark_headings(blocks: list[Block], guess: bool) -> None:
    """Mark headings: `# ...`, "CHAPTER IV", lines in capitals, and short lines without a full stop before prose."""
    for number, block in enumerate(blocks):
        if block.kind != "text":
            continue
        if len(block.lines) == 1 and (marked := _HEADING.match(block.lines[0])):
            block.lines = [marked[1] or ""]
            block.kind = "heading"
            continue
        following = blocks[number + 1].last if number + 1 < len(blocks) else ""
        if is_chapter(block) and (
            len(block.lines) == 1
            or (all(len(line.strip()) <= MAX_HEADING for line in block.lines) and not is_closed(block.last))
        ):
            block.lines = [" ".join(line.strip() for line in block.lines)]
            block.kind = "heading"
        elif guess and block.is_short and _looks_like_heading(block.first, following):
            block.kind = "heading"


def _looks_like_heading(line: str, following: str) -> bool:
    if _RULE.fullmatch(line):
        return False
    if line.isupper() and len(line) > 3 and line[-1:] not in '!?,;:”"':
        return bool(following)
    if is_closed(line) or line[-1:] in ",-–—" or line[:1].islower() or len(line.split()) > 14:
        return False
    return bool(is_closed(following))
