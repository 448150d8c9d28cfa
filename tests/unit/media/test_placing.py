"""Photographs in a frame: cut a little, whole when they would lose too much, darkened as far as text needs it."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from pressrun.media.backdrop import Box
from pressrun.media.placing import LEAST_SCRIM, cut_away, placed, scrim_for

FRAME = (320, 180)
WHOLE = Box(0, 0, 320, 180)
TEXT = Box(20, 90, 180, 150)


def test_a_photo_of_the_usual_shape_fills_the_frame() -> None:
    picture = placed(Image.new("RGB", (300, 200), (9, 99, 199)), WHOLE, WHOLE, FRAME, (0, 0, 0))
    assert picture.size == FRAME
    assert np.unique(np.asarray(picture).reshape(-1, 3), axis=0).tolist() == [[9, 99, 199]]


def test_an_upright_photo_stands_whole_where_no_text_is() -> None:
    photo = Image.new("RGB", (200, 300), (250, 0, 0))
    photo.paste((0, 250, 0), (0, 0, 200, 30))
    photo.paste((0, 0, 250), (0, 270, 200, 300))
    free = Box(200, 20, 300, 170)
    seen = np.asarray(placed(photo, WHOLE, free, FRAME, (0, 0, 0)))[:, 250].astype(int)
    assert (seen[:, 1] > 200).any()
    assert (seen[:, 2] > 200).any()
    cut = np.asarray(placed(photo, WHOLE, None, FRAME, (0, 0, 0)))[:, 250].astype(int)
    assert not (cut[:, 1] > 200).any()


def test_what_is_cut_away_is_counted() -> None:
    assert cut_away((320, 180), (320, 180)) == 0
    assert cut_away((180, 320), (320, 180)) == pytest.approx(1 - (9 / 16) ** 2)


def test_a_dark_picture_gets_the_least_scrim_and_a_white_one_more() -> None:
    white, dark = (Image.new("RGB", FRAME, (level,) * 3) for level in (255, 25))
    ink, deep = (200, 200, 210), (12, 17, 36)
    assert scrim_for([dark], TEXT, ink, deep, False).strength == LEAST_SCRIM
    assert scrim_for([white], TEXT, ink, deep, False).strength > 0.6
    assert scrim_for([dark, white], TEXT, ink, deep, False).strength > 0.6


def test_a_scrim_leaves_what_is_far_from_the_text_nearly_as_it_is() -> None:
    white = Image.new("RGB", FRAME, (255, 255, 255))
    over = np.asarray(scrim_for([white], TEXT, (200, 200, 210), (12, 17, 36), False).over(white)).astype(int)
    assert over[5, 310].min() > 200
    assert over[120, 60].max() < 110
