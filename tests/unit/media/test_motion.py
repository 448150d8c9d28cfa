"""Pictures in motion: inside the picture, at an exact place in every frame, from the first view to the last, evenly."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageFilter

from pressrun.media import motion
from pressrun.media.fonts import Fonts
from pressrun.media.geometry import Shape
from pressrun.media.look import make_look
from pressrun.media.motion import (
    EASE_SECONDS,
    PannedPicture,
    ZoomedPicture,
    choose_views,
    eased_progress,
    make_moving_picture,
)
from pressrun.media.planes import Surface
from pressrun.media.shots import WHOLE, View
from pressrun.media.style import STYLES
from pressrun.media.style_files import load_style

SHAPE = Shape(320, 240)
CENTRE = (160.0, 90.0)
LEFT, RIGHT = View(0.0, 0.1, 0.8, 0.8), View(0.2, 0.1, 0.8, 0.8)


@pytest.fixture(scope="module")
def grey_picture() -> Image.Image:
    """Soft noise, in which a place is found to a hundredth of a pixel."""
    noise = np.random.default_rng(7).integers(0, 255, (300, 400), dtype=np.uint8)
    soft = Image.fromarray(noise).filter(ImageFilter.GaussianBlur(2))
    return Image.merge("RGB", (soft, soft, soft)).resize((400, 300))


@pytest.fixture(scope="module")
def coloured_picture() -> Image.Image:
    noise = np.random.default_rng(7).integers(0, 255, (300, 400, 3), dtype=np.uint8)
    return Image.fromarray(noise).filter(ImageFilter.GaussianBlur(2))


def is_inside(view: View) -> bool:
    ends = (view.x, view.y, view.x + view.width, view.y + view.height)
    return all(-1e-9 <= end <= 1 + 1e-9 for end in ends) and view.width == view.height


def draw_zoom(picture: Image.Image, start: View, end: View, share: float) -> np.ndarray:
    """Return the luma of a frame."""
    surface = Surface.new(SHAPE)
    ZoomedPicture(picture, start, end, SHAPE).draw(share, surface)
    return surface.planes.luma.copy()


def draw_pan(picture: Image.Image, start: View, end: View, share: float) -> Surface:
    surface = Surface.new(SHAPE)
    PannedPicture(picture, start, end, SHAPE).draw(share, surface)
    return surface


@pytest.mark.parametrize("style", STYLES)
def test_views_stay_inside_the_picture_and_within_the_limit_of_the_style(fonts: Fonts, style: str) -> None:
    look = make_look(Shape(320, 180), load_style(style), fonts, "Walden", False)
    for number in range(6):
        for seconds in (3.0, 12.0, 400.0):
            start, end = choose_views(look, number, seconds, (300.0, 20.0), drawn=False)
            assert is_inside(start)
            assert is_inside(end)
            assert 1 - min(start.width, end.width) <= look.style.motion.most + 1e-9
            assert start != end


def test_neighbouring_cards_move_differently_and_every_run_is_the_same(fonts: Fonts) -> None:
    look = make_look(Shape(320, 180), load_style("modern"), fonts, "Walden", False)
    moves = [choose_views(look, number, 10.0, CENTRE, drawn=False) for number in range(7)]
    assert all(first != second for first, second in pairwise(moves))
    assert moves == [choose_views(look, number, 10.0, CENTRE, drawn=False) for number in range(7)]


def test_a_zoom_keeps_its_focus_in_place(fonts: Fonts) -> None:
    look = make_look(Shape(320, 180), load_style("modern"), fonts, "Walden", False)
    start, end = choose_views(look, 0, 10.0, (240.0, 45.0), drawn=True)
    for view in (start, end):
        assert (0.75 - view.x) / view.width == pytest.approx(0.75)
        assert (0.25 - view.y) / view.height == pytest.approx(0.25)


def test_short_scenes_and_still_styles_do_not_move(fonts: Fonts) -> None:
    minimal = make_look(Shape(320, 180), load_style("minimal"), fonts, "Walden", False)
    assert choose_views(minimal, 1, 60.0, CENTRE, drawn=True) == (WHOLE, WHOLE)
    assert choose_views(minimal, 1, 1.0, CENTRE, drawn=False) == (WHOLE, WHOLE)


def test_motion_starts_and_ends_softly_and_covers_the_whole_way() -> None:
    seconds = 10.0
    shares = np.array([eased_progress(at / 30, seconds) for at in range(301)])
    steps = np.diff(shares)
    assert shares[0] == 0
    assert shares[-1] == pytest.approx(1)
    assert (steps > 0).all()
    assert steps[0] < steps[15] < steps[150]
    assert steps[150] == pytest.approx(1 / 30 / (seconds - EASE_SECONDS))
    assert np.allclose(steps, steps[::-1])


def test_motion_shorter_than_its_easing_covers_the_whole_way() -> None:
    assert [eased_progress(at, 1.0) for at in (-1, 0, 0.5, 1.0, 2.0)] == pytest.approx([0, 0, 0.5, 1, 1])
    assert eased_progress(0.0, 0.0) == 1.0


@pytest.mark.parametrize(
    ("start", "end", "kind"),
    [
        (LEFT, RIGHT, PannedPicture), (WHOLE, WHOLE, ZoomedPicture), (WHOLE, LEFT, ZoomedPicture),
        (LEFT, View(0.2, 0.2, 0.8, 0.8), ZoomedPicture),
    ],
)
def test_only_motion_that_is_purely_sideways_is_a_pan(
    coloured_picture: Image.Image, start: View, end: View, kind: type
) -> None:
    assert type(make_moving_picture(coloured_picture, start, end, SHAPE)) is kind


@pytest.mark.parametrize(("share", "view"), [(0.0, View(0.1, 0.0, 0.75, 0.75)), (1.0, View(0.2, 0.2, 0.6, 0.6))])
def test_a_zoom_starts_and_ends_with_the_requested_views(
    grey_picture: Image.Image, share: float, view: View
) -> None:
    found = draw_zoom(grey_picture, View(0.1, 0.0, 0.75, 0.75), View(0.2, 0.2, 0.6, 0.6), share).astype(float)
    box = view.x * 400, view.y * 300, (view.x + view.width) * 400, (view.y + view.height) * 300
    expected = np.asarray(grey_picture.convert("L").resize((320, 240), Image.Resampling.BICUBIC, box), float)
    assert np.abs(found - (expected * 219 / 255 + 16)).mean() < 1.2


def test_a_sampled_picture_moves_evenly_to_a_tenth_of_a_pixel(grey_picture: Image.Image) -> None:
    surface = Surface.new(SHAPE)
    picture = ZoomedPicture(grey_picture, View(0, 0.1, 0.8, 0.8), View(0.2, 0.1, 0.8, 0.8), SHAPE)
    places = []
    first = None
    for number in range(24):
        picture.draw(number / 200, surface)
        luma = surface.planes.luma.astype(float)
        first = luma if first is None else first
        places.append(measure_offset(first, luma))
    # The view crosses a fifth of the picture, a quarter of its own width: 80 pixels, 0.4 for each of these steps.
    even = np.polyfit(range(24), places, 1)
    assert even[0] == pytest.approx(0.4, abs=0.01)
    assert np.std(np.array(places) - np.polyval(even, range(24))) < 0.1


def measure_offset(first: np.ndarray, luma: np.ndarray) -> float:
    """Return by how many pixels `luma` is shifted to the left, by least squares."""
    places = np.arange(-2.0, 14.0, 0.05)
    row = np.arange(40, 260)
    errors = []
    for place in places:
        whole, part = int(np.floor(place)), place - np.floor(place)
        shifted = first[:, row + whole] * (1 - part) + first[:, row + whole + 1] * part
        errors.append(np.square(shifted - luma[:, row]).mean())
    best = int(np.argmin(errors))
    return float(places[best])


def test_pixels_are_the_same_without_the_private_function_of_pillow(
    grey_picture: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    views = View(0.1, 0.0, 0.75, 0.75), View(0.2, 0.2, 0.6, 0.6)
    direct = draw_zoom(grey_picture, *views, 0.3)
    monkeypatch.setattr(motion, "_transform_in_place", lambda *args: False)
    assert (draw_zoom(grey_picture, *views, 0.3) == direct).all()


def test_odd_picture_sizes_are_accepted() -> None:
    assert draw_zoom(Image.new("RGB", (401, 301), (255, 255, 255)), WHOLE, View(0, 0, 0.9, 0.9), 0.5).min() == 235


@pytest.mark.parametrize(
    ("kind", "limit", "most"), [(ZoomedPicture, 200_000, 201_000), (PannedPicture, 3_000_000, 3_000_000)]
)
def test_a_long_way_over_a_large_picture_stays_within_the_memory_limit(
    monkeypatch: pytest.MonkeyPatch, kind: type[ZoomedPicture] | type[PannedPicture], limit: int, most: int
) -> None:
    monkeypatch.setattr(motion, "MAX_SAMPLES", limit)
    wide = Image.linear_gradient("L").rotate(90).resize((4000, 300)).convert("RGB")
    picture = kind(wide, View(0, 0, 0.1, 1), View(0.9, 0, 0.1, 1), SHAPE)
    assert picture.sample_count <= most


@pytest.mark.parametrize(("start", "end"), [(LEFT, RIGHT), (RIGHT, LEFT)])
@pytest.mark.parametrize("share", [0.0, 0.37, 1.0])
def test_a_pan_shows_the_part_between_the_two_views(
    coloured_picture: Image.Image, start: View, end: View, share: float
) -> None:
    x = start.x + (end.x - start.x) * share
    box = x * 400, 30, (x + 0.8) * 400, 270
    expected = coloured_picture.resize((320, 240), Image.Resampling.BICUBIC, box)
    frame = draw_pan(coloured_picture, start, end, share).frame
    found = frame.reformat(format="rgb24", src_colorspace="ITU709").to_image()
    assert np.abs(np.asarray(found, float) - np.asarray(expected, float)).mean() < 2.5


def test_a_pan_moves_in_even_steps_of_an_eighth_of_a_pixel(coloured_picture: Image.Image) -> None:
    pan, surface = PannedPicture(coloured_picture, LEFT, RIGHT, SHAPE), Surface.new(SHAPE)
    pan.draw(0.0, surface)
    first, steps = surface.planes.luma.copy(), []
    for number in range(1, 17):
        pan.draw(number / 80 / motion.PAN_PHASES, surface)
        steps.append(surface.planes.luma.copy())
    # The way is 80 pixels long, so sixteen eighths are two whole pixels.
    assert (steps[-1][:, :-2] == first[:, 2:]).all()
    assert (steps[7][:, :-1] == first[:, 1:]).all()
    assert all((one != other).any() for one, other in pairwise([first, *steps]))


def test_a_pan_to_the_edge_of_the_picture_repeats_no_pixels() -> None:
    ramp = Image.linear_gradient("L").rotate(90).resize((400, 300)).convert("RGB")
    luma = draw_pan(ramp, LEFT, RIGHT, 1.0).planes.luma[120].astype(int)
    assert abs(int(luma[-1]) - int(luma[-2])) <= 1
    assert (np.diff(luma) <= 1).all()
    assert luma[-1] in (luma.max(), luma.min())
