"""Captions as pictures: inside the frame, lit word by word, in the order of their script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from pressrun.media.caption_pictures import draw_cue, lettering, place_words
from pressrun.media.captions import cues_of
from pressrun.media.cards import Look, make_look
from pressrun.media.fonts import Fonts
from pressrun.media.look import CONTENT
from pressrun.media.palette import mixed
from pressrun.media.planes import Planes, planes_of
from pressrun.media.resolution import Shape
from pressrun.media.style import STYLES, style_named
from pressrun.model.script import Passage

SHAPES = [Shape(320, 180), Shape(1280, 720), Shape(1920, 1080), Shape(720, 720), Shape(180, 320), Shape(1080, 1920)]
TEXT = "He counted every nail, every seed and every extraordinarily uncharacteristic hour. A ZZZWWWWMMMMWWWWMMMM. Yes."


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_captions_stay_inside_the_frame_and_below_the_cards_text(
    look: Look, shape: Shape, passage_of: Callable[..., Passage]
) -> None:
    letters = lettering(replace(look, shape=shape))
    card = Image.new("RGB", (shape.width, shape.height), (30, 40, 60))
    for cue in cues_of([passage_of(TEXT)], letters.measure, letters.line_width):
        picture = draw_cue(card, cue, letters)
        for patch in (picture.band, *filter(None, picture.lit)):
            width, height = patch.size
            assert 0 <= patch.x < patch.x + width <= shape.width
            assert 0 <= patch.y < patch.y + height <= shape.height
            assert patch.x % 2 == patch.y % 2 == width % 2 == height % 2 == 0
        if not shape.tall and shape.width > shape.height:
            assert picture.band.y >= shape.px(CONTENT[1])
        left, right = letters.edges
        for place in place_words(cue, letters):
            assert left <= place.x < place.x + place.width <= right


def test_in_a_tall_frame_captions_avoid_what_a_phone_covers(look: Look, passage_of: Callable[..., Passage]) -> None:
    letters = lettering(replace(look, shape=Shape(1080, 1920)))
    cues = cues_of([passage_of(TEXT)], letters.measure, letters.line_width)
    for cue in cues:
        band = draw_cue(Image.new("RGB", (1080, 1920)), cue, letters).band
        assert band.y + band.size[1] < 1920 * 0.8
        assert band.x > 48
        assert band.x + band.size[0] <= 1080 - 192


def test_a_word_wider_than_a_line_is_set_smaller_and_alone(wide_look: Look, passage_of: Callable[..., Passage]) -> None:
    letters = lettering(wide_look)
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    cues = cues_of([passage_of(f"Yes, {word} exists.")], letters.measure, letters.line_width)
    (places,) = [place_words(cue, letters) for cue in cues if word in [each.text for each in cue.words]]
    (place,) = [place for place in places if place.text == word]
    assert place.width <= letters.line_width
    assert letters.font_for(word).size < letters.size == letters.font_for("exists").size


def test_lighting_a_word_changes_its_own_box_alone(wide_look: Look, passage_of: Callable[..., Passage]) -> None:
    letters = lettering(wide_look)
    cue = cues_of([passage_of("He counted every nail.")], letters.measure, letters.line_width)[0]
    picture = draw_cue(Image.new("RGB", (1280, 720), (20, 30, 40)), cue, letters)
    for patch, place in zip(picture.lit, place_words(cue, letters), strict=True):
        assert patch is not None
        width, height = patch.size
        plain = picture.band.part(patch.x, patch.y, width, height)
        changed = np.flatnonzero((plain.luma != patch.luma).any(axis=0)) + patch.x
        assert changed.size
        assert place.x - 10 <= changed.min()
        assert changed.max() <= place.x + place.width + 10


def test_arabic_runs_from_the_right_and_a_latin_name_in_it_from_the_left(
    fonts: Fonts, wide_look: Look, passage_of: Callable[..., Passage]
) -> None:
    letters = lettering(replace(wide_look, right_to_left=True))
    cue = cues_of([passage_of("كتاب Life in Woods القديم")], letters.measure, letters.line_width)[0]
    places = {place.text: place.x for place in place_words(cue, letters)}
    assert places["القديم"] < places["Life"] < places["in"] < places["Woods"] < places["كتاب"]


def test_arabic_letters_are_joined(wide_look: Look) -> None:
    letters = lettering(wide_look)
    joined = letters.measure("كتاب")
    apart = sum(letters.measure(each) for each in "كتاب")
    assert joined < apart * 0.95


def test_a_word_of_pictures_alone_takes_no_room(wide_look: Look, passage_of: Callable[..., Passage]) -> None:
    letters = lettering(wide_look)
    cue = cues_of([passage_of("Yes \U0001f642 no.")], letters.measure, letters.line_width)[0]
    picture = draw_cue(Image.new("RGB", (1280, 720)), cue, letters)
    assert [patch is None for patch in picture.lit] == [False, True, False]


@pytest.mark.parametrize("style", STYLES)
def test_in_a_tall_frame_captions_stand_below_text_ornament_and_cover(
    fonts: Fonts, style: str, passage_of: Callable[..., Passage]
) -> None:
    shape = Shape(1080, 1920)
    tall = make_look(shape, style_named(style), fonts, "Walden", False)
    letters, area = lettering(tall), tall.area(0)
    bands = [
        draw_cue(Image.new("RGB", (1080, 1920)), cue, letters).band
        for cue in cues_of([passage_of(TEXT)], letters.measure, letters.line_width)
    ]
    assert max(area.text.bottom, area.art.bottom, area.cover.bottom) <= min(band.y for band in bands)
    assert area.cover.height >= shape.height / 4


@pytest.mark.parametrize("style", STYLES)
def test_band_and_light_have_the_colours_of_the_style(
    fonts: Fonts, style: str, passage_of: Callable[..., Passage]
) -> None:
    look = make_look(Shape(1280, 720), style_named(style), fonts, "Walden", False)
    letters, kind = lettering(look), look.style.captions
    cue = cues_of([passage_of("He counted every nail.")], letters.measure, letters.line_width)[0]
    under = (120, 120, 120)
    picture = draw_cue(Image.new("RGB", (1280, 720), under), cue, letters)
    panel = mixed(under, getattr(look.palette, kind.panel), kind.opacity)
    first = picture.lit[0]
    assert first is not None
    # Above the letters, in the middle: the band without the light, and the light.
    assert luma_near(picture.band, 4) == pytest.approx(luma_of_colour(panel), abs=3)
    assert luma_near(first, first.size[1] // 5) == pytest.approx(
        luma_of_colour(getattr(look.palette, kind.lit)), abs=3
    )


def luma_near(planes: Planes, row: int) -> int:
    return int(np.median(planes.luma[row]))


def luma_of_colour(colour: tuple[int, int, int]) -> int:
    return int(planes_of(Image.new("RGB", (2, 2), colour)).luma[0, 0])
