"""Clean captions: sounds, stage directions, speaker labels, tags and arrows, but never a spoken word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from pressrun.model.script import Segment
from pressrun.services.sources.cleaning.characters import normalize_characters, remove_emoji
from pressrun.services.sources.cleaning.left_out import Tally
from pressrun.services.sources.cleaning.marks import remove_marks
from pressrun.services.sources.cleaning.markup import remove_markup, restore_escaped
from pressrun.services.sources.cleaning.notices import is_producer_note
from pressrun.services.sources.cleaning.sounds import EDITORS_WORDS, is_sound
from pressrun.services.sources.cleaning.transcripts import caption_labels, remove_chevrons, remove_label
from pressrun.services.sources.cleaning.vocabulary import word_set

_TAG = re.compile(r"</?[a-zA-Z][^<>\n]*>|<\d[\d:.]*>|</?>|\{\\[^{}\n]*\}|\{[yYcCfFsSpP]:[^{}\n]*\}")
_SQUARE = re.compile(r"\[([^\[\]\n]{0,200}(?:\n[^\[\]\n]{0,100})?)\]|［([^［］\n]{0,100})］|【([^【】\n]{0,100})】")
_ROUND = re.compile(r"\(([^()\n]{0,100}(?:\n[^()\n]{0,60})?)\)|（([^（）\n]{0,60})）")
_STAR_SOUND = re.compile(r"(?<!\w)\*([a-zA-Z][a-z ]{2,30})\*(?!\w)")
_STAR_LINE = re.compile(r"^[ \t]*\*[ \t]?([^*\n]{2,60}?)[ \t]?\*[ \t]*$", re.MULTILINE)
_NOTES = re.compile(r"[♪♫♬♩]+[～〜~]?\s?|[➡⇒～〜][ \t]*$|(?:^|\s)#(?=\s|$)|^#(?=\w.*#$)|(?<=\S)#$", re.MULTILINE)
_BARE_MUSIC = re.compile(
    r"(?:musique|musik|music|música|musica|muziek|музыка)(?: \w{3,14}){0,2}|applaudissements|rires|applaus|gelächter"
    r"|aplausos|risas|applausi|risate",
    re.IGNORECASE,
)
_SPEAKING = word_set(
    "i we you me us my our your yes no ich wir du ihr mich mein ja nein je nous tu vous moi mon oui non yo nosotros tú"
    " usted sí io noi lei voi sì ik wij jij nee"
)
"""Words with which a person speaks; a direction has none of them."""
_NO_DIRECTION = word_set(
    "the a an der die das ein eine le la les un une el los las lo gli de het een and or but und oder aber et ou mais"
    " y o pero e ma en of that which who because weil dass que qui quien che not nicht pas maybe perhaps probably if so"
    " or wenn si as like in on at to for with from by im am zum zur mit von für dans avec pour sans con per sin"
)
_LINE_CREDIT = re.compile(
    r"(?:(?:encoded|ripped|subbed|timed|resync(?:ed)?|improved|translated and synced) by\b.*|(?:https?://|www\.)\S+"
    r"|.{0,40}\b\w+\.(?:com|org|net|fr|de|tv|io)|support us and become vip member.*|.*opensubtitles.*)",
    re.IGNORECASE,
)
_DASH = re.compile(r"^[ \t]*[-–—‐][ \t]?(?=\S)")
_SOUND_LIKE = re.compile(r"^[a-z][a-z ]*(?:ing|[a-rt-z]s)$|^[A-ZÀ-Þ' ]{4,}$")
_CLOSED = re.compile(r"[.!?…。！？؟]['\"”’»)\]]*$")


def clean_captions(segments: Iterable[Segment], tally: Tally) -> list[Segment]:
    """Return captions without what nobody says. Their lines stay apart; a caption without words is left out."""
    stripped = [replace(each, text=normalize_characters(_TAG.sub("", each.text))) for each in segments]
    labels = caption_labels(line for each in stripped for line in each.text.split("\n"))
    spoken: list[Segment] = []
    mid_sentence = open_sentence = False
    for segment in stripped:
        text = _clean_caption(segment.text, labels, mid_sentence, open_sentence, tally)
        if (
            text
            and is_producer_note(" ".join(text.split()))
            and (not spoken or segment is stripped[-1] or len(text) < 120)
        ):
            tally.add("notes_of_producers")
            continue
        if any(map(str.isalnum, text)):
            spoken.append(replace(segment, text=text))
            open_sentence = not _CLOSED.search(text)
            mid_sentence = (open_sentence and any(each in text for each in ".,;")) or text.endswith(",")
    return spoken


def _clean_caption(text: str, labels: frozenset[str], mid_sentence: bool, open_sentence: bool, tally: Tally) -> str:
    if not open_sentence and _BARE_MUSIC.fullmatch(text.strip()):
        tally.add("sounds")
        return ""
    if "&" in text:
        text = remove_markup(text, tally) if "&gt;&gt;" not in text else text.replace("&gt;&gt;", ">>")
        text = normalize_characters(text)
    text = _SQUARE.sub(lambda found: _square(found, tally), text)
    if "(" in text or "（" in text:
        text = _ROUND.sub(lambda found: _round(found, mid_sentence, open_sentence, tally), text)
    if "*" in text:
        text, count = _STAR_LINE.subn("", text)
        tally.add("sounds", count)
        text = _STAR_SOUND.sub(lambda found: _sound_or(found, found[0], tally), text)
    if any(each in text for each in "♪♫♬♩#➡⇒～〜"):
        text, count = _NOTES.subn(" ", text)
        tally.add("sounds", count)
    lines = []
    for line in remove_emoji(text, tally).split("\n"):
        clean = _DASH.sub("", remove_chevrons(line, tally).strip())
        clean = remove_label(clean, labels, tally)
        if _LINE_CREDIT.fullmatch(clean.strip()):
            tally.add("notes_of_producers")
            continue
        if clean.strip():
            lines.append(" ".join(clean.split()))
    return restore_escaped(remove_marks(remove_markup("\n".join(lines), tally), tally)).strip()


def _square(found: re.Match[str], tally: Tally) -> str:
    """Return the words in square brackets that belong to a sentence. In captions others are sounds or directions."""
    inside = " ".join(next(each for each in found.groups() if each is not None).split())
    before = found.string[: found.start()].rstrip()
    after = found.string[found.end() :].lstrip()
    if not is_sound(inside, "[") and inside[:1].islower():
        within = (before and not _CLOSED.search(before)) or after[:1].islower()
        if within or inside.split()[0] in EDITORS_WORDS:
            return inside
    if found.string[found.end() : found.end() + 1].isalpha() and len(inside) == 1:
        return inside
    tally.add("sounds")
    return ""


def _round(found: re.Match[str], mid_sentence: bool, open_sentence: bool, tally: Tally) -> str:
    inside = " ".join(next(each for each in found.groups() if each is not None).split())
    whole = not found.string[: found.start()].strip(" -–—>\n") and not found.string[found.end() :].strip()
    line_start = found.string[: found.start()].rpartition("\n")[2].strip(" -–—>")
    line_end = found.string[found.end() :].partition("\n")[0].strip()
    alone = not line_start and not line_end
    short = len(inside.split()) <= 5 and bool(_SOUND_LIKE.search(inside))
    if is_sound(inside, "(") or ((whole or alone) and short and not mid_sentence):
        tally.add("sounds")
        return ""
    if inside.isupper() and len(inside.split()) > 1 and len(inside) > 5:
        tally.add("sounds")
        return ""
    if not open_sentence and (not line_start or _CLOSED.search(line_start)) and _is_direction(inside, line_end):
        tally.add("sounds")
        return ""
    return found[0]


def _is_direction(inside: str, after: str) -> bool:
    """Whether brackets at the beginning of a line hold a speaker or a direction, e.g. "(Türen schlagen zu)"."""
    text = inside.rstrip(":")
    words = re.findall(r"[^\W_]+", text.casefold())
    if not words or any(map(str.isdigit, text)) or text[-1:] in ".?!。？！,;…" or not _SPEAKING.isdisjoint(words):
        return False
    if inside.endswith(":"):
        return len(words) <= 5
    if words[0] in _NO_DIRECTION:
        return False
    if not after:
        return len(words) <= 5 and (len(words) > 1 or text[:1].isupper() or text > "\u2e80")
    # A sentence begins behind the brackets.
    begins = after[:1].isupper() or after[:1] > "\u2e80" or after[:1] in "¿¡"
    return len(words) <= 2 and begins


def _sound_or(found: re.Match[str], otherwise: str, tally: Tally) -> str:
    if is_sound(found[1], "("):
        tally.add("sounds")
        return ""
    return otherwise
