"""A pan is a window on a few copies of its picture, each a fraction of a pixel further."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from pressrun.media import panning
from pressrun.media.moving import Surface
from pressrun.media.panning import PannedPicture, is_pan
from pressrun.media.resolution import Shape
from pressrun.media.shot import WHOLE, View

SHAPE = Shape(320, 240)
LEFT, RIGHT = View(0.0, 0.1, 0.8, 0.8), View(0.2, 0.1, 0.8, 0.8)


@pytest.fixture(scope="module")
def picture() -> Image.Image:
    noise = np.random.default_rng(7).integers(0, 255, (300, 400, 3), dtype=np.uint8)
    return Image.fromarray(noise).filter(ImageFilter.GaussianBlur(2))


def drawn(picture: Image.Image, start: View, end: View, share: float) -> Surface:
    surface = Surface.of(SHAPE)
    PannedPicture(picture, start, end, SHAPE).draw(share, surface)
    return surface


@pytest.mark.parametrize(("start", "end"), [(LEFT, RIGHT), (RIGHT, LEFT)])
@pytest.mark.parametrize("share", [0.0, 0.37, 1.0])
def test_it_shows_what_lies_between_the_two_views(
    picture: Image.Image, start: View, end: View, share: float
) -> None:
    x = start.x + (end.x - start.x) * share
    box = x * 400, 30, (x + 0.8) * 400, 270
    expected = picture.resize((320, 240), Image.Resampling.BICUBIC, box)
    found = drawn(picture, start, end, share).frame.reformat(format="rgb24", src_colorspace="ITU709").to_image()
    assert np.abs(np.asarray(found, float) - np.asarray(expected, float)).mean() < 2.5


def test_it_moves_in_even_steps_of_an_eighth_of_a_pixel(picture: Image.Image) -> None:
    pan, surface = PannedPicture(picture, LEFT, RIGHT, SHAPE), Surface.of(SHAPE)
    pan.draw(0.0, surface)
    before, kept = surface.planes.luma.copy(), []
    for number in range(1, 17):
        pan.draw(number / 80 / panning.PHASES, surface)
        kept.append(surface.planes.luma.copy())
    # 80 pixels in all: sixteen eighths are two whole pixels.
    assert (kept[-1][:, :-2] == before[:, 2:]).all()
    assert (kept[7][:, :-1] == before[:, 1:]).all()
    assert all((one != other).any() for one, other in zip([before, *kept], kept, strict=False))


def test_its_end_at_the_edge_of_the_picture_repeats_nothing(picture: Image.Image) -> None:
    ramp = Image.linear_gradient("L").rotate(90).resize((400, 300)).convert("RGB")
    luma = drawn(ramp, LEFT, RIGHT, 1.0).planes.luma[120].astype(int)
    assert abs(int(luma[-1]) - int(luma[-2])) <= 1
    assert (np.diff(luma) <= 1).all()
    assert luma[-1] in (luma.max(), luma.min())


def test_a_long_pan_over_a_large_picture_stays_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panning, "MOST_SAMPLES", 3_000_000)
    wide = Image.linear_gradient("L").rotate(90).resize((4000, 300)).convert("RGB")
    assert PannedPicture(wide, View(0, 0, 0.1, 1), View(0.9, 0, 0.1, 1), SHAPE).samples <= 3_000_000


@pytest.mark.parametrize(
    ("start", "end", "pan"),
    [(LEFT, RIGHT, True), (WHOLE, WHOLE, False), (LEFT, View(0.2, 0.2, 0.8, 0.8), False), (WHOLE, LEFT, False)],
)
def test_only_what_goes_sideways_alone_is_a_pan(start: View, end: View, pan: bool) -> None:
    assert is_pan(start, end) is pan
