"""The user's pictures are spread over the film, the short shows several, and clips play."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from pressrun.errors import RenderError
from pressrun.media.backgrounds import CardSlot, make_clip_background
from pressrun.media.clips import Footage
from pressrun.media.film import make_short_film, make_video_film, save_thumbnail, spread
from pressrun.media.look import Look
from pressrun.media.pictures import Gallery
from pressrun.model.script import Narration, Passage, Scene, Script

TEXT = "One two three four five six seven eight nine ten. "


@pytest.fixture
def script() -> Script:
    scenes = tuple(Scene(f"Heading {number}", TEXT) for number in range(3))
    return Script("Walden", "Walden", "Thoreau", "en", "ltr", TEXT, scenes, TEXT, "", (), TEXT, 20.0)


@pytest.fixture
def narration(passage_of: Callable[..., Passage]) -> Narration:
    passages = tuple(passage_of(TEXT, number * 4.0) for number in range(5))
    return Narration("en", "ltr", 20.0, "voice", passages)


def save_pictures(folder: Path, *colours: str) -> tuple[Path, ...]:
    """Save a plain picture of each colour."""
    for colour in colours:
        Image.new("RGB", (320, 180), colour).save(folder / f"{colour}.png")
    return tuple(folder / f"{colour}.png" for colour in colours)


def test_few_pictures_are_spread_and_surplus_ones_are_not_used() -> None:
    files = [Path(str(number)) for number in range(4)]
    assert spread(files[:2], 6) == [files[0], None, None, files[1], None, None]
    assert spread(files, 2) == files[:2]
    assert spread([], 3) == [None] * 3


def test_the_users_pictures_are_shown_in_their_order(
    script: Script, narration: Narration, look: Look, tmp_path: Path
) -> None:
    gallery = Gallery(save_pictures(tmp_path, "red", "lime", "blue", "black"))
    shots = [card() for card in make_video_film(script, narration, look, 10, gallery).cards]
    assert len(shots) == 5
    corners = [np.asarray(shot.picture).astype(int)[3, 300] for shot in shots]
    assert [int(corner.argmax()) for corner in corners[:3]] == [0, 1, 2]
    assert corners[3].max() < 40


@pytest.mark.parametrize("size", [(8000, 20), (20, 8000)])
def test_a_strip_is_drawn_on_every_card(
    script: Script, narration: Narration, look: Look, tmp_path: Path, size: tuple[int, int]
) -> None:
    path = tmp_path / "strip.png"
    Image.new("RGB", size, "red").save(path)
    shots = [card() for card in make_video_film(script, narration, look, 10, Gallery((path,) * 3)).cards]
    assert all(np.asarray(shot.picture)[:, :, 0].max() > 150 for shot in shots[:3])
    save_thumbnail(tmp_path / "thumbnail.jpg", script, look, Gallery((path,)))


def test_a_picture_that_breaks_before_it_is_drawn_is_reported_by_name(
    script: Script, narration: Narration, look: Look, tmp_path: Path
) -> None:
    (tmp_path / "gone.jpg").write_bytes(b"not a picture")
    film = make_video_film(script, narration, look, 10, Gallery((tmp_path / "gone.jpg",)))
    with pytest.raises(RenderError, match=r"gone\.jpg"):
        film.cards[0]()


def test_the_short_changes_its_picture_between_sentences(
    script: Script, look: Look, passage_of: Callable[..., Passage]
) -> None:
    passage = passage_of(TEXT * 7)
    narration = Narration("en", "ltr", passage.end + 0.5, "voice", (passage,))
    film = make_short_film(script, narration, look, 10)
    assert len(film.cards) == len(film.times) > 2
    pauses = [(a.end, b.start) for a, b in pairwise(passage.words) if a.text == "ten."]
    for time in film.times[1:]:
        assert any(end <= time.start and time.faded <= start for end, start in pauses)
    pictures = {card().picture.tobytes() for card in film.cards}
    assert len(pictures) == len(film.cards)


def test_a_clip_plays_behind_its_scene_and_starts_again(
    script: Script, narration: Narration, look: Look, tmp_path: Path
) -> None:
    path = tmp_path / "moving.mp4"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=5)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for number in range(10):
            frame = np.full((90, 160, 3), 20 + 20 * number, np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        file.mux(stream.encode())
    assert make_video_film(script, narration, look, 10, Gallery((path,))).cards[0]().clip is not None
    background = make_clip_background(look, CardSlot(0, 0.0, 4.0), Footage(path))
    assert background.clip is not None
    early, late, again = (np.asarray(background.clip(time)).mean() for time in (0.1, 1.5, 2.1))
    assert early + 60 < late
    assert again == pytest.approx(early, abs=3)
    assert background.clip(0.0).size == background.picture.size == (320, 180)


def test_the_thumbnail_shows_the_first_picture(script: Script, look: Look, tmp_path: Path) -> None:
    save_thumbnail(tmp_path / "thumbnail.jpg", script, look, Gallery(save_pictures(tmp_path, "red", "lime")))
    with Image.open(tmp_path / "thumbnail.jpg") as picture:
        red, green, _ = picture.getpixel((1270, 20))  # type: ignore[misc]
        assert red > green + 60
