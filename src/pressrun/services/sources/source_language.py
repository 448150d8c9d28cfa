"""Detect the language of a source file cheaply, from its first kilobytes."""

from __future__ import annotations

import re
from pathlib import Path

from pressrun.services.languages import LANGUAGE_CODES, Language, detect_language

HEAD_BYTES = 64 * 1024
"""Bytes that are read: enough to get past a title page and a licence."""
MIN_SURE_LETTERS = 60
"""Letters below which a detected language is a guess."""

_CODE_PAIRS = (
    "afr:af alb:sq amh:am ara:ar arm:hy aze:az baq:eu bel:be ben:bn bos:bs bul:bg bur:my cat:ca chi:zh cym:cy "
    "cze:cs dan:da deu:de dut:nl ell:el eng:en est:et eus:eu fas:fa fin:fi fra:fr fre:fr geo:ka ger:de gle:ga "
    "glg:gl gre:el guj:gu heb:he hin:hi hrv:hr hun:hu hye:hy ice:is ind:id isl:is ita:it jpn:ja kan:kn kat:ka "
    "kaz:kk khm:km kir:ky kor:ko lao:lo lat:la lav:lv lit:lt mac:mk mal:ml mar:mr may:ms mkd:mk mlt:mt mon:mn "
    "msa:ms mya:my nep:ne nld:nl nno:nn nob:nb nor:no ori:or pan:pa per:fa pol:pl por:pt pus:ps ron:ro rum:ro "
    "rus:ru sin:si slk:sk slo:sk slv:sl som:so spa:es sqi:sq srp:sr swa:sw swe:sv tam:ta tat:tt tel:te tgk:tg "
    "tha:th tur:tr uig:ug ukr:uk urd:ur uzb:uz vie:vi wel:cy xho:xh yid:yi yor:yo zho:zh zul:zu"
)
THREE_LETTER_CODES = dict(each.split(":") for each in _CODE_PAIRS.split())
"""ISO 639-2 and 639-3 codes of languages that subtitles are tagged with, and their two-letter codes."""

_NAME_SUFFIX = re.compile(r"\.([A-Za-z]{2,3})(?:[-_][A-Za-z]{2,4})?(?:\.(?:cc|sdh|hi|forced|auto|orig))?$")
_NOISE = re.compile(
    r"<[^<>\n]{0,200}>|\{\\[^{}\n]*\}|^.*-->.*$|^[\d\s:.,\-\[\]]+$|https?://\S+|^Dialogue:(?:[^,\n]*,){9}"
    r"|^(?:\[[\w +]+\]|Style:.*|Format:.*|\w+: \S+)$|\\[a-z]+-?\d* ?",
    re.MULTILINE,
)
_GUTENBERG_START = re.compile(r"^\*\*\* ?START OF TH.*$", re.MULTILINE)


def language_code(tag: str) -> str:
    """Return the two-letter code of a language tag such as "en-US", "eng" or "ger"; an empty string if unknown."""
    code = re.split(r"[-_]", tag.strip().lower(), maxsplit=1)[0]
    code = THREE_LETTER_CODES.get(code, code)
    return code if code in LANGUAGE_CODES else ""


def language_of_name(path: Path) -> str:
    """Return the two-letter code in the name of a caption file, e.g. "de" for `talk.de.srt` or `talk.ger.srt`."""
    found = _NAME_SUFFIX.search(path.stem)
    return language_code(found[1]) if found else ""


def source_language(path: Path) -> Language | None:
    """Return the language of a text or caption file, or None if it cannot be detected. Never raises for a bad file."""
    try:
        with path.open("rb") as file:
            data = file.read(HEAD_BYTES)
    except OSError:
        return None
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    if encoding != "utf-16" and b"\0" in data:
        return None
    text = data.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    if started := _GUTENBERG_START.search(text):
        text = text[started.end() :]
    text = _NOISE.sub(" ", text)
    if sum(map(str.isalpha, text)) < MIN_SURE_LETTERS:
        return None
    found = detect_language(text)
    return found if found.sure else None


def language_of_file(path: Path) -> str:
    """Return the two-letter code of a file by its name, else by its text; an empty string if unknown."""
    if code := language_of_name(path):
        return code
    found = source_language(path)
    return found.code if found else ""


def sort_by_language(files: list[Path], language: str) -> list[Path]:
    """Return the files with those in `language`, a two-letter code, first; the order of the others stays."""
    if not language or len(files) < 2:
        return files
    return sorted(files, key=lambda each: language_of_file(each) != language)
