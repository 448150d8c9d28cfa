"""The sheet and the draft: small, and of the same frames as the video."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from pressrun.media.caption_pictures import lettering
from pressrun.media.captions import cues_of
from pressrun.media.cards import Look
from pressrun.media.frames import Scenes
from pressrun.media.preview import Tile, contact_sheet, draft_shape, make_draft, tiles_of
from pressrun.media.probe import probe
from pressrun.media.resolution import Shape
from pressrun.media.sound import Sound
from pressrun.media.timeline import card_times
from pressrun.model.script import Passage

RED, BLUE = (200, 30, 30), (30, 30, 200)


@pytest.fixture
def scenes(look: Look, passage_of: Callable[..., Passage]) -> Scenes:
    passages = [passage_of("He counts every nail."), passage_of("Then he rests.", start=2.5)]
    letters = lettering(look)
    cues = cues_of(passages, letters.measure, letters.line_width)
    cards = [lambda colour=colour: Image.new("RGB", (320, 180), colour) for colour in (RED, BLUE)]
    return Scenes(look.shape, cards, card_times(passages, 4.5), cues, letters, 4.5, 10)


@pytest.mark.parametrize(
    ("shape", "draft"),
    [
        (Shape(1920, 1080), Shape(854, 480)), (Shape(1080, 1920), Shape(480, 854)), (Shape(320, 180), Shape(320, 180)),
        (Shape(3840, 2160), Shape(854, 480)), (Shape(1080, 1080), Shape(480, 480)),
    ],
)
def test_the_draft_has_480_lines_and_the_proportions_of_the_video(shape: Shape, draft: Shape) -> None:
    assert draft_shape(shape) == draft


def test_every_card_has_a_tile_where_a_caption_stands(scenes: Scenes) -> None:
    tiles = tiles_of(scenes, ["One", "Two"])
    assert [tile.label for tile in tiles] == ["0:00  One", "0:01  Two"]
    for tile, cue in zip(tiles, scenes.cues, strict=True):
        assert cue.start <= tile.frame / scenes.fps <= cue.end


def test_a_card_without_a_caption_has_a_tile_of_its_middle(scenes: Scenes) -> None:
    bare = tiles_of(replace(scenes, cues=[]), [])
    for tile, time in zip(bare, scenes.times, strict=True):
        assert time.start < tile.frame / scenes.fps < time.end
    assert bare[0].label == "0:00"


def test_the_draft_is_whole_and_its_frames_are_those_of_the_sheet(
    tmp_path: Path, scenes: Scenes, tone: Callable[..., Sound]
) -> None:
    reached: list[int] = []
    tiles = tiles_of(scenes, ["One", "Two"])
    pictures = make_draft(tmp_path / "draft.mp4", scenes, tone(4.5), tiles, reached.append)
    found = probe(tmp_path / "draft.mp4")
    assert (found.width, found.height, found.frames, found.audio_codec) == (320, 180, 45, "aac")
    assert reached[-1] == 45
    for picture, colour in zip(pictures, (RED, BLUE), strict=True):
        assert picture.getpixel((160, 20)) == pytest.approx(colour, abs=6)
    assert [path.name for path in tmp_path.iterdir()] == ["draft.mp4"]


def test_a_draft_that_fails_leaves_nothing(tmp_path: Path, scenes: Scenes, tone: Callable[..., Sound]) -> None:
    def broken() -> Image.Image:
        raise ValueError("no picture")

    with pytest.raises(ValueError, match="no picture"):
        make_draft(tmp_path / "draft.mp4", replace(scenes, cards=[broken, broken]), tone(4.5), [])
    assert not list(tmp_path.iterdir())


def test_the_sheet_has_rows_for_wide_and_tall_pictures_inside_its_edges(look: Look) -> None:
    wide = [Image.new("RGB", (854, 480), RED)] * 4
    tall = [Image.new("RGB", (480, 854), BLUE)] * 2
    label = "1:02  A heading that is far too long to stand below a picture of this width on one line"
    sheet = contact_sheet(look, [(wide, [Tile(0, label)] * 4), ([], []), (tall, [Tile(0, "Short")] * 2)])
    assert sheet.size == (1520, 20 + 2 * (270 + 60) + 480 + 60)
    assert sheet.getpixel((30, 30)) == RED
    assert sheet.getpixel((1030, 30)) == RED
    assert sheet.getpixel((30, 20 + 2 * 330 + 10)) == BLUE
    edge = sheet.crop((1500, 0, 1520, sheet.height)).getcolors()
    assert edge is not None
    assert len(edge) == 1
