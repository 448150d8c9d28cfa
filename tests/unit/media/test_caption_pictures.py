"""Captions are inside the frame, highlight one word at a time, and follow the direction of their script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from pressrun.media.caption_pictures import draw_cue, make_caption_fonts, place_words
from pressrun.media.captions import cues_of
from pressrun.media.fonts import Fonts
from pressrun.media.geometry import Shape
from pressrun.media.look import TEXT_SPAN, Look, make_look
from pressrun.media.palette import mix
from pressrun.media.planes import Planes, planes_of
from pressrun.media.style import STYLES
from pressrun.media.style_files import load_style
from pressrun.model.script import Passage

SHAPES = [Shape(320, 180), Shape(1280, 720), Shape(1920, 1080), Shape(720, 720), Shape(180, 320), Shape(1080, 1920)]
TEXT = "He counted every nail, every seed and every extraordinarily uncharacteristic hour. A ZZZWWWWMMMMWWWWMMMM. Yes."


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_captions_stay_inside_the_frame_and_below_the_text_of_the_card(
    look: Look, shape: Shape, passage_of: Callable[..., Passage]
) -> None:
    caption_fonts = make_caption_fonts(replace(look, shape=shape))
    card = Image.new("RGB", (shape.width, shape.height), (30, 40, 60))
    for cue in cues_of([passage_of(TEXT)], caption_fonts.measure, caption_fonts.line_width):
        picture = draw_cue(card, cue, caption_fonts)
        for patch in (picture.band, *filter(None, picture.highlights)):
            width, height = patch.size
            assert 0 <= patch.x < patch.x + width <= shape.width
            assert 0 <= patch.y < patch.y + height <= shape.height
            assert patch.x % 2 == patch.y % 2 == width % 2 == height % 2 == 0
        if not shape.tall and shape.width > shape.height:
            assert picture.band.y >= shape.px(TEXT_SPAN[1])
        left, right = caption_fonts.edges
        for place in place_words(cue, caption_fonts):
            assert left <= place.x < place.x + place.width <= right


def test_in_a_tall_frame_captions_avoid_the_controls_of_phones(look: Look, passage_of: Callable[..., Passage]) -> None:
    caption_fonts = make_caption_fonts(replace(look, shape=Shape(1080, 1920)))
    cues = cues_of([passage_of(TEXT)], caption_fonts.measure, caption_fonts.line_width)
    for cue in cues:
        band = draw_cue(Image.new("RGB", (1080, 1920)), cue, caption_fonts).band
        assert band.y + band.size[1] < 1920 * 0.8
        assert band.x > 48
        assert band.x + band.size[0] <= 1080 - 192


def test_only_a_word_wider_than_a_line_is_smaller(large_look: Look, passage_of: Callable[..., Passage]) -> None:
    caption_fonts = make_caption_fonts(large_look)
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    cues = cues_of([passage_of(f"Yes, {word} exists.")], caption_fonts.measure, caption_fonts.line_width)
    (places,) = [place_words(cue, caption_fonts) for cue in cues if word in [each.text for each in cue.words]]
    (place,) = [place for place in places if place.text == word]
    assert place.width <= caption_fonts.line_width
    assert caption_fonts.font_for(word).size < caption_fonts.size == caption_fonts.font_for("exists").size


def test_a_highlight_changes_only_the_box_of_its_word(large_look: Look, passage_of: Callable[..., Passage]) -> None:
    caption_fonts = make_caption_fonts(large_look)
    cue = cues_of([passage_of("He counted every nail.")], caption_fonts.measure, caption_fonts.line_width)[0]
    picture = draw_cue(Image.new("RGB", (1280, 720), (20, 30, 40)), cue, caption_fonts)
    for patch, place in zip(picture.highlights, place_words(cue, caption_fonts), strict=True):
        assert patch is not None
        width, height = patch.size
        plain = picture.band.part(patch.x, patch.y, width, height)
        changed = np.flatnonzero((plain.luma != patch.luma).any(axis=0)) + patch.x
        assert changed.size
        assert place.x - 10 <= changed.min()
        assert changed.max() <= place.x + place.width + 10


def test_arabic_words_run_from_the_right_and_a_latin_name_among_them_from_the_left(
    fonts: Fonts, large_look: Look, passage_of: Callable[..., Passage]
) -> None:
    caption_fonts = make_caption_fonts(replace(large_look, right_to_left=True))
    cue = cues_of([passage_of("كتاب Life in Woods القديم")], caption_fonts.measure, caption_fonts.line_width)[0]
    places = {place.text: place.x for place in place_words(cue, caption_fonts)}
    assert places["القديم"] < places["Life"] < places["in"] < places["Woods"] < places["كتاب"]


def test_arabic_letters_are_joined(large_look: Look) -> None:
    caption_fonts = make_caption_fonts(large_look)
    joined = caption_fonts.measure("كتاب")
    apart = sum(caption_fonts.measure(each) for each in "كتاب")
    assert joined < apart * 0.95


def test_a_word_of_emoji_has_no_highlight(large_look: Look, passage_of: Callable[..., Passage]) -> None:
    caption_fonts = make_caption_fonts(large_look)
    cue = cues_of([passage_of("Yes \U0001f642 no.")], caption_fonts.measure, caption_fonts.line_width)[0]
    picture = draw_cue(Image.new("RGB", (1280, 720)), cue, caption_fonts)
    assert [patch is None for patch in picture.highlights] == [False, True, False]


@pytest.mark.parametrize("style", STYLES)
def test_in_a_tall_frame_captions_are_below_text_ornament_and_cover(
    fonts: Fonts, style: str, passage_of: Callable[..., Passage]
) -> None:
    shape = Shape(1080, 1920)
    tall = make_look(shape, load_style(style), fonts, "Walden", False)
    caption_fonts, area = make_caption_fonts(tall), tall.area(0)
    bands = [
        draw_cue(Image.new("RGB", (1080, 1920)), cue, caption_fonts).band
        for cue in cues_of([passage_of(TEXT)], caption_fonts.measure, caption_fonts.line_width)
    ]
    assert max(area.text.bottom, area.art.bottom) <= min(band.y for band in bands)
    assert area.art.height >= shape.height / 4


@pytest.mark.parametrize("style", STYLES)
def test_band_and_highlight_have_the_colours_of_the_style(
    fonts: Fonts, style: str, passage_of: Callable[..., Passage]
) -> None:
    look = make_look(Shape(1280, 720), load_style(style), fonts, "Walden", False)
    caption_fonts, style_captions = make_caption_fonts(look), look.style.captions
    cue = cues_of([passage_of("He counted every nail.")], caption_fonts.measure, caption_fonts.line_width)[0]
    under = (120, 120, 120)
    picture = draw_cue(Image.new("RGB", (1280, 720), under), cue, caption_fonts)
    panel = mix(under, getattr(look.palette, style_captions.panel), style_captions.opacity)
    first = picture.highlights[0]
    assert first is not None
    # Above the caption_fonts, in the middle: the band without the highlight, and the highlight.
    assert luma_near(picture.band, 4) == pytest.approx(luma_of_colour(panel), abs=3)
    assert luma_near(first, first.size[1] // 5) == pytest.approx(
        luma_of_colour(getattr(look.palette, style_captions.lit)), abs=3
    )


def luma_near(planes: Planes, row: int) -> int:
    return int(np.median(planes.luma[row]))


def luma_of_colour(colour: tuple[int, int, int]) -> int:
    return int(planes_of(Image.new("RGB", (2, 2), colour)).luma[0, 0])
