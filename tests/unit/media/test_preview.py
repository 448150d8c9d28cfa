"""The contact sheet and the draft are small, and have the same frames as the video."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from tests.media_info import read_media_info

from pressrun.media.caption_pictures import make_caption_fonts
from pressrun.media.captions import cues_of
from pressrun.media.film import Film
from pressrun.media.geometry import Shape
from pressrun.media.look import Look
from pressrun.media.preview import Tile, choose_tiles, draft_shape, make_contact_sheet, make_draft
from pressrun.media.shots import Shot, card_times
from pressrun.media.sound import Sound
from pressrun.model.script import Passage

RED, BLUE = (200, 30, 30), (30, 30, 200)


@pytest.fixture
def film(look: Look, passage_of: Callable[..., Passage]) -> Film:
    """A red card and a blue card, each with a caption."""
    passages = [passage_of("He counts every nail."), passage_of("Then he rests.", start=2.5)]
    caption_fonts = make_caption_fonts(look)
    cues = cues_of(passages, caption_fonts.measure, caption_fonts.line_width)
    cards = [lambda colour=colour: Shot(Image.new("RGB", (320, 180), colour)) for colour in (RED, BLUE)]
    return Film(look.shape, cards, card_times(passages, 4.5), cues, caption_fonts, 4.5, 10)


@pytest.mark.parametrize(
    ("shape", "draft"),
    [
        (Shape(1920, 1080), Shape(854, 480)), (Shape(1080, 1920), Shape(480, 854)), (Shape(320, 180), Shape(320, 180)),
        (Shape(3840, 2160), Shape(854, 480)), (Shape(1080, 1080), Shape(480, 480)),
    ],
)
def test_the_draft_has_the_proportions_of_the_video_and_at_most_480_lines(shape: Shape, draft: Shape) -> None:
    assert draft_shape(shape) == draft


def test_every_card_has_a_tile_with_its_caption(film: Film) -> None:
    tiles = choose_tiles(film, ["One", "Two"])
    assert [tile.label for tile in tiles] == ["0:00  One", "0:01  Two"]
    for tile, cue in zip(tiles, film.cues, strict=True):
        assert cue.start <= tile.frame / film.fps <= cue.end


def test_a_card_without_a_caption_has_a_tile_from_its_middle(film: Film) -> None:
    middle_tiles = choose_tiles(replace(film, cues=[]), [])
    for tile, time in zip(middle_tiles, film.times, strict=True):
        assert time.start < tile.frame / film.fps < time.end
    assert middle_tiles[0].label == "0:00"


def test_the_draft_is_complete_and_the_sheet_shows_its_frames(
    tmp_path: Path, film: Film, tone: Callable[..., Sound]
) -> None:
    reported: list[int] = []
    tiles = choose_tiles(film, ["One", "Two"])
    pictures = make_draft(tmp_path / "draft.mp4", film, tone(4.5), tiles, reported.append)
    found = read_media_info(tmp_path / "draft.mp4")
    assert (found.width, found.height, found.frames, found.audio_codec) == (320, 180, 45, "aac")
    assert reported[-1] == 45
    for picture, colour in zip(pictures, (RED, BLUE), strict=True):
        assert picture.getpixel((160, 20)) == pytest.approx(colour, abs=6)
    assert [path.name for path in tmp_path.iterdir()] == ["draft.mp4"]


def test_a_failed_draft_leaves_no_files(tmp_path: Path, film: Film, tone: Callable[..., Sound]) -> None:
    def broken() -> Shot:
        raise ValueError("no picture")

    with pytest.raises(ValueError, match="no picture"):
        make_draft(tmp_path / "draft.mp4", replace(film, cards=[broken, broken]), tone(4.5), [])
    assert not list(tmp_path.iterdir())


def test_the_sheet_has_rows_of_wide_and_tall_pictures_inside_its_edges(look: Look) -> None:
    wide = [Image.new("RGB", (854, 480), RED)] * 4
    tall = [Image.new("RGB", (480, 854), BLUE)] * 2
    label = "1:02  A heading that is far too long to fit on one line below a picture of this width"
    sheet = make_contact_sheet(look, [(wide, [Tile(0, label)] * 4), ([], []), (tall, [Tile(0, "Short")] * 2)])
    assert sheet.size == (1520, 20 + 2 * (270 + 60) + 480 + 60)
    assert sheet.getpixel((30, 30)) == RED
    assert sheet.getpixel((1030, 30)) == RED
    assert sheet.getpixel((30, 20 + 2 * 330 + 10)) == BLUE
    edge = sheet.crop((1500, 0, 1520, sheet.height)).getcolors()
    assert edge is not None
    assert len(edge) == 1
