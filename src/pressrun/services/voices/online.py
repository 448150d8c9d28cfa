"""Share what all online voices need: text is requested in parts, several at once, stored, and joined to one speech.

A finished part is stored in the run folder, whole or not at all, under a name derived from its text and everything that
shapes its sound, so a later try requests only the missing ones. The speech rate is applied afterwards, so another rate
needs no new request.
"""

from __future__ import annotations

import html
import json
import random
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from pressrun.errors import NetworkError, VoiceError
from pressrun.media.sound import shift_words
from pressrun.model.script import Word
from pressrun.redaction import redact
from pressrun.services.pace import min_spoken_seconds, spoken_seconds
from pressrun.services.protocols import Context, Progress, Speech
from pressrun.services.untrusted_text import to_one_line
from pressrun.services.voices.part_store import PartStore, load_or_create
from pressrun.services.voices.sound import NoSoundError, change_tempo, decode, join, sounding_range, trim
from pressrun.services.voices.splitting import NATURAL_RATE, TextPart, pause_after, split_text
from pressrun.services.voices.text_units import has_letters
from pressrun.services.voices.timing import time_words
from pressrun.services.voices.voice_options import voice_pitch
from pressrun.services.voices.word_matching import HeardWord

if TYPE_CHECKING:
    from pressrun.services.voices.sound import Samples

MIN_TEMPO, MAX_TEMPO = 0.8, 1.25
"""Maximum stretch; more would be audible."""
MAX_TRIES = 5
"""Requests for one part before the stage fails."""
FIRST_RETRY_DELAY = 1.0
"""Seconds before the first retry; the delay doubles with each further one."""
MAX_JITTER = 2.0
"""Maximum random seconds added to a delay, so that not all threads retry at once."""
MAX_SERVICE_DELAY = 60.0
"""Maximum seconds that a service may ask to wait before the stage fails."""

MIN_COMPARED_LETTERS, MIN_COMPARED_PARTS = 40, 5
"""Letters of a part, and number of such parts, from which their paces are compared."""
MIN_PACE_SHARE = 0.45
"""Share of the usual pace below which audio counts as cut off."""
MAX_MESSAGE_BYTES = 20_000
MAX_MESSAGE_LENGTH = 200
"""Number of characters of a message that are shown."""
MESSAGE_FIELDS = ("error", "message", "detail", "msg", "title", "errors")


class RejectedError(Exception):
    """The service limits the request rate, or has a temporary problem."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after
        """Seconds that the service asks to wait, if it gives a number."""


@dataclass(frozen=True)
class SpeechApi:
    """One online voice in one language."""

    service: str
    """Its name in error messages."""
    cache_key: tuple[str, ...]
    """Everything that shapes its sound, except the text."""
    language: str
    """Language of the text."""
    max_characters: int
    """Characters it accepts at once."""
    sample_rate: int
    request: Callable[[str], bytes]
    """Return a text as MP3 or WAV. Raises `RejectedError`, or an error of `pressrun.errors`."""
    has_rate: bool = False
    """Whether the service applies the speech rate, which is then part of `cache_key`."""
    unpack: Callable[[bytes], tuple[bytes, tuple[HeardWord, ...]]] = lambda data: (data, ())
    """Split a reply into its MP3 or WAV and the words whose times the service reported. Raises `ValueError`."""


@dataclass(frozen=True)
class _Sound:
    """The decoded audio of a part, and the words that the service reported."""

    samples: Samples
    heard: tuple[HeardWord, ...]


def prepare(texts: Sequence[str], rate: int, api: SpeechApi, progress: Progress, context: Context) -> None:
    """Request all parts of several texts at once, and store them for `speak`. Raises like `speak`."""
    tempo = rate / NATURAL_RATE
    if context.parts is None:
        return
    if tempo != _tempo(rate) and not api.has_rate:
        slowest, fastest = (round(limit * NATURAL_RATE) for limit in (MIN_TEMPO, MAX_TEMPO))
        context.note(f"The voice supports {slowest} to {fastest} words per minute, not {rate}")
    _load_sounds([part for text in texts for part in _split_into_parts(text, api)], api, progress, context)


def speak(text: str, rate: int, api: SpeechApi, context: Context) -> Speech:
    """Return `text` as one speech.

    Raises `VoiceError` for a text without a letter, `NetworkError` if the service does not respond or rejects requests
    for too long, and the errors of `api.request`.
    """
    parts = _split_into_parts(text, api)
    sounds = _load_sounds(parts, api, lambda *_: None, context)
    tempo = 1.0 if api.has_rate else _tempo(rate)
    rate_hz, pitch = api.sample_rate, voice_pitch(context)
    changed = [change_tempo(sounds[part.spoken].samples, rate_hz, tempo, pitch) for part in parts]
    made = [trim(samples, rate_hz) for samples in changed]
    pauses = [pause_after(part.ending, rate if api.has_rate else round(NATURAL_RATE * tempo)) for part in parts]
    pcm, starts = join(made, pauses, rate_hz)
    words: list[Word] = []
    timings: list[str] = []
    for part, before, samples, start in zip(parts, changed, made, starts, strict=True):
        trimmed = sounding_range(before, rate_hz)[0] / rate_hz
        heard = [HeardWord(each.text, each.start / tempo - trimmed) for each in sounds[part.spoken].heard]
        found, timing = time_words(part.texts, samples.tobytes(), rate_hz, api.language, heard)
        words += shift_words(found, start)
        timings.append(timing)
    return Speech(pcm, rate_hz, tuple(words), max(("sentence", "alignment", "voice"), key=timings.count))


def check_service(api: SpeechApi) -> str:
    """Request one word, once. Raises `NetworkError` if the service rejects it, and the errors of `api.request`."""
    try:
        samples = _decode("Ready.", api.request("Ready."), api).samples
    except RejectedError as error:
        raise NetworkError(f"{api.service} {error}", remedy="Try again later, or choose another voice.") from error
    except NoSoundError as error:
        raise VoiceError(f"{api.service} {error}", remedy="Choose another voice.") from error
    return f"{api.service} spoke a word in {len(samples) / api.sample_rate:.1f} s"


def _tempo(rate: int) -> float:
    return min(max(rate / NATURAL_RATE, MIN_TEMPO), MAX_TEMPO)


def _split_into_parts(text: str, api: SpeechApi) -> list[TextPart]:
    if not has_letters(text):
        raise VoiceError(
            f"There is nothing to speak in the text {text[:60]!r}", remedy="Fix the narration in script.json."
        )
    return split_text(text, api.language, api.max_characters)


def _load_sounds(parts: Iterable[TextPart], api: SpeechApi, progress: Progress, context: Context) -> dict[str, _Sound]:
    """Return spoken text -> audio, stored or requested."""
    delay = _SharedDelay()

    def create(text: str) -> _Sound:
        data, sound = _request_sound(text, api, delay)
        store.save(text, data)
        return sound

    store = PartStore(context.parts, (*api.cache_key, api.language))
    found = load_or_create(
        (part.spoken for part in parts), lambda text: _cached_sound(text, api, store), create,
        workers=context.workers, progress=progress, cancel=delay.cancel,
    )
    for _ in range(MAX_TRIES):
        # A service that cuts off long replies is only noticed by comparison.
        short = cut_off_parts({text: _seconds(sound.samples, api) for text, sound in found.items()}, api.language)
        if not short:
            return found
        found |= load_or_create(
            short, lambda _: None, create, workers=context.workers, progress=lambda *_: None, cancel=delay.cancel
        )
    raise NetworkError(
        f"{api.service} returned far less audio for {len(short[0]):,} characters than for other sentences,"
        f" {MAX_TRIES} times: {short[0][:60]!r}",
        remedy="Run the same command again later; finished parts are kept. Or choose another voice.",
    )


def cut_off_parts(seconds: Mapping[str, float], language: str) -> list[str]:
    """Return the texts whose audio is much shorter than that of the others, for its length, and so probably cut off.

    `seconds` is the length of the audio of each text. Only texts of some length are compared, if there are a few.
    """
    long = [text for text in seconds if sum(map(str.isalnum, text)) >= MIN_COMPARED_LETTERS]
    if len(long) < MIN_COMPARED_PARTS:
        return []
    pace = {text: seconds[text] / spoken_seconds(text, language, NATURAL_RATE) for text in long}
    usual = median(pace.values())
    # Digits are left out: a voice may read a number as fast as a word, or digit by digit.
    return [
        text for text in long if pace[text] < MIN_PACE_SHARE * usual and not any(map(str.isdigit, text))
    ]


def _seconds(samples: Samples, api: SpeechApi) -> float:
    return trim(samples, api.sample_rate).size / api.sample_rate


def _cached_sound(text: str, api: SpeechApi, store: PartStore) -> _Sound | None:
    data = store.load(text)
    try:
        return None if data is None else _decode(text, data, api)
    except (NoSoundError, RejectedError):
        store.remove(text)
        return None


def _request_sound(text: str, api: SpeechApi, delay: _SharedDelay) -> tuple[bytes, _Sound]:
    """Return the reply for one part and its audio. Raises `NetworkError` when all tries are used up."""
    problem = ""
    for attempt in range(MAX_TRIES):
        delay.wait()
        try:
            data = api.request(text)
            return data, _decode(text, data, api)
        except RejectedError as error:
            problem = str(error)
            seconds = FIRST_RETRY_DELAY * 2**attempt if error.after is None else error.after
            if seconds > MAX_SERVICE_DELAY:
                raise NetworkError(
                    f"{api.service} {problem} and asks to wait for {seconds:.0f} s",
                    remedy="Run the same command again later; finished parts are kept.",
                ) from None
            if attempt < MAX_TRIES - 1:
                delay.hold(seconds)
        except NoSoundError as error:
            problem = str(error)
    raise NetworkError(
        f"{api.service} {problem}, {MAX_TRIES} times",
        remedy="Run the same command again later; finished parts are kept. Or choose another voice.",
    )


def _decode(text: str, data: bytes, api: SpeechApi) -> _Sound:
    """Return the audio in a reply. Raises `RejectedError` for a message in its place, and `NoSoundError`."""
    try:
        data, heard = api.unpack(data)
    except ValueError as error:
        raise NoSoundError("returned invalid word times") from error
    if message := message_in(data):
        raise RejectedError(f'returned invalid audio: it says "{redact(message)}"')
    try:
        samples = decode(data, api.sample_rate)
    except NoSoundError as error:
        raise NoSoundError(f"returned invalid audio: {error}") from error
    seconds = _seconds(samples, api)
    if seconds < min_spoken_seconds(text, api.language):
        raise NoSoundError(f"returned only {seconds:.1f} s of audio for {len(text):,} characters")
    return _Sound(samples, heard)


def message_in(data: bytes) -> str:
    """Return the message that a service sent in place of audio, shortened, or an empty string.

    Some services report an error as JSON, HTML or plain text with HTTP status 200.
    """
    start = data[:MAX_MESSAGE_BYTES]
    if b"\0" in start or start[:3] == b"ID3":
        return ""
    try:
        text = start.decode("utf-8-sig", "ignore" if len(data) > len(start) else "strict").strip()
    except UnicodeDecodeError:
        return ""
    with suppress(ValueError, RecursionError):
        text = _find_message(json.loads(text)) or text
    if text.startswith("<"):
        text = html.unescape(re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL | re.IGNORECASE))
    text = to_one_line(text)
    return text if len(text) <= MAX_MESSAGE_LENGTH else f"{text[:MAX_MESSAGE_LENGTH]}…"


def _find_message(value: object) -> str:
    """Return the first text in the fields of a JSON reply that usually hold the message."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return next(filter(None, map(_find_message, value)), "")
    if isinstance(value, dict):
        return next(filter(None, (_find_message(value.get(name)) for name in MESSAGE_FIELDS)), "")
    return ""


@dataclass
class _SharedDelay:
    """Hold back all threads while the service asks to wait."""

    _until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _over: threading.Event = field(default_factory=threading.Event)

    def hold(self, seconds: float) -> None:
        with self._lock:
            self._until = max(self._until, time.monotonic() + seconds)

    def wait(self) -> None:
        """Wait until requests are allowed, each thread a little later than the previous one."""
        while not self._over.is_set() and (left := self._until - time.monotonic()) > 0:
            self._over.wait(left + random.uniform(0, min(left, MAX_JITTER)))

    def cancel(self) -> None:
        """Release all waiting threads because their requests are no longer needed."""
        self._over.set()
