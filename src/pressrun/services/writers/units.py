"""Split a transcript into sentences that fit into a script, in source order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pressrun.model.book import fold
from pressrun.model.script import Segment, Transcript
from pressrun.services.languages import (
    CHARACTERS_PER_WORD,
    end_mark,
    sentence_separator,
    split_sentences,
    spoken_words,
    words,
)
from pressrun.services.pace import sentence_pause, spoken_seconds
from pressrun.services.sentence_boundaries import UNSPACED_PHRASES, break_phrases
from pressrun.services.untrusted_text import ADDRESS
from pressrun.services.writers.references import refers_back

MAX_SENTENCE_WORDS = 45.0
"""Spoken words above which a sentence is split: it would be too long for one breath."""
MIN_SENTENCE_WORDS = 2.0
"""Spoken words below which a sentence is too short to be used."""
STRETCH_WORDS = 18.0
"""Spoken words that captions without punctuation are gathered to."""
PAUSE_SECONDS = 0.7
"""Seconds of silence that end a sentence in captions without punctuation."""

_ENDED = re.compile(r"[.!?…。！？؟۔।։።]['\"”’»)\]』」]*$")
_CLAUSE = re.compile(r"(?<=[;:—–；：،؛、，])\s*|(?<=,)\s+|\s+(?=[—–]\s)")
_LEADING = re.compile(r"^[\s\-–—•·*>,;:]+")


@dataclass(frozen=True)
class Unit:
    """A sentence. `place` is its number in the source, `section` the heading it is under, `weak` whether it
    leans on the sentence before, `opens` whether it begins a paragraph, `leads` whether it begins a section,
    `seconds` how long it takes to say with the pause after it, 0 until `with_seconds`."""

    text: str
    words: float
    tokens: tuple[str, ...]
    place: int
    section: int
    weak: bool
    opens: bool
    leads: bool
    rating: float = 1.0
    seconds: float = 0.0


def split_units(transcript: Transcript, *, everything: bool = False) -> tuple[list[Unit], list[str]]:
    """The sentences, each once, and the headings by number; heading 0 is empty: what comes before the first.

    With `everything`, repeated and short sentences stay and none is changed: the text is spoken verbatim.

    Of material of strangers, sentences with an address are left out: their addresses are not ours to speak or publish.
    """
    code = transcript.language
    headings = [""]
    found: list[Unit] = []
    seen: set[str] = set()
    earlier: set[str] = set()
    for text, section, opens in _sentences(transcript, headings):
        if transcript.source_url and ADDRESS.search(text):
            continue
        pieces = _pieces(text, code)
        for number, piece in enumerate(pieces):
            last = number == len(pieces) - 1
            clean = _end_with_mark(piece, last, code) if everything else finish_sentence(piece, code)
            length = spoken_words(clean, code)
            key = fold(clean)
            if not length or (not everything and (length < MIN_SENTENCE_WORDS or key in seen)):
                continue
            seen.add(key)
            tokens = tuple(word.casefold() for word in words(clean, code))
            starts = opens and number == 0
            leads = starts and not (found and found[-1].section == section)
            before = found[-1].tokens if found and not leads else ()
            weak = number > 0 or refers_back(clean, code, before, earlier)
            earlier.update(tokens)
            found.append(Unit(clean, length, tokens, len(found), section, weak, starts, leads))
    return found, headings


def _sentences(transcript: Transcript, headings: list[str]) -> Iterator[tuple[str, int, bool]]:
    """(sentence, number of its section, whether it begins a paragraph); adds to `headings` as they come."""
    if any(segment.start is not None for segment in transcript.segments):
        for sentence in _timed(transcript):
            yield sentence, 0, False
        return
    for segment in transcript.segments:
        if segment.heading:
            headings.append(segment.text)
            continue
        waiting = ""
        opens = True
        for sentence in split_sentences(segment.text, transcript.language):
            joined = f"{waiting} {sentence}".strip() if waiting else sentence
            if joined.endswith((":", "：")) and spoken_words(joined, transcript.language) < MAX_SENTENCE_WORDS / 2:
                waiting = joined
                continue
            yield joined, len(headings) - 1, opens
            waiting, opens = "", False
        if waiting:
            yield waiting, len(headings) - 1, opens


def _timed(transcript: Transcript) -> list[str]:
    """Captions as sentences; where they have no punctuation, as stretches between pauses."""
    code = transcript.language
    text = (sentence_separator(code) or " ").join(segment.text for segment in transcript.segments)
    found = split_sentences(text, code)
    if found and sum(spoken_words(each, code) for each in found) / len(found) <= MAX_SENTENCE_WORDS:
        return found
    stretches: list[str] = []
    current = ""
    end = 0.0
    for segment in transcript.segments:
        length = spoken_words(current, code)
        if current and (length >= STRETCH_WORDS or (length > 5 and (segment.start or 0.0) - end > PAUSE_SECONDS)):
            stretches.append(current)
            current = ""
        current = _join_short(current, segment, code)
        end = segment.end or end
    return [*stretches, current]


def _join_short(before: str, segment: Segment, code: str) -> str:
    return before + sentence_separator(code) + segment.text if before else segment.text


def _pieces(sentence: str, code: str) -> list[str]:
    """Return a sentence that is too long for one breath in pieces: clauses, else phrases or a number of words."""
    if spoken_words(sentence, code) <= MAX_SENTENCE_WORDS:
        return [sentence]
    clauses = _CLAUSE.split(sentence)
    if code in UNSPACED_PHRASES:
        clauses = [phrase for clause in clauses for phrase in clause.split()]
    pieces: list[str] = []
    for clause in clauses:
        together = f"{pieces[-1]} {clause}" if pieces and code not in ("ja", "zh") else (pieces or [""])[-1] + clause
        if pieces and spoken_words(together, code) <= MAX_SENTENCE_WORDS / 2:
            pieces[-1] = together
        else:
            pieces += _stretches(clause, code)
    return pieces


def _stretches(clause: str, code: str) -> list[str]:
    """Return a clause in stretches that fit into one breath, broken only between words or phrases."""
    if spoken_words(clause, code) <= MAX_SENTENCE_WORDS:
        return [clause]
    if code in CHARACTERS_PER_WORD:
        return _grouped(break_phrases(clause, code), code)
    parts = clause.split()
    # A single "word" of this many letters is no word; it is cut so that captions can show it.
    parts = [part[start : start + 40] for part in parts for start in range(0, len(part), 40)]
    size = int(MAX_SENTENCE_WORDS / 2)
    return [" ".join(parts[start : start + size]) for start in range(0, len(parts), size)]


def _grouped(phrases: list[str], code: str) -> list[str]:
    """Return the phrases joined to stretches of at most half of what fits into one breath."""
    most = MAX_SENTENCE_WORDS / 2 * CHARACTERS_PER_WORD[code]
    made: list[str] = []
    for phrase in phrases:
        if made and len(made[-1]) + len(phrase) <= most:
            made[-1] += phrase
        else:
            made.append(phrase)
    return made


def _end_with_mark(piece: str, last: bool, code: str) -> str:
    """The piece with a mark at the end of its sentence, and otherwise as it was written."""
    text = " ".join(piece.split())
    return text if not last or _ENDED.search(text) else text.rstrip(" ,;:，、；：-–—") + end_mark(code)


def finish_sentence(piece: str, code: str) -> str:
    """The piece with a capital at its beginning, a mark at its end, and no lonely quotation mark."""
    text = piece
    curly = ("„", "“") if "„" in text else ("“", "”")
    for left, right in (curly, ("«", "»"), ("「", "」"), ("『", "』"), ("(", ")")):
        if text.count(left) != text.count(right):
            text = text.replace(left, "").replace(right, "")
    if text.count('"') % 2:
        text = text.replace('"', "")
    text = _LEADING.sub("", " ".join(text.split()))
    if not _ENDED.search(text):
        text = text.rstrip(" ,;:，、；：-–—") + end_mark(code)
    return text[:1].upper() + text[1:]


def with_ratings(units: list[Unit], ratings: list[float]) -> list[Unit]:
    return [replace(unit, rating=rating) for unit, rating in zip(units, ratings, strict=True)]


def with_seconds(units: list[Unit], code: str, rate: int) -> list[Unit]:
    """The units with the seconds they take at `rate` words per minute."""
    pause = sentence_pause(rate)
    return [replace(unit, seconds=spoken_seconds(unit.text, code, rate) + pause) for unit in units]
