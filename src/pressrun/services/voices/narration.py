"""Speak a written text with any voice: in the words a person would say, with the times of the words as written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from pressrun.media.sound import SAMPLE_BYTES, shift_words, silence
from pressrun.model.script import Word
from pressrun.services.pace import paragraph_pause
from pressrun.services.protocols import Context, Progress, Speech
from pressrun.services.reading import ReadWord, read_text
from pressrun.services.voices.text_units import has_letters

if TYPE_CHECKING:
    from pressrun.services.protocols import Voice

PARAGRAPH_BREAK = re.compile(r"\s*\n\s*\n\s*")
SILENT_SHARE = 0.3
"""Time of a word without sound, as a share of the time of a letter."""


def prepare_texts(
    voice: Voice, texts: Sequence[str], language: str, rate: int, progress: Progress, context: Context
) -> bool:
    """Let a voice speak and store the parts of several texts; return False for a voice that does not.

    Raises the errors of the voice.
    """
    prepare = getattr(voice, "prepare", None)
    if prepare is None:
        return False
    spoken = [join_spoken(words) for text in texts for words in read_paragraphs(voice, text, language)]
    prepare(spoken, language, rate, progress, context)
    return True


def speak_text(voice: Voice, text: str, language: str, rate: int, context: Context) -> Speech:
    """Return `text` as speech, with pauses between its paragraphs. The words are those of the text as written.

    Raises the errors of the voice.
    """
    pcm = bytearray()
    words: list[Word] = []
    first: Speech | None = None
    for paragraph in read_paragraphs(voice, text, language):
        speech = voice.speak(join_spoken(paragraph), language, rate, context)
        if first is None:
            first = speech
        else:
            pcm += silence(paragraph_pause(rate), speech.sample_rate)
        start = len(pcm) / SAMPLE_BYTES / speech.sample_rate
        words += shift_words(match_words(paragraph, speech.words), start)
        pcm += speech.pcm
    assert first is not None
    return Speech(bytes(pcm), first.sample_rate, tuple(words), first.timing)


def read_paragraphs(voice: Voice, text: str, language: str) -> list[tuple[ReadWord, ...]]:
    """Return the words of each paragraph of `text`. A paragraph without sound belongs to the one before it."""
    paragraphs: list[tuple[ReadWord, ...]] = []
    pending: tuple[ReadWord, ...] = ()
    for paragraph in PARAGRAPH_BREAK.split(text.strip()):
        words = pending + read_words(voice, paragraph, language)
        pending = ()
        if has_letters(join_spoken(words)):
            paragraphs.append(words)
        elif paragraphs:
            paragraphs[-1] += words
        else:
            pending = words
    return paragraphs or [pending]


def read_words(voice: Voice, text: str, language: str) -> tuple[ReadWord, ...]:
    """Return the words of `text` with what is spoken for each; a voice may declare that it reads text itself."""
    if getattr(voice, "READS_TEXT", False):
        return tuple(ReadWord(token, token) for token in text.split())
    return read_text(text, language)


def join_spoken(words: Sequence[ReadWord]) -> str:
    """Return the text that a voice receives for words."""
    return " ".join(word.spoken for word in words if word.spoken)


def match_words(read: Sequence[ReadWord], spoken: Sequence[Word]) -> tuple[Word, ...]:
    """Return the written words with the times of what was spoken for them.

    `spoken` are the words of the voice; their texts without spaces are what it was given without spaces. A word that is
    spoken as written may consist of several of them, as in Chinese, which then stay.
    """
    ends = _letter_ends([word.text for word in spoken])
    matched: list[Word] = []
    silent: list[str] = []
    done = at = 0
    for word in read:
        if not word.spoken:
            silent.append(word.text)
            continue
        done += len("".join(word.spoken.split()))
        found: list[Word] = []
        while at < len(spoken) and (not found or ends[at] <= done):
            found.append(spoken[at])
            at += 1
        if not found:
            silent.append(word.text)
            continue
        if word.spoken != word.text:
            found = [Word(word.text, found[0].start, found[-1].end)]
        if matched:
            matched += _share_time(matched.pop(), silent, host_first=True)
        else:
            found = [*_share_time(found[0], silent, host_first=False), *found[1:]]
        silent = []
        matched += found
    if matched:
        matched += _share_time(matched.pop(), silent, host_first=True)
    return tuple(matched)


def _letter_ends(texts: Sequence[str]) -> list[int]:
    """Return for each text the number of characters up to its end, without spaces."""
    ends: list[int] = []
    for text in texts:
        ends.append((ends[-1] if ends else 0) + len("".join(text.split())))
    return ends


def _share_time(host: Word, silent: Sequence[str], *, host_first: bool) -> list[Word]:
    """Return a spoken word and the words without sound next to it, which take a little of its time."""
    if not silent:
        return [host]
    texts = [host.text, *silent] if host_first else [*silent, host.text]
    weights = [SILENT_SHARE] * len(texts)
    weights[0 if host_first else -1] = max(float(len(host.text)), 1.0)
    total, length = sum(weights), host.end - host.start
    borders = [host.start]
    for weight in weights:
        borders.append(borders[-1] + length * weight / total)
    borders[-1] = host.end
    return [
        Word(text, round(start, 4), round(end, 4)) for text, (start, end) in zip(texts, pairwise(borders), strict=True)
    ]
