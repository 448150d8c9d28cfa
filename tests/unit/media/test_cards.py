"""Cards: each book its own, text inside its margins, the band of the captions left free."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageChops

from pressrun.media import cards
from pressrun.media.backdrop import Scenery, backdrop
from pressrun.media.cards import CONTENT, Look, make_look
from pressrun.media.fonts import Fonts
from pressrun.media.resolution import Shape
from pressrun.media.style import MODERN, Palette

LONG = "The Life and Strange Adventures of a Sailor, of York: who lived eight and twenty years all alone " * 3
TITLES = ["Walden", LONG[:300], 'He said "50%" of C:\\temp & <b>{x}</b>', "كليلة ودمنة", "W" * 120]
SHAPE = Shape(640, 360)


def text_box(look: Look, picture: Image.Image, number: int, step: float) -> tuple[int, int, int, int]:
    """Where a card differs from its bare background."""
    _, art = look.columns()
    bare = backdrop(Scenery(look.shape, look.palette, look.motif, look.seed, art, step, number))
    box = ImageChops.difference(picture, bare).getbbox()
    assert box is not None
    return box


@pytest.mark.parametrize("title", TITLES)
def test_text_of_every_length_stays_inside_its_margins(fonts: Fonts, title: str) -> None:
    right_to_left = title[0] > "\u0590"
    look = make_look(SHAPE, MODERN, fonts, title, right_to_left)
    left, top, right, bottom = text_box(look, cards.title_card(look, title, "An Author"), 0, 0.0)
    text, _ = look.columns()
    assert text.left - 4 <= left
    assert right <= text.right + 4
    assert SHAPE.px(CONTENT[0]) - 4 <= top
    assert bottom <= SHAPE.px(CONTENT[1]) + 4
    if right_to_left:
        assert right > text.right - 8


def test_scene_and_end_cards_leave_the_captions_room(fonts: Fonts) -> None:
    look = make_look(SHAPE, MODERN, fonts, "Walden", False)
    scene = cards.scene_card(look, 2, 9, LONG[:140], LONG[:118], "Walden · Henry David Thoreau")
    assert text_box(look, scene, 2, 2 / 10)[3] <= SHAPE.px(CONTENT[1]) + 2
    headings = tuple(f"Heading number {n}, which is long enough" for n in range(9))
    end = cards.end_card(look, LONG[:300], "Author", headings)
    assert text_box(look, end, 10, 1.0)[3] <= SHAPE.px(CONTENT[1]) + 2


@pytest.mark.parametrize("motif", MODERN.motifs)
def test_every_ornament_draws_on_every_shape_and_moves_on(fonts: Fonts, motif: str) -> None:
    for shape in (Shape(320, 180), Shape(180, 320), Shape(240, 240)):
        look = replace(make_look(shape, MODERN, fonts, "Walden", False), motif=motif)
        _, art = look.columns()
        first, last = (
            backdrop(Scenery(shape, look.palette, motif, look.seed, art, step, number))
            for step, number in ((0.0, 0), (1.0, 6))
        )
        assert first.size == (shape.width, shape.height)
        assert ImageChops.difference(first, last).getbbox()


def test_a_book_looks_the_same_in_every_run_and_unlike_another(fonts: Fonts) -> None:
    def picture(title: str) -> bytes:
        return cards.title_card(make_look(Shape(320, 180), MODERN, fonts, title, False), "Same", "Same").tobytes()

    assert picture("Walden") == picture("Walden")
    assert picture("Walden") != picture("Emma")


@pytest.mark.parametrize("palette", MODERN.palettes)
def test_every_palette_has_contrast(palette: Palette) -> None:
    def luminance(colour: tuple[int, int, int]) -> float:
        # WCAG 2.2, relative luminance.
        channels = [each / 255 for each in colour]
        linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(first: tuple[int, int, int], second: tuple[int, int, int]) -> float:
        high, low = sorted((luminance(first), luminance(second)), reverse=True)
        return (high + 0.05) / (low + 0.05)

    assert contrast(palette.text, palette.glow) >= 4.5
    assert contrast(palette.muted, palette.glow) >= 3
    assert contrast(palette.on_accent, palette.accent) >= 7


def test_the_thumbnail_has_large_letters(fonts: Fonts) -> None:
    look = make_look(Shape(1280, 720), MODERN, fonts, "Walden", False)
    small = cards.thumbnail_picture(look, "Walden", "Henry David Thoreau").resize((160, 90))
    bright = np.asarray(small.convert("L"))[:, :100] > 200
    rows = np.flatnonzero(bright.any(axis=1))
    assert rows.max() - rows.min() >= 12
