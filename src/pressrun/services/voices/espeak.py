"""Speak with eSpeak NG in this process, from the `espeakng-loader` wheel: no network, no installation.

The library has one state per process and is not thread-safe, so there is one engine behind one lock. Its noise
generator keeps running from one text to the next: the same texts in the same order give the same audio in every
process. It reports the position of almost every word; measured against the onset of words after a pause, these
positions are within 55 ms, and never late.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pressrun.errors import VoiceError
from pressrun.services.protocols import Context, Readiness, Speech
from pressrun.services.voices.espeak_library import exclusive_engine
from pressrun.services.voices.voice_options import voice_gender, voice_pitch

if TYPE_CHECKING:
    from pressrun.services.voices.text_units import Unit

NAME = "espeak"
NEEDS_NETWORK = False

MIN_RATE, MAX_RATE = 80, 450
"""Words per minute that eSpeak NG accepts."""
TAIL_SECONDS = 0.08
"""Seconds kept after the last sound, so that it does not end abruptly."""

VARIANTS = {"neutral": "", "female": "+f2", "male": "+m3"}
"""Variants of the voice of every language, as named by eSpeak NG."""
_OTHER_NAMES = {"zh": "cmn", "no": "nb", "nn": "nb", "iw": "he", "in": "id", "tl": "", "fil": ""}
"""Language codes that eSpeak NG knows under another name; empty if it does not know the language."""


def ready(context: Context) -> Readiness:  # noqa: ARG001 - the protocol of every service
    from importlib.util import find_spec

    if find_spec("espeakng_loader") is None:
        return Readiness(False, "espeakng-loader is not installed", "Install it with: pip install espeakng-loader")
    return Readiness(True, "it is built in and needs no network")


def speak(text: str, language: str, rate: int, context: Context) -> Speech:
    """Return `text` as speech with its words.

    Raises `VoiceError` for a language without a voice, for a text without a letter, and for Japanese with kanji if
    their readings are not installed.
    """
    from pressrun.services.voices.text_units import has_letters
    from pressrun.services.voices.timing import BLOCK_SECONDS, SILENCE_LEVEL, measure_levels, timed_words

    if not has_letters(text):
        raise VoiceError(
            f"There is nothing to speak in the text {text[:60]!r}", remedy="Fix the narration in script.json."
        )
    parts = _speakable_units(text, language)
    spoken, owners = _spoken_text(parts)
    with exclusive_engine() as engine:
        engine.choose(voice_name(language), language, VARIANTS[voice_gender(context)])
        pcm, events = engine.synthesise(spoken, min(max(rate, MIN_RATE), MAX_RATE), voice_pitch(context))
    if not pcm:
        raise VoiceError(
            f"eSpeak NG produced no audio for the text {text[:60]!r}", remedy="Check the language setting."
        )
    rate_hz = engine.sample_rate
    levels = measure_levels(pcm, rate_hz)
    sounding = next((at for at in range(len(levels), 0, -1) if levels[at - 1] >= SILENCE_LEVEL), len(levels))
    levels = levels[:sounding + round(TAIL_SECONDS / BLOCK_SECONDS)]
    pcm = _fade(pcm[:len(levels) * round(rate_hz * BLOCK_SECONDS) * 2], rate_hz)
    starts: list[float | None] = [None] * len(parts)
    for position, sample in events:
        owner = owners[min(position, len(owners)) - 1] if position > 0 else None
        if owner is not None and starts[owner] is None:
            starts[owner] = sample / rate_hz
    words = timed_words([part.text for part in parts], starts, levels, len(pcm) / 2 / rate_hz)
    return Speech(pcm, rate_hz, words, "voice")


def _fade(pcm: bytes, sample_rate: int) -> bytes:
    """Return the audio with faded edges: it may begin within a sound, and ends within a soft one."""
    import numpy as np

    from pressrun.services.voices.sound import fade_edges

    return fade_edges(np.frombuffer(pcm, "<i2"), sample_rate).astype("<i2").tobytes()


def _speakable_units(text: str, language: str) -> list[Unit]:
    if language.split("-")[0].lower() != "ja":
        from pressrun.services.voices.text_units import split_units

        return split_units(text)
    from pressrun.services.voices.japanese import split_japanese

    return split_japanese(text)


def _spoken_text(parts: list[Unit]) -> tuple[str, list[int | None]]:
    """Return the text for the engine, and for each of its characters the unit it belongs to."""
    spoken: list[str] = []
    owners: list[int | None] = []
    for index, part in enumerate(parts):
        gap = part.gap if index else ""
        spoken.append(gap + part.spoken)
        owners += [None] * len(gap) + [index] * len(part.spoken)
    return "".join(spoken), owners or [None]


def voice_name(language: str) -> str:
    """Return the name of a language in eSpeak NG; an empty string if it does not know the language."""
    code = language.lower().replace("_", "-")
    return _OTHER_NAMES.get(code.split("-")[0], code)
