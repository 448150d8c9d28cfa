"""Photographs in a frame: cropped a little, whole if cropping removes too much, and as dark as the text requires."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from pressrun.media.geometry import Box
from pressrun.media.photos import MIN_SCRIM, choose_scrim, crop_loss, place_photo

FRAME = (320, 180)
WHOLE = Box(0, 0, 320, 180)
TEXT = Box(20, 90, 180, 150)


def test_a_photo_of_common_proportions_fills_the_frame() -> None:
    picture = place_photo(Image.new("RGB", (300, 200), (9, 99, 199)), WHOLE, WHOLE, FRAME, (0, 0, 0))
    assert picture.size == FRAME
    assert np.unique(np.asarray(picture).reshape(-1, 3), axis=0).tolist() == [[9, 99, 199]]


def test_a_tall_photo_is_whole_in_the_area_without_text() -> None:
    photo = Image.new("RGB", (200, 300), (250, 0, 0))
    photo.paste((0, 250, 0), (0, 0, 200, 30))
    photo.paste((0, 0, 250), (0, 270, 200, 300))
    free = Box(200, 20, 300, 170)
    whole = np.asarray(place_photo(photo, WHOLE, free, FRAME, (0, 0, 0)))[:, 250].astype(int)
    assert (whole[:, 1] > 200).any()
    assert (whole[:, 2] > 200).any()
    cropped = np.asarray(place_photo(photo, WHOLE, None, FRAME, (0, 0, 0)))[:, 250].astype(int)
    assert not (cropped[:, 1] > 200).any()


@pytest.mark.parametrize("size", [(8000, 20), (20, 8000), (8000, 1), (1, 8000), (1, 1)])
@pytest.mark.parametrize("free", [Box(200, 20, 300, 170), WHOLE, None], ids=["beside text", "all", "cropped"])
def test_a_strip_is_drawn_like_any_picture(size: tuple[int, int], free: Box | None) -> None:
    photo = Image.new("RGB", size, (250, 0, 0))
    picture = place_photo(photo, WHOLE, free, FRAME, (0, 0, 0))
    assert picture.size == FRAME
    assert np.asarray(picture)[:, :, 0].max() > 200
    scrim = choose_scrim([picture], TEXT, (200, 200, 210), (12, 17, 36), False)
    assert scrim.darken(picture).size == FRAME


def test_the_loss_of_cropping_follows_from_the_proportions() -> None:
    assert crop_loss((320, 180), (320, 180)) == 0
    assert crop_loss((180, 320), (320, 180)) == pytest.approx(1 - (9 / 16) ** 2)


def test_a_dark_picture_gets_the_lightest_scrim_and_a_white_one_a_darker_one() -> None:
    white, dark = (Image.new("RGB", FRAME, (level,) * 3) for level in (255, 25))
    ink, deep = (200, 200, 210), (12, 17, 36)
    assert choose_scrim([dark], TEXT, ink, deep, False).strength == MIN_SCRIM
    assert choose_scrim([white], TEXT, ink, deep, False).strength > 0.6
    assert choose_scrim([dark, white], TEXT, ink, deep, False).strength > 0.6


def test_a_scrim_hardly_changes_the_picture_far_from_the_text() -> None:
    white = Image.new("RGB", FRAME, (255, 255, 255))
    scrim = choose_scrim([white], TEXT, (200, 200, 210), (12, 17, 36), False)
    darkened = np.asarray(scrim.darken(white)).astype(int)
    assert darkened[5, 310].min() > 200
    assert darkened[120, 60].max() < 110
