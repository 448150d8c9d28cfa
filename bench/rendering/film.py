"""The film that is measured: scenes with photographs and drawn pictures, a voice with word times, music."""

from __future__ import annotations

import wave
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from bench.rendering.landscapes import landscape
from pressrun.media.film import Film, make_short_film, make_video_film
from pressrun.media.fonts import load_fonts
from pressrun.media.geometry import Shape
from pressrun.media.look import make_look
from pressrun.media.loudness import add_music
from pressrun.media.output import Output, parse_output
from pressrun.media.pictures import Gallery
from pressrun.media.shots import WHOLE, Shot
from pressrun.media.sound import Sound, read_wav
from pressrun.media.style_files import load_style
from pressrun.model.script import Narration, Passage, Scene, Script, Word
from pressrun.settings import ItemSettings, as_plain

FPS = 30
THREADS = 2
"""The number the render stage uses on two cores."""
SCENE_SECONDS = 9.0
PAUSE = 0.9
WORD = 0.36
"""Seconds of a word: 165 words a minute."""
VOICE_RATE = 22_050
PHOTOGRAPHS = 3
SENTENCE = (
    "The path along the shore was made by nobody and kept by everyone who walked there in the early morning, "
    "and those who came later found it good, though not one of them could say who had begun it."
)
HEADINGS = ("The path nobody made", "What the shore keeps", "Walking early", "Those who came later", "Begun by no one")


@dataclass(frozen=True)
class FilmSpec:
    """A film to render: its length in seconds, whether it is a vertical short, and whether its scenes stay still."""

    seconds: float
    tall: bool = False
    still: bool = False


def prepare(folder: Path, seconds: float) -> None:
    """Write the photographs, the music, and a voice long enough for `seconds`."""
    for number in range(PHOTOGRAPHS):
        landscape(number).save(folder / f"photograph-{number}.jpg", quality=95)
    rng = np.random.default_rng(1)
    time = np.arange(round((seconds + 1) * VOICE_RATE)) / VOICE_RATE
    syllables = np.clip(np.sin(2 * np.pi * time / WORD), 0, 1)
    voiced = sum(np.sin(2 * np.pi * 120 * harmonic * time) / harmonic for harmonic in range(1, 12))
    room = rng.standard_normal(len(time)) * 0.0005
    _write(folder / "voice.wav", syllables * (voiced * 0.12 + rng.standard_normal(len(time)) * 0.02) + room, VOICE_RATE)
    time = np.arange(24 * 44_100) / 44_100
    chord = sum(np.sin(2 * np.pi * tone * time) for tone in (220.0, 277.2, 329.6)) * (0.6 + 0.4 * np.sin(time * 1.3))
    _write(folder / "music.wav", chord * 0.15, 44_100)


def make_film(folder: Path, spec: FilmSpec) -> Film:
    shape = Shape(1080, 1920) if spec.tall else Shape(1920, 1080)
    script, narration = _make_script(spec)
    look = make_look(shape, load_style("modern"), load_fonts("", Path()), script.book_title, False)
    gallery = Gallery(tuple(folder / f"photograph-{number}.jpg" for number in range(PHOTOGRAPHS)))
    scenes = (make_short_film if spec.tall else make_video_film)(script, narration, look, FPS, gallery)
    if spec.still:
        scenes = replace(scenes, cards=[partial(_without_motion, card) for card in scenes.cards])
    return scenes


def load_sound(folder: Path, spec: FilmSpec) -> Sound:
    """Return the voice mixed with music."""
    voice = read_wav(folder / "voice.wav")
    voice = replace(voice, pcm=voice.pcm[:2 * round(spec.seconds * VOICE_RATE)])
    spoken = [(word.start, word.end) for passage in _make_script(spec)[1].passages for word in passage.words]
    return add_music(voice, folder / "music.wav", spoken)


def default_output() -> Output:
    """Return the output of the default settings."""
    return parse_output(as_plain(ItemSettings()))


def _make_script(spec: FilmSpec) -> tuple[Script, Narration]:
    count = 1 if spec.tall else max(round(spec.seconds / SCENE_SECONDS), 3)
    length = spec.seconds / count
    passages = tuple(_passage(number, number * length, length) for number in range(count))
    headings = [HEADINGS[number % len(HEADINGS)] for number in range(max(count - 2, 1))]
    texts = [passage.text for passage in passages]
    scenes = tuple(Scene(heading, text) for heading, text in zip(headings, texts[1:] or texts, strict=False))
    script = Script(
        title="The path along the shore", book_title="The Path along the Shore", author="A. Walker", language="en",
        direction="ltr", hook=texts[0], scenes=scenes, close=texts[-1], description="", tags=(), short=texts[0],
        target_seconds=spec.seconds,
    )
    return script, Narration("en", "ltr", spec.seconds, "voice", passages)


def _passage(number: int, start: float, length: float) -> Passage:
    words: list[Word] = []
    spoken = SENTENCE.split()
    at = start + PAUSE / 2
    while at + WORD < start + length - PAUSE / 2:
        text = spoken[(len(words) + number) % len(spoken)]
        words.append(Word(text, round(at, 3), round(at + WORD * 0.9, 3)))
        at += WORD
    return Passage("", " ".join(word.text for word in words), start, start + length, tuple(words))


def _without_motion(card: object) -> Shot:
    shot: Shot = card()  # type: ignore[operator]
    return replace(shot, start=WHOLE, end=WHOLE)


def _write(path: Path, samples: np.ndarray, rate: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples.clip(-1, 1) * 32767).astype("<i2").tobytes())
