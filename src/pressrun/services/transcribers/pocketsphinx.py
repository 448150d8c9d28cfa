"""Transcribe English offline with PocketSphinx and its bundled model. The words are only roughly right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pressrun.errors import SourceError
from pressrun.model.script import Segment
from pressrun.services.protocols import Context, Progress, Readiness
from pressrun.services.transcribers.decoding import SAMPLE_BYTES, SAMPLE_RATE, decode_audio, media_seconds

NAME = "pocketsphinx"
NEEDS_NETWORK = False
LOW_QUALITY = True
LANGUAGE = "en"
INSTALL = "Install pressrun[whisper] and set whisper_model, or put the text next to the file as .srt, .vtt or .txt."
MAX_UTTERANCE_SECONDS = 30.0
"""Seconds without a pause after which the decoder restarts: its memory and time grow with the length."""


@dataclass(frozen=True)
class _Utterance:
    """Speech between two pauses; `start` in seconds from the beginning of the audio, PCM as from `decode_audio`."""

    start: float
    pcm: bytes


def ready(context: Context) -> Readiness:
    from importlib.util import find_spec

    if find_spec("pocketsphinx") is None:
        return Readiness(False, "pocketsphinx is not installed", "Install it: pip install 'pressrun[align]'")
    language = str(context.settings.get("language", "auto")).lower()
    if not _is_speech(language):
        return Readiness(False, f"it supports only English, and the language is {language}", INSTALL)
    return Readiness(True, "low quality, English only; needs no network")


def transcribe(media: Path, language: str, progress: Progress, context: Context) -> tuple[Segment, ...]:  # noqa: ARG001
    """Return one segment per utterance, without punctuation.

    Raises `SourceError` if the language is not English or no speech is recognized.
    """
    if not _is_speech(language):
        raise SourceError(
            f"{media.name}: pocketsphinx supports only English, and the language is {language}", remedy=INSTALL
        )
    from pocketsphinx import Decoder

    total = media_seconds(media)
    decoder = Decoder(loglevel="FATAL")
    found: list[Segment] = []
    for utterance in _split_utterances(decode_audio(media)):
        seconds = len(utterance.pcm) / SAMPLE_BYTES / SAMPLE_RATE
        if text := _recognize(decoder, utterance.pcm):
            found.append(Segment(text, round(utterance.start, 2), round(utterance.start + seconds, 2)))
        progress(min(utterance.start + seconds, total or utterance.start + seconds), total, "seconds")
    if not found:
        raise SourceError(f"{media.name}: no English speech was recognized", remedy=INSTALL)
    return tuple(found)


def _is_speech(language: str) -> bool:
    return language.replace("_", "-").split("-")[0] in (LANGUAGE, "auto")


def _recognize(decoder: Any, pcm: bytes) -> str:
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    return " ".join(hypothesis.hypstr.split()) if hypothesis else ""


def _split_utterances(pieces: Iterator[bytes]) -> Iterator[_Utterance]:
    """Yield the utterances found by the endpointer of PocketSphinx, in order."""
    from pocketsphinx import Endpointer

    endpointer = Endpointer(sample_rate=SAMPLE_RATE)
    speech, start, cut_at = b"", 0.0, None
    for frame, last in _frames(pieces, endpointer.frame_bytes):
        if not last:
            found = endpointer.process(frame)
        elif endpointer.in_speech:
            found = endpointer.end_stream(frame)
        else:
            found = None
        if found:
            start = start if speech else endpointer.speech_start if cut_at is None else cut_at
            speech += found
        length = len(speech) / SAMPLE_BYTES / SAMPLE_RATE
        if speech and (last or not endpointer.in_speech or length >= MAX_UTTERANCE_SECONDS):
            yield _Utterance(start, speech)
            speech, cut_at = b"", start + length if endpointer.in_speech else None


def _frames(pieces: Iterator[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """Yield the audio in frames of `size` bytes, and whether a frame is the last one, which may be shorter."""
    rest = b""
    for piece in pieces:
        rest += piece
        while len(rest) > size:
            yield rest[:size], False
            rest = rest[size:]
    yield rest, True
