"""Speak with a neural model on this machine: two sentences at once, stored as parts, with exact times of words.

The model reports how many frames each of its tokens takes, and each token belongs to a unit of the text. One thread per
sentence needs less processor time than several threads for one sentence.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pressrun.errors import VoiceError
from pressrun.media.sound import shift_words
from pressrun.model.script import Word
from pressrun.services.protocols import Context, Progress, Speech
from pressrun.services.voices.part_store import PartStore, load_or_create
from pressrun.services.voices.sound import change_tempo, fade_edges, join, sounding_range
from pressrun.services.voices.splitting import TextPart, pause_after, split_text
from pressrun.services.voices.text_units import Unit, has_letters
from pressrun.services.voices.timing import measure_levels, timed_words
from pressrun.services.voices.voice_options import voice_pitch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pressrun.services.voices.sound import Samples

    Floats = NDArray[np.float32]

AT_ONCE = 2
"""Sentences spoken at the same time; each more takes memory for its sound."""


@dataclass(frozen=True)
class Encoded:
    """The tokens of a text, and for each of them the index of the unit it belongs to, or None for a pause."""

    tokens: tuple[int, ...]
    owners: tuple[int | None, ...]


@dataclass(frozen=True)
class NeuralVoice:
    """One voice of a model in one language, at one speed."""

    key: tuple[str, ...]
    """Everything that shapes its sound, except text, speed and pitch."""
    language: str
    sample_rate: int
    speed: float
    """How much faster than its own pace it speaks."""
    longest: int
    """Tokens of one sentence; longer ones are split at clauses."""
    encode: Callable[[tuple[Unit, ...]], Encoded]
    synthesise: Callable[[Sequence[int], float], tuple[Floats, Sequence[int]]]
    """Return the samples of tokens at a speed, and the sample at which each token starts."""


@dataclass(frozen=True)
class _Part:
    samples: Samples
    starts: tuple[int, ...]
    """The sample at which each token starts."""


def prepare(texts: Sequence[str], voice: NeuralVoice, progress: Progress, context: Context) -> None:
    """Speak all parts of several texts, and store them for `speak`. Raises like `speak`."""
    if context.parts is not None:
        _load_parts([part for text in texts for part in _split(text, voice)], voice, progress, context)


def speak(text: str, rate: int, voice: NeuralVoice, context: Context) -> Speech:
    """Return `text` as one speech with the exact times of its words; `rate` shapes the pauses.

    Raises `VoiceError` for a text without a letter or without phonemes.
    """
    parts = _split(text, voice)
    found = _load_parts(parts, voice, lambda *_: None, context)
    higher = 2 ** (voice_pitch(context) / 12)
    trimmed: list[Samples] = []
    starts_of_words: list[list[float | None]] = []
    for part in parts:
        samples = _raise_pitch(found[part.spoken].samples, voice.sample_rate, higher)
        first, last = sounding_range(samples, voice.sample_rate)
        trimmed.append(fade_edges(samples[first:last], voice.sample_rate))
        unit_starts = _unit_starts(voice.encode(part.units), found[part.spoken].starts, len(part.units))
        starts_of_words.append([
            None if start is None else max(start / higher - first, 0) / voice.sample_rate for start in unit_starts
        ])
    pcm, starts_of_parts = join(trimmed, [pause_after(part.ending, rate) for part in parts], voice.sample_rate)
    words: list[Word] = []
    for part, samples, starts, start in zip(parts, trimmed, starts_of_words, starts_of_parts, strict=True):
        levels = measure_levels(samples.tobytes(), voice.sample_rate)
        found_words = timed_words(part.texts, starts, levels, samples.size / voice.sample_rate)
        words += shift_words(found_words, start)
    return Speech(pcm, voice.sample_rate, tuple(words), "voice")


def open_session(model: bytes, output: str) -> Any:
    """Return an onnxruntime session that also returns the float tensor `output` of the graph."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model + graph_output(output), options, providers=["CPUExecutionProvider"])


def graph_output(name: str) -> bytes:
    """Return bytes that, appended to an ONNX model, add a float tensor to the outputs of its graph.

    Protocol Buffers merge concatenated messages: field 7 of a model is its graph, and field 12 of a graph an output.
    """
    encoded = name.encode()
    value = b"\x0a" + bytes([len(encoded)]) + encoded + b"\x12\x04\x0a\x02\x08\x01"
    output = b"\x62" + bytes([len(value)]) + value
    return b"\x3a" + bytes([len(output)]) + output


def _split(text: str, voice: NeuralVoice) -> list[TextPart]:
    if not has_letters(text):
        raise VoiceError(
            f"There is nothing to speak in the text {text[:60]!r}", remedy="Fix the narration in script.json."
        )
    return split_text(text, voice.language, voice.longest, lambda units: len(voice.encode(tuple(units)).tokens))


def _load_parts(
    parts: Sequence[TextPart], voice: NeuralVoice, progress: Progress, context: Context
) -> dict[str, _Part]:
    higher = 2 ** (voice_pitch(context) / 12)
    speed = round(voice.speed / higher, 4)
    store = PartStore(context.parts, (*voice.key, voice.language, f"{speed:.4f}"))
    by_text = {part.spoken: part for part in parts}

    def load(text: str) -> _Part | None:
        data = store.load(text)
        if data is None:
            return None
        part = _decode_part(data)
        if part is None:
            store.remove(text)
        return part

    def create(text: str) -> _Part:
        encoded = voice.encode(by_text[text].units)
        if not any(owner is not None for owner in encoded.owners):
            raise VoiceError(
                f"The voice has no sound for the text {text[:60]!r}",
                remedy="Check the language setting, or choose another voice.",
            )
        part = _synthesise(encoded, voice, speed)
        store.save(text, _encode_part(part))
        return part

    workers = min(context.workers, AT_ONCE, os.cpu_count() or 1)
    return load_or_create(by_text, load, create, workers=workers, progress=progress)


def _synthesise(encoded: Encoded, voice: NeuralVoice, speed: float) -> _Part:
    import numpy as np

    samples: list[Samples] = []
    starts: list[int] = []
    done = 0
    # Only a single word can be longer than the model allows.
    for at in range(0, len(encoded.tokens), voice.longest):
        sound, begin = voice.synthesise(encoded.tokens[at : at + voice.longest], speed)
        samples.append(np.rint(np.clip(sound, -1, 1) * 32767).astype(np.int16))
        starts += [done + start for start in begin]
        done += sound.size
    whole = np.concatenate(samples)
    if not whole.any():
        raise VoiceError("The voice produced no audio", remedy="Choose another voice.")
    return _Part(whole, tuple(starts))


def _encode_part(part: _Part) -> bytes:
    head = json.dumps({"starts": part.starts, "samples": part.samples.size}).encode()
    return head + b"\n" + part.samples.astype("<i2").tobytes()


def _decode_part(data: bytes) -> _Part | None:
    """Return a stored part, or None for a damaged one."""
    import numpy as np

    head, _, pcm = data.partition(b"\n")
    try:
        known = json.loads(head)
        samples: Samples = np.frombuffer(pcm, "<i2").astype(np.int16)
        if samples.size != known["samples"] or not samples.any():
            return None
        return _Part(samples, tuple(map(int, known["starts"])))
    except (ValueError, LookupError, TypeError):
        return None


def _unit_starts(encoded: Encoded, token_starts: Sequence[int], count: int) -> list[int | None]:
    """Return the sample at which each unit starts; None for one without phonemes."""
    starts: list[int | None] = [None] * count
    for owner, start in zip(encoded.owners, token_starts, strict=True):
        if owner is not None and starts[owner] is None:
            starts[owner] = start
    return starts


def _raise_pitch(samples: Samples, sample_rate: int, higher: float) -> Samples:
    """Return samples that were spoken slower at their pace and a higher pitch, by resampling."""
    if higher == 1.0:
        return samples
    import math

    return change_tempo(samples, sample_rate, higher, 12 * math.log2(higher))
