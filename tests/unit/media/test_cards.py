"""Cards of every style and shape have readable text inside its margins, and space for the captions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pressrun.media import cards
from pressrun.media.backgrounds import Background, CardSlot, make_drawn_background, make_photo_background
from pressrun.media.cards import SceneText
from pressrun.media.covers import make_cover
from pressrun.media.fonts import Fonts
from pressrun.media.geometry import Shape
from pressrun.media.look import TALL_PANEL_BOTTOM, TEXT_SPAN, Look, make_look
from pressrun.media.palette import contrast
from pressrun.media.shots import Shot
from pressrun.media.style import STYLES
from pressrun.media.style_files import load_style

LONG = "The Life and Strange Adventures of a Sailor, of York: who lived eight and twenty years all alone " * 3
TITLES = ["Walden", LONG[:300], 'He said "50%" of C:\\temp & <b>{x}</b> \U0001f642', "كليلة ودمنة", "W" * 120]
WIDE, TALL, TINY = Shape(640, 360), Shape(360, 640), Shape(320, 180)
HEADINGS = tuple(f"Heading number {n}, which is long enough for a line" for n in range(1, 10))


def look_of(fonts: Fonts, style: str, title: str = "Walden", shape: Shape = WIDE) -> Look:
    return make_look(shape, load_style(style), fonts, title, title[0] > "\u0590")


def slot(number: int = 1, seconds: float = 10.0) -> CardSlot:
    return CardSlot(number, number / 10, seconds)


def without_panels(background: Background) -> Background:
    """Return the background without panels, so that its overlay contains only text."""
    return replace(background, panel=None, frame=())


def text_box(shot: Shot) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of the text."""
    (overlay,) = shot.overlays
    inked = overlay.image.getchannel("A").point(lambda alpha: 255 * (alpha > 40))
    left, top, right, bottom = inked.getbbox() or (0, 0, 0, 0)
    return overlay.x + left, overlay.y + top, overlay.x + right, overlay.y + bottom


def all_cards(look: Look, title: str, photo: Image.Image) -> list[Shot]:
    text = SceneText(2, 9, LONG[:140], LONG[:118], f"{title} · An Author")
    drawn = without_panels(make_drawn_background(look, slot()))
    pictured = without_panels(make_photo_background(look, slot(), photo))
    return [
        cards.draw_title_card(look, drawn, title, "An Author"),
        cards.draw_title_card(look, pictured, title, "An Author"),
        cards.draw_scene_card(look, drawn, text),
        cards.draw_scene_card(look, pictured, text),
        cards.draw_end_card(look, drawn, title, "An Author", HEADINGS),
        cards.draw_short_card(look, drawn, title, "An Author"),
    ]


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """A bright picture with detail: the worst background for white letters."""
    noise = np.random.default_rng(3).integers(150, 256, (45, 80, 3)).astype(np.uint8)
    return Image.fromarray(noise).resize((800, 450), Image.Resampling.BICUBIC)


@pytest.mark.parametrize("shape", [WIDE, TALL, TINY], ids=["wide", "tall", "tiny"])
@pytest.mark.parametrize("style", STYLES)
def test_any_text_stays_inside_its_margins(
    fonts: Fonts, photo: Image.Image, style: str, shape: Shape
) -> None:
    for title in TITLES if shape is WIDE else TITLES[1:4:2]:
        look = look_of(fonts, style, title, shape)
        for shot in all_cards(look, title, photo):
            left, top, right, bottom = text_box(shot)
            assert shape.px(60) <= left, (title, left)
            assert right <= shape.width - shape.px(60), (title, right)
            if shape.tall:
                assert shape.height * 0.11 <= top
                assert bottom <= shape.height * TALL_PANEL_BOTTOM, (title, bottom)
            else:
                assert shape.px(TEXT_SPAN[0]) - 4 <= top
                assert bottom <= shape.px(TEXT_SPAN[1]) + 5, (title, bottom)


@pytest.mark.parametrize("style", STYLES)
def test_overlays_have_even_positions_inside_the_frame(fonts: Fonts, photo: Image.Image, style: str) -> None:
    for shape in (WIDE, TALL, TINY):
        look = look_of(fonts, style, shape=shape)
        for background in (make_drawn_background(look, slot()), make_photo_background(look, slot(), photo)):
            shot = cards.draw_title_card(look, background, "Walden", "Henry David Thoreau")
            assert shot.picture.size == (shape.width, shape.height)
            assert shot.picture.mode == "RGB"
            for overlay in shot.overlays:
                numbers = (overlay.x, overlay.y, *overlay.image.size)
                assert all(number % 2 == 0 and number >= 0 for number in numbers), numbers
                assert overlay.x + overlay.image.width <= shape.width
                assert overlay.y + overlay.image.height <= shape.height


@pytest.mark.parametrize("style", STYLES)
def test_text_is_readable_over_a_bright_picture(fonts: Fonts, photo: Image.Image, style: str) -> None:
    for shape in (WIDE, TALL):
        look = look_of(fonts, style, shape=shape)
        background = make_photo_background(look, slot(2, 0.0), photo)
        shot = cards.draw_scene_card(look, background, SceneText(2, 9, "Beans and independence", "", "Walden"))
        under = np.asarray(shot.picture).astype(float)
        if background.panel is not None:
            assert contrast(background.inks.text, background.panel.colour) >= 4.5
            continue
        left, top, right, bottom = text_box(shot)
        blocks = under[top:bottom, left:right]
        blocks = blocks[: blocks.shape[0] // 8 * 8, : blocks.shape[1] // 8 * 8]
        means = blocks.reshape(blocks.shape[0] // 8, 8, -1, 8, 3).mean(axis=(1, 3)).reshape(-1, 3)
        brightest = means[np.argsort(means.sum(axis=1))[-3:]].mean(axis=0)
        assert contrast(background.inks.muted, tuple(int(each) for each in brightest)) >= 4.2  # type: ignore[arg-type]


@pytest.mark.parametrize("style", STYLES)
def test_every_scene_and_every_book_looks_different(fonts: Fonts, style: str) -> None:
    def pictures(title: str) -> list[bytes]:
        look = look_of(fonts, style, title, TINY)
        return [make_drawn_background(look, slot(number)).picture.tobytes() for number in range(10)]

    seen = [picture for title in ("Walden", "Emma", "Dracula") for picture in pictures(title)]
    assert len(set(seen)) == len(seen)
    assert pictures("Walden") == seen[:10]


def test_a_right_to_left_book_has_its_text_on_the_right(fonts: Fonts) -> None:
    for style in ("modern", "minimal", "corporate"):
        look = look_of(fonts, style, "كليلة ودمنة")
        background = without_panels(make_drawn_background(look, slot(0)))
        shot = cards.draw_title_card(look, background, "كليلة ودمنة", "ابن المقفع")
        assert text_box(shot)[2] >= look.shape.width - look.shape.px(150)


def test_a_heading_without_a_key_line_has_no_rule_below(fonts: Fonts) -> None:
    look = look_of(fonts, "corporate")
    background = without_panels(make_drawn_background(look, slot()))
    with_line, without = (
        text_box(cards.draw_scene_card(look, background, SceneText(1, 5, "Heading", line, "Walden")))
        for line in ("A sentence of the narration.", "")
    )
    assert with_line[3] - with_line[1] > without[3] - without[1] + 10


def test_an_own_cover_is_shown_and_a_drawn_one_depends_on_the_book(fonts: Fonts, tmp_path: Path) -> None:
    path = tmp_path / "cover.png"
    Image.new("RGB", (200, 300), (1, 200, 2)).save(path)
    for style in STYLES:
        look = look_of(fonts, style)
        own = make_cover(look, "Walden", "Thoreau", path)
        drawn = make_cover(look, "Walden", "Thoreau", None)
        assert own.getpixel((50, 50)) == (1, 200, 2)
        assert drawn.height == round(drawn.width * 1.5)
        assert drawn.tobytes() == make_cover(look, "Walden", "Thoreau", None).tobytes()
        assert drawn.tobytes() != make_cover(look_of(fonts, style, "Emma"), "Walden", "Thoreau", None).tobytes()
        shown = np.asarray(make_drawn_background(look, slot(0), own).picture).astype(int)
        assert (abs(shown - [1, 200, 2]).sum(axis=2) < 10).mean() > 0.03


@pytest.mark.parametrize("style", STYLES)
def test_the_thumbnail_is_readable_at_160_pixels(fonts: Fonts, photo: Image.Image, style: str) -> None:
    look = look_of(fonts, style, shape=Shape(1280, 720))
    slot = CardSlot(0, 0.6, 0.0, 0.6)
    for background in (make_drawn_background(look, slot), make_photo_background(look, slot, photo)):
        picture = cards.draw_thumbnail(look, background, "Walden", "Henry David Thoreau")
        small = np.asarray(picture.resize((160, 90), Image.Resampling.LANCZOS)).astype(int)
        near = abs(small[:, :100] - np.array(background.inks.text)).sum(axis=2) < 60
        rows = np.flatnonzero(near.any(axis=1))
        assert rows.max() - rows.min() >= 11
        assert near.sum() > 80
