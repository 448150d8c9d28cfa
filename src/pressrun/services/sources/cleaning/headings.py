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
_BARE_CHAPTER = re.compile(
    rf"(?:chapter|chap\.|book|part|volume|section|act|scene|canto|kapitel|buch|teil|chapitre|livre"
    rf"|cap[íi]tulo|capitolo"
    rf"|hoofdstuk|глава) {_NUMERAL}|{_ROMAN}|\d{{1,3}}|(?:\w+(?:es|er|tes)) (?:kapitel|buch|teil)"
    rf"|第[一二三四五六七八九十百零〇\d]{{1,5}}[章回節节话話部巻卷]",
    re.IGNORECASE,
)
_SUBTITLE = re.compile(r"(?:Of|On|Concerning|In which|How|Von|Vom|Über|Wie|De|Du|Des|Où|Comment|Di|Del|Della|Como)\b")
_PART_NAMES = re.compile(
    r"(?:author[’']?s |translator[’']?s |editor[’']?s )?(?:preface|prologue|epilogue|foreword|introduction"
    r"|introductory(?: note)?|afterword|appendix(?: [A-Z\d]+)?|conclusion|dedication|acknowledg(?:e)?ments?"
    r"|postscript"
    r"|interlude|advertisement"
    r"|vorwort|vorrede|einleitung|nachwort|prolog|epilog|widmung|anhang|danksagung|préface|avant-propos|prologue"
    r"|épilogue|introduction|postface|remerciements|prefacio|prólogo|epílogo|introducción"
    r"|prefazione|introduzione|prologo|epilogo|prefácio|introdução|voorwoord|inleiding|nawoord|предисловие|введение"
    r"|эпилог|пролог)[.:]?",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^ {0,3}#{1,6}(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_INNER_END = re.compile(r"[^\W\d_]{3}[.!?…][”\"’»«]?,? +[^\W\d_–—-]")
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
        if block.kind != "text" or block.plain:
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
        elif guess and (
            (number and blocks[number - 1].kind == "heading" and _is_subtitle(block, following))
            or (block.is_short and _looks_like_heading(block.first, following))
        ):
            block.kind = "heading"


def is_chapter_number(text: str) -> bool:
    """Return whether a heading only counts, e.g. "CHAPTER IV." or "Zweites Kapitel"."""
    return bool(_BARE_CHAPTER.fullmatch(plain_line(text)))


def _is_subtitle(block: Block, following: str) -> bool:
    """Whether a line below the number of a chapter is its title although it ends with a full stop."""
    line = block.first
    words = re.findall(r"[^\W\d_]+", line)
    if not (block.is_short and line.endswith(".") and is_closed(following)) or len(words) > 9:
        return False
    longer = [word for word in words if len(word) > 3]
    capitals = sum(1 for word in longer if word[0].isupper())
    return bool(_SUBTITLE.match(line)) or (len(words) > 1 and len(longer) > 0 and capitals == len(longer))


def _looks_like_heading(line: str, following: str) -> bool:
    if _RULE.fullmatch(line) or line[:1] in "•‣◦▪●○■□◆▸▶✓✔":
        return False
    if line.isupper() and len(line) > 3 and line[-1:] not in '!?,;:”"':
        return bool(following)
    if line[:1] in "\"“„»«‘'「『" or _INNER_END.search(line):
        return False  # speech, or several sentences
    if is_closed(line) or line[-1:] in ",-–—" or line[:1].islower() or len(line.split()) > 14:
        return False
    return bool(is_closed(following))
