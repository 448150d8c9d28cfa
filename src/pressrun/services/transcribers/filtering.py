"""Find the words that a speech model invented: loops, words outside speech, and well-known phrases over noise."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pressrun.services.transcribers.windows import Span, Window

Reason = Literal["outside speech", "repetition", "phrase over noise", "uncertain"]

MAX_DISTANCE_FROM_SPEECH = 0.5
"""Seconds between a word and the nearest speech. A word that is farther away was not said. The padding of passages is
shorter, so a word that the model places at the end of its input stays."""
MAX_PHRASE_WORDS = 8
"""Words in a row that are checked for repetition."""
MAX_REPETITIONS = 4
"""How often the same words may follow each other."""
MAX_COMPRESSION = 2.4
"""How much a text that is not a loop can be compressed. Whisper uses the same limit."""
MIN_COMPRESSION_BYTES = 80
"""Shorter texts compress too little to tell."""
MAX_WORDS_PER_SECOND = 9.0
CERTAIN_WORD = 0.6
"""Mean probability of the words of a segment that are certain."""
UNCERTAIN_WORD = 0.25
CERTAIN_SPEECH = 0.75
"""Mean probability of speech during a segment that is certain."""
DOUBTFUL_SPEECH = 0.4
"""Mean probability of speech below which words must be certain."""
MIN_WORD_SECONDS = 0.02

# Sentences from the credits of videos that Whisper models were trained on, in the languages with the most of them.
PHRASES = re.compile(
    r"(thank(s| you)( very much| so much| all)?( for (watching|listening|your (attention|support)))?"
    r"|(please )?(like|subscribe)\b.*|don't forget to .*|see you (in the )?next (time|video|week|one).*"
    r"|i'll see you .*|you|bye( ?bye)?|oh|okay|hmm+|so|the end|(sub)?titles? (by|from) .*|.*\bamara ?org\b.*"
    r"|.*\bcaptions? by\b.*|.*\btranscri(bed|ption) by\b.*|copyright .*|.*all rights reserved.*|music|applause"
    r"|untertitel.*|vielen dank( fürs zuschauen)?.*|sous ?titr.*|merci d'avoir regardé.*|abonnez ?vous.*"
    r"|subtítulos .*|gracias por ver.*|sottotitoli.*|grazie per .*|legendas .*|obrigad[oa] por .*"
    r"|ご視聴.*|字幕.*|請不吝點贊.*|시청해.*|продолжение следует.*|субтитры.*)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class RecognizedWord:
    """A word with its times in seconds, and the probability that it is right."""

    text: str
    start: float
    end: float
    probability: float


@dataclass(frozen=True)
class RecognizedSegment:
    """Words that belong together. Their texts include spaces and punctuation."""

    words: tuple[RecognizedWord, ...]

    @property
    def start(self) -> float:
        return self.words[0].start

    @property
    def end(self) -> float:
        return self.words[-1].end

    @property
    def text(self) -> str:
        return " ".join("".join(word.text for word in self.words).split())

    @property
    def probability(self) -> float:
        return sum(word.probability for word in self.words) / len(self.words)


@dataclass(frozen=True)
class RemovedWords:
    """Words that were removed. Times are in seconds."""

    start: float
    end: float
    text: str
    reason: str


def split_unspoken(
    segment: RecognizedSegment, speech: Sequence[Span]
) -> tuple[RecognizedSegment | None, RecognizedSegment | None]:
    """Return the words of a segment that are close to speech, and those that are not."""
    spoken: list[RecognizedWord] = []
    unspoken: list[RecognizedWord] = []
    for word in segment.words:
        distance = min((_distance(word, span) for span in speech), default=float("inf"))
        (unspoken if distance > MAX_DISTANCE_FROM_SPEECH else spoken).append(word)
    return (
        RecognizedSegment(tuple(spoken)) if spoken else None,
        RecognizedSegment(tuple(unspoken)) if unspoken else None,
    )


def find_doubt(segment: RecognizedSegment, window: Window) -> Reason | None:
    """Return why a segment is probably invented, or None. Its times count from the start of the window."""
    heard = window.speech_probability(segment.start, segment.end)
    certain = segment.probability >= CERTAIN_WORD and heard >= CERTAIN_SPEECH
    seconds = max(segment.end - segment.start, MIN_WORD_SECONDS)
    if is_loop(segment.text) and not (certain and len(segment.words) / seconds <= MAX_WORDS_PER_SECOND / 2):
        return "repetition"
    if len(segment.words) >= 4 and len(segment.words) / seconds > MAX_WORDS_PER_SECOND:
        return "repetition"
    if not certain and PHRASES.fullmatch(normalize(segment.text)):
        return "phrase over noise"
    if not normalize(segment.text) and not certain:
        return "uncertain"
    if segment.probability < UNCERTAIN_WORD or (segment.probability < CERTAIN_WORD and heard < DOUBTFUL_SPEECH):
        return "uncertain"
    return None


def is_loop(text: str) -> bool:
    """Return whether a text repeats the same few words over and over."""
    words = normalize(text).split()
    for size in range(1, MAX_PHRASE_WORDS + 1):
        run = 0
        for at in range(size, len(words)):
            run = run + 1 if words[at] == words[at - size] else 0
            if run >= size * MAX_REPETITIONS:
                return True
    data = text.encode()
    return len(data) >= MIN_COMPRESSION_BYTES and len(data) / len(zlib.compress(data)) > MAX_COMPRESSION


def normalize(text: str) -> str:
    """Return a text in lower case without punctuation."""
    return " ".join(re.sub(r"[^\w\s']+", " ", text.lower()).split())


def clamp_to_speech(segment: RecognizedSegment, speech: Sequence[Span]) -> RecognizedSegment:
    """Move the ends of words that reach into silence to where the speech begins or ends."""
    return RecognizedSegment(tuple(_clamp_word(word, speech) for word in segment.words))


def _clamp_word(word: RecognizedWord, speech: Sequence[Span]) -> RecognizedWord:
    """Move a word into the span that it shares most time with, or else into the nearest one."""
    if not speech:
        return word
    span = max(speech, key=lambda each: (_shared_seconds(word, each), -_distance(word, each)))
    start = min(max(word.start, span.start), max(span.start, span.end - MIN_WORD_SECONDS))
    return replace(word, start=start, end=max(min(word.end, span.end), start + MIN_WORD_SECONDS))


def _shared_seconds(word: RecognizedWord, span: Span) -> float:
    return max(0.0, min(word.end, span.end) - max(word.start, span.start))


def _distance(word: RecognizedWord, span: Span) -> float:
    return max(span.start - word.end, word.start - span.end, 0.0)
