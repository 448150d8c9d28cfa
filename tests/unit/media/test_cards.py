"""Cards of every style in every shape: text inside its margins and readable, captions left their room."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pressrun.media import cards
from pressrun.media.cards import Look, SceneText, make_look
from pressrun.media.covers import cover_of
from pressrun.media.fonts import Fonts
from pressrun.media.grounds import Ground, Slot, drawn_ground, photo_ground
from pressrun.media.look import CONTENT, TALL_PANEL
from pressrun.media.palette import contrast
from pressrun.media.resolution import Shape
from pressrun.media.shot import Shot
from pressrun.media.style import STYLES, style_named

LONG = "The Life and Strange Adventures of a Sailor, of York: who lived eight and twenty years all alone " * 3
TITLES = ["Walden", LONG[:300], 'He said "50%" of C:\\temp & <b>{x}</b> \U0001f642', "كليلة ودمنة", "W" * 120]
WIDE, TALL, TINY = Shape(640, 360), Shape(360, 640), Shape(320, 180)
HEADINGS = tuple(f"Heading number {n}, which is long enough for a line" for n in range(1, 10))


def look_of(fonts: Fonts, style: str, title: str = "Walden", shape: Shape = WIDE) -> Look:
    return make_look(shape, style_named(style), fonts, title, title[0] > "\u0590")


def slot(number: int = 1, seconds: float = 10.0) -> Slot:
    return Slot(number, number / 10, seconds)


def bare(ground: Ground) -> Ground:
    """Without its panels, so that an overlay has the text alone."""
    return replace(ground, panel=None, frame=())


def ink_box(shot: Shot) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the text."""
    (overlay,) = shot.overlays
    inked = overlay.image.getchannel("A").point(lambda alpha: 255 * (alpha > 40))
    left, top, right, bottom = inked.getbbox() or (0, 0, 0, 0)
    return overlay.x + left, overlay.y + top, overlay.x + right, overlay.y + bottom


def all_cards(look: Look, title: str, photo: Image.Image) -> list[Shot]:
    text = SceneText(2, 9, LONG[:140], LONG[:118], f"{title} · An Author")
    drawn, pictured = bare(drawn_ground(look, slot())), bare(photo_ground(look, slot(), photo))
    return [
        cards.title_card(look, drawn, title, "An Author"), cards.title_card(look, pictured, title, "An Author"),
        cards.scene_card(look, drawn, text), cards.scene_card(look, pictured, text),
        cards.end_card(look, drawn, title, "An Author", HEADINGS), cards.short_card(look, drawn, title, "An Author"),
    ]


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """A bright picture with detail: the worst there is under white letters."""
    noise = np.random.default_rng(3).integers(150, 256, (45, 80, 3)).astype(np.uint8)
    return Image.fromarray(noise).resize((800, 450), Image.Resampling.BICUBIC)


@pytest.mark.parametrize("shape", [WIDE, TALL, TINY], ids=["wide", "tall", "tiny"])
@pytest.mark.parametrize("style", STYLES)
def test_text_of_every_kind_stays_inside_its_margins(
    fonts: Fonts, photo: Image.Image, style: str, shape: Shape
) -> None:
    for title in TITLES if shape is WIDE else TITLES[1:4:2]:
        look = look_of(fonts, style, title, shape)
        for shot in all_cards(look, title, photo):
            left, top, right, bottom = ink_box(shot)
            assert shape.px(60) <= left, (title, left)
            assert right <= shape.width - shape.px(60), (title, right)
            if shape.tall:
                assert shape.height * 0.11 <= top
                assert bottom <= shape.height * TALL_PANEL, (title, bottom)
            else:
                assert shape.px(CONTENT[0]) - 4 <= top
                assert bottom <= shape.px(CONTENT[1]) + 5, (title, bottom)


@pytest.mark.parametrize("style", STYLES)
def test_overlays_are_even_tight_and_inside_the_frame(fonts: Fonts, photo: Image.Image, style: str) -> None:
    for shape in (WIDE, TALL, TINY):
        look = look_of(fonts, style, shape=shape)
        for ground in (drawn_ground(look, slot()), photo_ground(look, slot(), photo)):
            shot = cards.title_card(look, ground, "Walden", "Henry David Thoreau")
            assert shot.picture.size == (shape.width, shape.height)
            assert shot.picture.mode == "RGB"
            for overlay in shot.overlays:
                numbers = (overlay.x, overlay.y, *overlay.image.size)
                assert all(number % 2 == 0 and number >= 0 for number in numbers), numbers
                assert overlay.x + overlay.image.width <= shape.width
                assert overlay.y + overlay.image.height <= shape.height


@pytest.mark.parametrize("style", STYLES)
def test_text_reads_over_any_picture(fonts: Fonts, photo: Image.Image, style: str) -> None:
    for shape in (WIDE, TALL):
        look = look_of(fonts, style, shape=shape)
        ground = photo_ground(look, slot(2, 0.0), photo)
        shot = cards.scene_card(look, ground, SceneText(2, 9, "Beans and independence", "", "Walden"))
        under = np.asarray(shot.picture).astype(float)
        if ground.panel is not None:
            assert contrast(ground.inks.text, ground.panel.colour) >= 4.5
            continue
        left, top, right, bottom = ink_box(shot)
        blocks = under[top:bottom, left:right]
        blocks = blocks[: blocks.shape[0] // 8 * 8, : blocks.shape[1] // 8 * 8]
        means = blocks.reshape(blocks.shape[0] // 8, 8, -1, 8, 3).mean(axis=(1, 3)).reshape(-1, 3)
        brightest = means[np.argsort(means.sum(axis=1))[-3:]].mean(axis=0)
        assert contrast(ground.inks.muted, tuple(int(each) for each in brightest)) >= 4.2  # type: ignore[arg-type]


@pytest.mark.parametrize("style", STYLES)
def test_no_two_scenes_and_no_two_books_look_the_same(fonts: Fonts, style: str) -> None:
    def pictures(title: str) -> list[bytes]:
        look = look_of(fonts, style, title, TINY)
        return [drawn_ground(look, slot(number)).picture.tobytes() for number in range(10)]

    seen = [picture for title in ("Walden", "Emma", "Dracula") for picture in pictures(title)]
    assert len(set(seen)) == len(seen)
    assert pictures("Walden") == seen[:10]


def test_a_right_to_left_book_has_its_text_at_the_right(fonts: Fonts) -> None:
    for style in ("modern", "minimal", "corporate"):
        look = look_of(fonts, style, "كليلة ودمنة")
        shot = cards.title_card(look, bare(drawn_ground(look, slot(0))), "كليلة ودمنة", "ابن المقفع")
        assert ink_box(shot)[2] >= look.shape.width - look.shape.px(150)


def test_a_heading_without_a_key_line_has_no_rule_below(fonts: Fonts) -> None:
    look = look_of(fonts, "corporate")
    with_line, without = (
        ink_box(cards.scene_card(look, bare(drawn_ground(look, slot())), SceneText(1, 5, "Heading", line, "Walden")))
        for line in ("A sentence of the narration.", "")
    )
    assert with_line[3] - with_line[1] > without[3] - without[1] + 10


def test_an_own_cover_is_shown_and_a_drawn_one_follows_the_book(fonts: Fonts, tmp_path: Path) -> None:
    path = tmp_path / "cover.png"
    Image.new("RGB", (200, 300), (1, 200, 2)).save(path)
    for style in STYLES:
        look = look_of(fonts, style)
        own = cover_of(look, "Walden", "Thoreau", path)
        drawn = cover_of(look, "Walden", "Thoreau", None)
        assert own.getpixel((50, 50)) == (1, 200, 2)
        assert drawn.height == round(drawn.width * 1.5)
        assert drawn.tobytes() == cover_of(look, "Walden", "Thoreau", None).tobytes()
        assert drawn.tobytes() != cover_of(look_of(fonts, style, "Emma"), "Walden", "Thoreau", None).tobytes()
        shown = np.asarray(drawn_ground(look, slot(0), own).picture).astype(int)
        assert (abs(shown - [1, 200, 2]).sum(axis=2) < 10).mean() > 0.03


@pytest.mark.parametrize("style", STYLES)
def test_the_thumbnail_reads_at_160_pixels(fonts: Fonts, photo: Image.Image, style: str) -> None:
    look = look_of(fonts, style, shape=Shape(1280, 720))
    for ground in (drawn_ground(look, Slot(0, 0.6, 0.0, 0.6)), photo_ground(look, Slot(0, 0.6, 0.0, 0.6), photo)):
        picture = cards.thumbnail_picture(look, ground, "Walden", "Henry David Thoreau")
        small = np.asarray(picture.resize((160, 90), Image.Resampling.LANCZOS)).astype(int)
        near = abs(small[:, :100] - np.array(ground.inks.text)).sum(axis=2) < 60
        rows = np.flatnonzero(near.any(axis=1))
        assert rows.max() - rows.min() >= 11
        assert near.sum() > 80
