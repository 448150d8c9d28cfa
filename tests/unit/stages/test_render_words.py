"""In the finished film each word is highlighted while the voice speaks it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from pressrun.media.caption_pictures import WordPlace, make_caption_fonts, place_words
from pressrun.media.captions import Cue, cues_of
from pressrun.media.film import make_short_film
from pressrun.media.look import Look
from pressrun.media.output import parse_resolution
from pressrun.model.book import Book
from pressrun.model.script import Narration, Scene, Script, Word
from pressrun.stages import render, tts
from pressrun.stages.work import Declared, Work

EXACT = 0.1
"""Seconds by which the highlight may be early or late."""
STAYS = 0.3
"""Seconds of silence between two words during which the highlight may stay on the first."""
FPS = 25
SETTINGS = {
    "resolution": "640x360", "fps": FPS, "style": "modern", "font_dir": "", "speech_rate": 200, "format": "mp4",
    "video_codec": "auto", "audio_codec": "auto", "quality": "standard", "music": "", "scene_pause": 0.6,
    "short_seconds": 45.0,
}
SCRIPT = Script(
    title="A small house", book_title="Walden", author="Thoreau", language="en", direction="ltr",
    hook="A man builds a house.", scenes=(Scene("Nails", "He counts every nail, and then he rests."),),
    close="Read it slowly.", description="", tags=(), short="A small house by a quiet pond. Nobody comes.",
    target_seconds=20.0,
)


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that is also the run folder, with a voice and with pictures that will move."""
    folder = tmp_path_factory.mktemp("run")
    work = work_in(folder)
    work.save("script.json", SCRIPT)
    tts.run(work)
    pictures = folder / "images" / "Walden"
    pictures.mkdir(parents=True)
    # Light and grey: no style lights a word like that.
    noise = np.random.default_rng(3).integers(170, 256, (9, 12), np.uint8)
    for name, size in (("1.jpg", (900, 640)), ("2.jpg", (1000, 560))):
        Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC).save(pictures / name)
    return folder


def work_in(folder: Path, **changed: Any) -> Work:
    settings = Declared(SETTINGS | changed, "render", "setting")
    return Work(
        folder, folder, Book("Walden"), "render", "m", settings, Declared({"voice": "espeak", "cover": "drawn"}, "", "")
    )


@pytest.mark.parametrize("style", ["modern", "classic"])
def test_each_word_of_the_video_is_highlighted_while_it_is_spoken(spoken: Path, style: str) -> None:
    work = work_in(spoken, style=style)
    render.run(work)
    look = render.load_look(work, SCRIPT, parse_resolution("640x360"))
    assert_highlighted_in_time(spoken / "video.mp4", work.load("words.json", Narration), look)


def test_each_word_of_the_short_is_highlighted_while_it_is_spoken(spoken: Path) -> None:
    work, narration = work_in(spoken, style="minimal"), work_in(spoken).load("short_words.json", Narration)
    look = render.load_look(work, SCRIPT, parse_resolution("640x360").short_shape)
    film = make_short_film(SCRIPT, narration, look, FPS, render.load_gallery(work, SCRIPT))
    render.write_film(work, "short.mp4", film, render.load_sound(work, "short_voice.wav", narration))
    assert_highlighted_in_time(spoken / "short.mp4", narration, look)


def assert_highlighted_in_time(film: Path, narration: Narration, look: Look) -> None:
    letters = make_caption_fonts(look)
    cues = cues_of(narration.passages, letters.measure, letters.line_width)
    words = [(cue, place) for cue in cues for place in place_words(cue, letters)]
    lit = highlight_times(film, words, look)
    events = [word for cue in cues for word in cue.words]
    assert len(lit) == len(events) == sum(len(passage.words) for passage in narration.passages)
    for number, (word, times) in enumerate(zip(events, lit, strict=True)):
        assert times, f"{word.text} is never highlighted"
        assert abs(times[0] - word.start) <= EXACT, f"{word.text} lit at {times[0]:.2f}, spoken at {word.start:.2f}"
        assert word.end - EXACT <= times[-1] + 1 / FPS <= highlight_end(events, number) + EXACT, word.text
        assert len(times) == round((times[-1] - times[0]) * FPS) + 1, f"the highlight of {word.text} is interrupted"


def highlight_end(events: list[Word], number: int) -> float:
    """Return the latest time for the highlight of a word: the start of the next word if that is soon."""
    end = events[number].end
    following = events[number + 1].start if number + 1 < len(events) else end
    return max(end, following) if following - end <= STAYS else end


def highlight_times(film: Path, words: list[tuple[Cue, WordPlace]], look: Look) -> list[list[float]]:
    """Return for each word the times, in seconds, of the frames in which it is highlighted."""
    colour = np.array(getattr(look.palette, look.style.captions.lit), int)
    times: list[list[float]] = [[] for _ in words]
    for shown, picture in iter_frames(film):
        for (cue, place), found in zip(words, times, strict=True):
            # At other times its box belongs to other words; where those are lit too early or too late, they say so.
            if cue.start <= shown + 0.5 / FPS < cue.end and share_of_colour(picture, place, look, colour) > 0.3:
                found.append(shown)
    return times


def share_of_colour(picture: Any, place: WordPlace, look: Look, colour: Any) -> float:
    """Return the share of the box of a word that has a colour."""
    size = make_caption_fonts(look).size
    top, bottom = round(place.baseline - size * 0.8), round(place.baseline + size * 0.2)
    box = picture[top:bottom, round(place.x):round(place.x + place.width)].astype(int)
    return float((np.abs(box - colour).max(axis=2) < 60).mean())


def iter_frames(film: Path) -> Iterator[tuple[float, Any]]:
    """Yield (time in seconds, RGB) of the frames, as a player shows them."""
    with av.open(str(film)) as file:
        stream = file.streams.video[0]
        for frame in file.decode(stream):
            picture = frame.reformat(format="rgb24", src_colorspace="ITU709").to_ndarray()
            yield float(frame.pts * stream.time_base), picture
