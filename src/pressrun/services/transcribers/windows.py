"""Cut audio at silences into windows of one to five minutes, and find the speech in each of them.

Each window depends only on the samples from its start, so the windows after a crash are those of an undisturbed run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pressrun.services.transcribers.decoding import SAMPLE_BYTES, SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np

    Floats = np.ndarray[tuple[int, ...], np.dtype[np.float32]]

CHUNK_SAMPLES = 512
"""Samples for which the detector reports one probability of speech."""
CONTEXT_SAMPLES = 64
"""Samples before a chunk that the detector also reads."""
CHUNK_SECONDS = CHUNK_SAMPLES / SAMPLE_RATE
MIN_WINDOW_SECONDS = 60.0
PREFERRED_WINDOW_SECONDS = 180.0
MAX_WINDOW_SECONDS = 300.0
SPEECH_PROBABILITY = 0.5
"""Probability at which speech begins."""
SILENCE_PROBABILITY = 0.35
"""Probability below which speech ends."""
LONG_SILENCE = 1.0
"""Seconds of silence that are long enough for a cut. Among shorter ones the longest is used."""
MIN_SPEECH = 0.1
"""Seconds of speech; anything shorter is a click."""
MIN_SILENCE = 0.1
"""Seconds of silence that separate two spans of speech."""
MAX_INNER_SILENCE = 2.0
"""Seconds of silence inside a passage. A longer one is not passed to the model, which invents words for it."""
PASSAGE_PADDING = 0.4
"""Seconds before and after the speech of a passage."""


@dataclass(frozen=True)
class Span:
    """A stretch of audio, in seconds."""

    start: float
    end: float


@dataclass(frozen=True, eq=False)
class Window:
    """A window of the audio. `start` is its first sample in the file; times of `speech` count from there."""

    start: int
    samples: Any
    """16-bit samples."""
    probabilities: Any
    """Of speech, one for each chunk."""

    @property
    def seconds(self) -> float:
        return float(len(self.samples) / SAMPLE_RATE)

    @property
    def begin(self) -> float:
        """Seconds in the file at which it begins."""
        return self.start / SAMPLE_RATE

    @property
    def end(self) -> float:
        return self.begin + self.seconds

    @cached_property
    def speech(self) -> tuple[Span, ...]:
        """The exact spans of speech. The detector notices a voice one chunk after it begins."""
        return tuple(
            Span(max(first - 1, 0) * CHUNK_SECONDS, min(last * CHUNK_SECONDS, self.seconds))
            for first, last in _find_speech(self.probabilities)
        )

    @cached_property
    def passages(self) -> tuple[Span, ...]:
        """The spans to transcribe: speech with padding, and with the short silences inside."""
        found: list[Span] = []
        for span in self.speech:
            start, end = max(0.0, span.start - PASSAGE_PADDING), min(self.seconds, span.end + PASSAGE_PADDING)
            if found and span.start - (found[-1].end - PASSAGE_PADDING) < MAX_INNER_SILENCE:
                found[-1] = Span(found[-1].start, end)
            else:
                found.append(Span(max(start, found[-1].end) if found else start, end))
        return tuple(found)

    def speech_probability(self, start: float, end: float) -> float:
        """Return the mean probability of speech between two times of the window."""
        first = int(start / CHUNK_SECONDS)
        part = self.probabilities[first : max(first + 1, round(end / CHUNK_SECONDS))]
        return float(part.mean()) if len(part) else 0.0


class SpeechDetector:
    """Silero VAD, as it comes with faster-whisper."""

    def __init__(self) -> None:
        import onnxruntime
        from faster_whisper.utils import get_assets_path

        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = options.intra_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # it would keep memory in proportion to the largest input
        options.log_severity_level = 4
        self._session = onnxruntime.InferenceSession(
            f"{get_assets_path()}/silero_vad_v6.onnx", options, providers=["CPUExecutionProvider"]
        )

    def detect(self, samples: Any) -> Any:
        """Return the probability of speech in each chunk of 16-bit samples; the last chunk is filled with silence."""
        import numpy as np

        state = {name: np.zeros((1, 1, 128), np.float32) for name in ("h", "c")}
        found = []
        context = np.zeros(CONTEXT_SAMPLES, np.float32)
        batch = 30 * SAMPLE_RATE // CHUNK_SAMPLES * CHUNK_SAMPLES
        for at in range(0, len(samples), batch):
            part = samples[at : at + batch].astype(np.float32) / 32768
            chunks = np.pad(part, (0, -part.size % CHUNK_SAMPLES)).reshape(-1, CHUNK_SAMPLES)
            before = np.vstack((context, chunks[:-1, -CONTEXT_SAMPLES:]))
            output, state["h"], state["c"] = self._session.run(None, {"input": np.hstack((before, chunks)), **state})
            context = chunks[-1, -CONTEXT_SAMPLES:]
            found.append(output.reshape(-1))
        return np.concatenate(found) if found else np.zeros(0, np.float32)


def split_windows(pieces: Iterable[bytes], detector: SpeechDetector, start: int = 0) -> Iterator[Window]:
    """Yield the windows from sample `start` on; `pieces` is the PCM of the whole file from `decode_audio`."""
    import numpy as np

    longest = round(MAX_WINDOW_SECONDS * SAMPLE_RATE)
    buffer = bytearray()
    skip, at = start * SAMPLE_BYTES, start
    for piece in pieces:
        dropped = min(skip, len(piece))
        skip -= dropped
        buffer += piece[dropped:]
        while len(buffer) > longest * SAMPLE_BYTES:
            samples = np.frombuffer(buffer[: longest * SAMPLE_BYTES], "<i2")
            probabilities = detector.detect(samples)
            chunks = find_cut(probabilities)
            size = chunks * CHUNK_SAMPLES
            yield Window(at, samples[:size], probabilities[:chunks])
            del buffer[: size * SAMPLE_BYTES]
            at += size
    if buffer:
        samples = np.frombuffer(bytes(buffer), "<i2")
        yield Window(at, samples, detector.detect(samples))


def find_cut(probabilities: Any) -> int:
    """Return after how many chunks to cut: in the middle of a silence, late rather than early."""
    count = len(probabilities)
    for earliest in (PREFERRED_WINDOW_SECONDS, MIN_WINDOW_SECONDS):
        first = round(earliest / CHUNK_SECONDS)
        silences = [(a, b) for a, b in _find_silences(probabilities[first:]) if (b - a) * CHUNK_SECONDS >= MIN_SILENCE]
        if silences:
            long = [(a, b) for a, b in silences if (b - a) * CHUNK_SECONDS >= LONG_SILENCE]
            begin, end = long[-1] if long else max(silences, key=lambda silence: silence[1] - silence[0])
            return min(first + (begin + end + 1) // 2, count)
    first = round(MIN_WINDOW_SECONDS / CHUNK_SECONDS)
    return first + int(probabilities[first:].argmin())


def _find_silences(probabilities: Any) -> list[tuple[int, int]]:
    """Return the first chunk of each silence and the one after its last."""
    found: list[tuple[int, int]] = []
    begun: int | None = None
    for index, silent in enumerate((*(probabilities < SILENCE_PROBABILITY).tolist(), False)):
        if silent and begun is None:
            begun = index
        elif not silent and begun is not None:
            found.append((begun, index))
            begun = None
    return found


def _find_speech(probabilities: Any) -> list[tuple[int, int]]:
    """Return the first chunk of each span of speech and the one after its last."""
    found: list[tuple[int, int]] = []
    begun: int | None = None
    quiet: int | None = None  # where the silence began that may end the span
    after = [0.0] * (round(MIN_SILENCE / CHUNK_SECONDS) + 2)  # silence that ends speech at the end of the window
    for index, value in enumerate((*probabilities.tolist(), *after)):
        if value >= SPEECH_PROBABILITY:
            begun, quiet = index if begun is None else begun, None
        elif begun is not None and value < SILENCE_PROBABILITY:
            quiet = index if quiet is None else quiet
            if (index - quiet) * CHUNK_SECONDS >= MIN_SILENCE:
                if (quiet - begun) * CHUNK_SECONDS >= MIN_SPEECH:
                    found.append((begun, min(quiet, len(probabilities))))
                begun = quiet = None
    return found
