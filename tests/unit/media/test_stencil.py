"""A blended stencil looks as if it had been drawn on the picture."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from pressrun.media.planes import Planes, planes_of
from pressrun.media.shots import Overlay
from pressrun.media.stencil import stencils_of

SIZE = 120, 80


def make_background() -> Image.Image:
    noise = np.random.default_rng(3).integers(0, 255, (SIZE[1] // 4, SIZE[0] // 4, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize(SIZE, Image.Resampling.BICUBIC)


def make_overlay_image() -> Image.Image:
    image = Image.new("RGBA", (100, 60))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 39, 11), fill=(200, 40, 30, 255))
    draw.ellipse((50, 40, 90, 58), fill=(20, 90, 220, 120))
    return image


def writable_copy(planes: Planes) -> Planes:
    return Planes(planes.luma.copy(), planes.chroma.copy())


def test_a_stencil_gives_the_same_result_as_drawing_on_the_picture() -> None:
    picture = make_background()
    target = writable_copy(planes_of(picture))
    for stencil in stencils_of(Overlay(make_overlay_image(), 10, 8)):
        stencil.blend(target)
    picture.paste(make_overlay_image(), (10, 8), make_overlay_image())
    expected = planes_of(picture)
    for found, wanted in ((target.luma, expected.luma), (target.chroma, expected.chroma)):
        assert np.abs(found.astype(int) - wanted.astype(int)).max() <= 5
        assert np.abs(found.astype(int) - wanted.astype(int)).mean() < 0.3


def test_the_empty_space_between_two_marks_is_left_out() -> None:
    boxes = [(each.x, each.y, *each.size) for each in stencils_of(Overlay(make_overlay_image(), 10, 8))]
    assert boxes == [(10, 8, 40, 12), (60, 48, 42, 20)]


def test_an_empty_overlay_has_no_stencils() -> None:
    assert not stencils_of(Overlay(Image.new("RGBA", (10, 10)), 0, 0))


def test_a_patch_can_be_undone_without_a_trace() -> None:
    (plain,) = stencils_of(Overlay(Image.new("RGBA", (40, 20), (10, 20, 30, 160)), 0, 0))
    (word,) = stencils_of(Overlay(Image.new("RGBA", (8, 8), (255, 255, 255, 255)), 10, 4))
    shown = plain.part(0, 0, 40, 20)
    shown.patch(word)
    assert (shown.luma.weight != plain.luma.weight).any()
    shown.patch(plain.part(10, 4, 8, 8))
    for found, wanted in ((shown.luma, plain.luma), (shown.chroma, plain.chroma)):
        assert (found.weight == wanted.weight).all()
        assert (found.colour == wanted.colour).all()
