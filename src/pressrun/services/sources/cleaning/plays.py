"""Recognise a play: drop the names of its speakers, its stage directions and its list of characters."""

from __future__ import annotations

import re
from collections import Counter

from pressrun.services.sources.cleaning.blocks import Block
from pressrun.services.sources.cleaning.left_out import Tally

MIN_SPEECHES = 5
MIN_SPEECH_SHARE = 0.3
"""Share of the blocks of a play that are speeches."""
_NAME = r"(?:(?:MR|MRS|DR|ST)\. )?[A-ZÀ-ÖØ-ÞА-ЯΑ-Ω][A-ZÀ-ÖØ-ÞА-ЯΑ-Ω’' -]{0,28}[A-ZÀ-ÖØ-ÞА-ЯΑ-Ω](?: \d)?"
_DIRECTION = r"[(\[][^()\[\]]{1,200}[)\]]"
_SPEECH = re.compile(
    rf"_?({_NAME})_?(?:[.,:]?\s?_?{_DIRECTION}_?)?[ \t]?(?:[.:][—–-]{{0,2}}_?"
    rf"|[—–]{{1,2}})\s*(?={_DIRECTION}|\S|$)"
)
_ITALIC_SPEECH = re.compile(rf"_([A-ZÀ-Þ][\w’'. ]{{1,24}}?)[.:]_[ \t]*(?:_?{_DIRECTION}_?)?\s*(?=\S)")
_NAME_LINE = re.compile(rf"[ \t]*_?({_NAME})_?[.:]?(?:[ \t]*{_DIRECTION})?")
_CHARACTERS = re.compile(
    r"\W*(?:dramatis person(?:ae|æ)|(?:the )?(?:characters|persons|people)(?: (?:of|in) the play)?"
    r"|cast(?: of characters)?"
    r"|personen(?: des stücks)?|die personen|personnages|personajes|personaggi|personagens|действующие лица)\W*",
    re.IGNORECASE,
)
_SETTING = re.compile(
    r"\W*(?:(?:scene|setting|time|place|szene|ort|zeit|schauplatz|scène|la scène|escena|scena)\s?(?::|\.?[—–-]{1,2})"
    r"|scene [ivxlc\d]+\b|(?:re-?)?enter\b|(?:exit|exeunt)\b"
    r"|the (?:curtain|scene|action|stage)\b|(?:curtain|vorhang|rideau|telón|sipario|exeunt|exit|blackout"
    r"|lights (?:up|down))\b)",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"_?[\[(][^\[\]()]*[\])]_?\.?")
_INLINE = re.compile(r"[ \t]*_?\[[^\[\]]{1,300}\]_?|[ \t]*_?\((?:[^()]{1,120})\)_?(?=[ \t.]|$)")


def clean_play(blocks: list[Block], tally: Tally) -> list[Block]:
    """Return the blocks of a play without what no actor says; those of any other text as they are."""
    candidates = [number for number, block in enumerate(blocks) if not block.plain and _may_be_speech(block.first)]
    if len(candidates) < MIN_SPEECHES:
        return blocks
    names: Counter[str] = Counter(name for number in candidates if (name := _speaker(blocks[number])))
    names = Counter({name: count for name, count in names.items() if count >= 2 or len(names) <= 8})
    speeches = sum(names.values())
    if len(names) < 2 or max(names.values()) < 2 or speeches < max(MIN_SPEECHES, MIN_SPEECH_SHARE * len(blocks)):
        return blocks
    kept: list[Block] = []
    in_list = False
    for block in blocks:
        text = " ".join(line.strip() for line in block.lines)
        speaker = _speaker(block)
        spoken = speaker in names
        if _CHARACTERS.fullmatch(block.first):
            in_list = True
            tally.add("contents")
            if len(block.lines) > 1:
                in_list = False
            continue
        if in_list and not spoken and block.kind == "text" and not _SETTING.match(text) and _is_character(text):
            continue
        in_list = False
        if not spoken and (_SETTING.match(text) or _BRACKETED.fullmatch(text)):
            tally.add("sounds")
            continue
        if spoken:
            tally.add("speakers")
            block = _without_name(block)
        body = block.text
        clean = _INLINE.sub("", body) if spoken else body
        if clean != body:
            tally.add("sounds")
            block = Block([line for line in clean.split("\n") if line.strip()], block.kind, block.page_break)
        if block.lines and any(map(str.isalnum, block.text)):
            kept.append(block)
    return kept


def _may_be_speech(line: str) -> bool:
    return line[:1] == "_" or line[:2].isupper()


def _speaker(block: Block) -> str:
    """Return the name at the beginning of a speech, or an empty string."""
    if _SETTING.match(block.first):
        return ""
    found = _SPEECH.match(block.text) or _ITALIC_SPEECH.match(block.text)
    if found and (found.end() < len(block.text)):
        return found[1].strip().casefold()
    if len(block.lines) > 1 and (found := _NAME_LINE.fullmatch(block.first)):
        return found[1].strip().casefold()
    return ""


def _without_name(block: Block) -> Block:
    text = block.text
    found = _SPEECH.match(text) or _ITALIC_SPEECH.match(text)
    rest = text[found.end() :] if found else "\n".join(block.lines[1:])
    return Block([line for line in rest.split("\n") if line.strip()], block.kind, block.page_break)


def _is_character(text: str) -> bool:
    """Whether a paragraph is an entry of the list of characters: a name in capitals with a description."""
    return len(text) < 300 and (text[:2].isupper() or text.split(",")[0].istitle())
