"""Pictures in motion: at their place to a fraction of a pixel, from the first view to the last, without a jerk."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from pressrun.media import moving
from pressrun.media.moving import EASE, MovingPicture, Surface, share_of_way
from pressrun.media.resolution import Shape
from pressrun.media.shot import WHOLE, View

SHAPE = Shape(320, 240)


@pytest.fixture(scope="module")
def picture() -> Image.Image:
    """Soft noise, in which a place is found to a hundredth of a pixel."""
    noise = np.random.default_rng(7).integers(0, 255, (300, 400), dtype=np.uint8)
    soft = Image.fromarray(noise).filter(ImageFilter.GaussianBlur(2))
    return Image.merge("RGB", (soft, soft, soft)).resize((400, 300))


def drawn(picture: Image.Image, start: View, end: View, share: float) -> np.ndarray:
    surface = Surface.of(SHAPE)
    MovingPicture(picture, start, end, SHAPE).draw(share, surface)
    return surface.planes.luma.copy()


@pytest.mark.parametrize(("share", "view"), [(0.0, View(0.1, 0.0, 0.75, 0.75)), (1.0, View(0.2, 0.2, 0.6, 0.6))])
def test_it_begins_and_ends_with_the_views_that_were_asked_for(
    picture: Image.Image, share: float, view: View
) -> None:
    found = drawn(picture, View(0.1, 0.0, 0.75, 0.75), View(0.2, 0.2, 0.6, 0.6), share).astype(float)
    box = view.x * 400, view.y * 300, (view.x + view.width) * 400, (view.y + view.height) * 300
    expected = np.asarray(picture.convert("L").resize((320, 240), Image.Resampling.BICUBIC, box), float)
    assert np.abs(found - (expected * 219 / 255 + 16)).mean() < 1.2


def test_a_pan_moves_evenly_to_a_tenth_of_a_pixel(picture: Image.Image) -> None:
    surface = Surface.of(SHAPE)
    pan = MovingPicture(picture, View(0, 0.1, 0.8, 0.8), View(0.2, 0.1, 0.8, 0.8), SHAPE)
    places = []
    first = None
    for number in range(24):
        pan.draw(number / 200, surface)
        luma = surface.planes.luma.astype(float)
        first = luma if first is None else first
        places.append(offset(first, luma))
    # The view crosses a fifth of the picture, a quarter of its own width: 80 pixels, 0.4 for each of these steps.
    even = np.polyfit(range(24), places, 1)
    assert even[0] == pytest.approx(0.4, abs=0.01)
    assert np.std(np.array(places) - np.polyval(even, range(24))) < 0.1


def offset(first: np.ndarray, luma: np.ndarray) -> float:
    """How far to the left `luma` lies of `first`, by least squares over the slope of the picture."""
    places = np.arange(-2.0, 14.0, 0.05)
    row = np.arange(40, 260)
    errors = []
    for place in places:
        whole, part = int(np.floor(place)), place - np.floor(place)
        shifted = first[:, row + whole] * (1 - part) + first[:, row + whole + 1] * part
        errors.append(np.square(shifted - luma[:, row]).mean())
    best = int(np.argmin(errors))
    return float(places[best])


def test_without_the_inner_function_of_pillow_the_pixels_are_the_same(
    picture: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    views = View(0.1, 0.0, 0.75, 0.75), View(0.2, 0.2, 0.6, 0.6)
    direct = drawn(picture, *views, 0.3)
    monkeypatch.setattr(moving, "_transform", lambda *args: False)
    assert (drawn(picture, *views, 0.3) == direct).all()


def test_a_long_pan_over_a_large_picture_stays_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "MOST_SAMPLES", 200_000)
    wide = Image.linear_gradient("L").rotate(90).resize((4000, 300)).convert("RGB")
    pan = MovingPicture(wide, View(0, 0, 0.1, 1), View(0.9, 0, 0.1, 1), SHAPE)
    assert pan.samples <= 201_000


def test_the_way_is_begun_and_ended_softly_and_covered_whole() -> None:
    seconds = 10.0
    shares = np.array([share_of_way(at / 30, seconds) for at in range(301)])
    steps = np.diff(shares)
    assert shares[0] == 0
    assert shares[-1] == pytest.approx(1)
    assert (steps > 0).all()
    assert steps[0] < steps[15] < steps[150]
    assert steps[150] == pytest.approx(1 / 30 / (seconds - EASE))
    assert np.allclose(steps, steps[::-1])


def test_a_way_shorter_than_its_easing_is_covered_too() -> None:
    assert [share_of_way(at, 1.0) for at in (-1, 0, 0.5, 1.0, 2.0)] == pytest.approx([0, 0, 0.5, 1, 1])
    assert share_of_way(0.0, 0.0) == 1.0


def test_odd_sizes_are_taken() -> None:
    assert drawn(Image.new("RGB", (401, 301), (255, 255, 255)), WHOLE, View(0, 0, 0.9, 0.9), 0.5).min() == 235
