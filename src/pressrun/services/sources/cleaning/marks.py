"""Remove reference marks, page marks and editorial brackets from a paragraph, and keep every word of the author."""

from __future__ import annotations

import re
from collections.abc import Callable

from pressrun.services.sources.cleaning.left_out import Tally
from pressrun.services.sources.cleaning.sounds import is_sound

_NUMBERS = r"(?:[nN]ote |[nN]\. |fn\.? |[rR]ef\.? )?\d{1,3}[a-z]?(?:(?:\s?[,;]\s?|\s?[-–]\s?)\d{1,3})*"
_EDITORS = (
    r"(?:(?:citation|clarification|page|source|verification|attribution|copy ?edit|quotation|better source"
    r"|full citation"
    r"|additional citations?|update|disambiguation|explanation|example)s?\s(?:needed|required)|needs update"
    r"|original research\??"
    r"|dubious(?:\s[-–—]\sdiscuss)?|dead link|permanent dead link|failed verification|not (?:specific )?enough.{0,30}"
    r"|according to whom\?|by whom\?|who\?|which\?|when\?|where\?|why\?|how\?|what\?|vague|clarify|edit|edit source"
    r"|see (?:also|photos?|pictures?|figures?|fig\.?|notes?|pages?|pp?\.|tables?|above|below|maps?|images?"
    r"|illustrations?)\b.*"
    r"|self-published source\??|unreliable source\??|better source|non-primary source needed|sic!?|hide|show"
    r"|nachweis fehlt|beleg(?:e)? fehl(?:t|en)|bearbeiten|quelltext bearbeiten|(?:anm|anmerkung)\.? [\w ]{0,12}"
    r"|réf\. (?:nécessaire|souhaitée)|citation nécessaire|modifier|cita requerida|editar|senza fonte|modifica"
    r"|carece de fontes\??|bron\?|bewerken|источник не указан.{0,20}|要出典|來源請求|来源请求|编辑|編集)"
)
_REFERENCE = re.compile(
    rf"(?:\^|\*{{1,3}}|[†‡§¶#]{{1,3}}|{_NUMBERS}|([a-z])\1?|[ivx]{{1,5}}|(?:nb|note|n|lower-alpha|α|β"
    rf"|γ|a|b|[^\W\d_]{{1,12}}\.?\s)\s?\d{{1,3}}"
    rf"|\^\S{{1,40}}|@\S{{1,40}}|{_EDITORS})",
    re.IGNORECASE,
)
_PAGE = re.compile(
    r"(?:[Pp]g\.?|[Pp]p?\.|[Pp]ages?|PAGE|Seite|S\.|[Ff]olio|[Ff]ol\.)\s?(?:[ivxlcIVXLC]+"
    r"|\d{1,4})[rv]?(?:\s?[-–]\s?\d{1,4})?"
)
_ILLUSTRATION = re.compile(
    r"(?:illustrations?|abbildung|image|picture|photo|figure|fig\.|frontispiece|plate|map|music score|diagram|drawing"
    r"|vignette|decoration|ornament|cover|bookplate|facsimile|ilustración|illustrazione|ilustração|bild)\b[:.\s]?",
    re.IGNORECASE,
)
_NOTE = re.compile(r"(?:foot|end)?note\b|anmerkung|fußnote|fussnote|sidenote|margin(?:al)? ?note", re.IGNORECASE)
_PRODUCER = re.compile(
    r"(?:transcriber|translator|editor|proofreader|producer|e-?text)(?:['’]?s|s['’])?\s(?:note|comment)|tr\. note"
    r"|blank page|missing page|page missing|unreadable|illegible",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\(?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?(?:\s?(?:-->|-|–)\s?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?)?\)?"
)
_LANGUAGE_NOTE = re.compile(
    r"(?:Greek|Hebrew|Latin|Sanskrit|Arabic|Russian|Cyrillic|Syriac|Phoenician):\s*",
    re.IGNORECASE,
)
_ACCENT = re.compile(r"[=~)(:'`,^\"./x*-]?([A-Za-z]{1,2})[=~)(:'`,^\"./*-]?")
_BRACKETS = re.compile(r"\[([^\[\]]{0,1200})\](?![(:])")
_IPA = re.compile(
    r"\s?(?:\((?:[^()\n]{0,40}[:;,]\s?)?(?:/[^/()\n]{2,60}/|\[[^\[\]\n]{2,60}\])[^()\n]{0,80}\)"
    r"|\[[^\[\]\n]{2,60}\]|/[^/\s]{2,40}/)"
)
_IPA_SIGN = re.compile("[ˈˌəɪʊɔɛæɑʌŋʃʒθðʁʏçːɐɾɲʎβɣɕʑɨɯɤʔ]")
_INLINE_BRACES = re.compile(r"\{(?:[Pp]g?\.? ?)?(?:\d{1,4}|[ivxlc]{1,7})\}")
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_CITED = r"[^()\n;]{2,120}?,? (?:1[5-9]|20)\d\d[a-z]?(?:, (?:pp?\.|S\.) ?\d+(?:[–-]\d+)?)?"
_CITATION = re.compile(
    rf"\s\((?=[^()\n]*(?:\bet al\.|\w & \w|\d[a-z]?; [A-ZÀ-Þ]|\d\d, (?:pp?\.|S\.) ?\d))(?:see |cf\. "
    rf"|e\.g\.,? )?{_CITED}(?:; {_CITED})*\)"
)
"""Sources in the text as in papers: "(Smith et al., 2019; Berg, 2020, p. 12)"."""
_RAISED = re.compile("[¹²³⁴-⁹⁰]")
_SUPERSCRIPT = re.compile(r"(?<=[^\W\d_]{3})([¹²³⁴-⁹⁰]{1,3})(?![\w⁻])|(?<=[.,;:!?”’\"'»)\]])([¹²³⁴-⁹⁰]{1,3})(?!\w)")
_UNITS = frozenset(
    ("cm", "mm", "km", "dm", "nm", "ft", "in", "yd", "mi", "acre", "metre", "meter", "inch", "foot", "miles")
)
_SIGN = re.compile(r"(?<=[\w.,;:!?”’\"'»)])(?:\*{1,3}|[†‡]{1,3})(?=$|[\s.,;:!?”’\"'»)—–])")
_GAP = re.compile(r"[ \t]+(?=[,.;:!?…)\]»”](?:\s|$))")
_HIGHLIGHT_PLACE = re.compile(
    r"\s*\((?:\[?(?:Location|Loc\.?|Page|Position|Seite|Pos\.)\s\d[\d\s,–-]*\]?(?:\([^()]*\))?"
    r"|\[?View Highlight\]?(?:\([^()]*\))?)\)",
)


def remove_marks(text: str, tally: Tally) -> str:
    """Return one paragraph without marks that a reader skips. Words of a sentence only lose their brackets."""
    before = text
    if "(" in text and ("Loc" in text or "Highlight" in text or "Page" in text or "Pos" in text or "Seite" in text):
        text, count = _HIGHLIGHT_PLACE.subn("", text)
        tally.add("locations", count)
    if ("[" in text or "/" in text) and _IPA_SIGN.search(text):
        text = _IPA.sub(lambda found: "" if _IPA_SIGN.search(found[0]) else found[0], text)
    if "[" in text:
        text = _remove_brackets(text, tally)
    if "(" in text and may_cite(text):
        text, count = _CITATION.subn("", text)
        tally.add("reference_marks", count)
    if "{" in text:
        text, count = _INLINE_BRACES.subn("", text)
        tally.add("page_marks", count)
    text = _SUPERSCRIPT.sub(_superscript(text, tally), text) if _has_superscript(text) else text
    if "*" in text or "†" in text or "‡" in text:
        text, count = _SIGN.subn("", text)
        tally.add("reference_marks", count)
    return text if text == before else _GAP.sub("", text)


def may_cite(text: str) -> bool:
    """Return whether a text has a year that may belong to a source in brackets."""
    return bool(_YEAR.search(text))


def is_reference(inside: str) -> bool:
    """Return whether the content of a pair of brackets is a reference mark or a remark of an editor."""
    return bool(_REFERENCE.fullmatch(inside))


def _has_superscript(text: str) -> bool:
    return bool(_RAISED.search(text))


def _superscript(text: str, tally: Tally) -> Callable[[re.Match[str]], str]:
    def replace(found: re.Match[str]) -> str:
        word = re.search(r"[^\W\d_]+$", text[: found.start()])
        if word and word[0].lower() in _UNITS:
            return found[0]
        tally.add("reference_marks")
        return ""

    return replace


def _remove_brackets(text: str, tally: Tally) -> str:
    # Innermost first, so that a footnote that holds another mark is recognised as a whole.
    for _ in range(4):
        cleaned = _BRACKETS.sub(lambda found: _bracket(found, tally), text)
        if cleaned == text:
            break
        text = cleaned
    return re.sub(r"\[\s*\]", "", text)


def _bracket(found: re.Match[str], tally: Tally) -> str:
    """Return what stays of one pair of square brackets."""
    inside = " ".join(found[1].split())
    before = found.string[found.start() - 1 : found.start()]
    after = found.string[found.end() : found.end() + 1]
    kind = _kind_of(inside, before, after, found)
    if kind:
        tally.add(kind)
        return ""
    if inside in ("...", "…", ". . ."):
        return "…" if not after.isspace() else ""
    if spelled := _LANGUAGE_NOTE.match(inside):
        return inside[spelled.end() :]
    if (before.isalpha() or after.isalpha()) and (letter := _ACCENT.fullmatch(inside)):
        return letter[1]
    return inside


def _kind_of(inside: str, before: str, after: str, found: re.Match[str]) -> str:
    if not inside or not any(map(str.isalnum, inside)):
        return "reference_marks" if inside.strip(" _.…") else "sounds" if "_" in inside else ""
    if _REFERENCE.fullmatch(inside) and not _is_spelling(inside, before, after, found):
        return "reference_marks"
    if _PAGE.fullmatch(inside):
        return "page_marks"
    if _PRODUCER.match(inside):
        return "notes_of_producers"
    if _ILLUSTRATION.match(inside) and (len(inside.split()) == 1 or inside[:1].isupper()):
        return "illustrations"
    if _NOTE.match(inside):
        return "footnotes"
    if _TIME.fullmatch(inside):
        return "times"
    return "sounds" if is_sound(inside, brackets="[") else ""


def _is_spelling(inside: str, before: str, after: str, found: re.Match[str]) -> bool:
    """Whether brackets with a letter or number belong to the words around them, as in "[t]he", "
    ""a[n]" and "[0, 1]"."""
    if inside.isalpha():
        if after.isalpha() or (before.isalpha() and inside.islower() and found.string[found.end() :][:1].isalpha()):
            return True
        # "[I]" or "[a]" as a word of a quotation has blanks around it; as a mark it follows a word or a full stop.
        return before.isspace() and after.isspace() and inside in ("I", "a", "A", "he", "we", "it", "in", "to", "of")
    return bool(re.match(r"0\b|.*[,;]\s?0\b", inside)) or (inside.isdigit() and after.isalpha())
