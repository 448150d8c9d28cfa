"""Pictures as planes for the encoder: BT.709 in limited range."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from pressrun.media.planes import blend_into, planes_of


@pytest.mark.parametrize(
    ("colour", "codes"),
    [
        ((0, 0, 0), (16, 128, 128)), ((255, 255, 255), (235, 128, 128)), ((255, 0, 0), (63, 102, 240)),
        ((0, 255, 0), (173, 42, 26)), ((0, 0, 255), (32, 240, 118)),
    ],
)
def test_colours_have_the_values_of_the_recommendation(
    colour: tuple[int, int, int], codes: tuple[int, int, int]
) -> None:
    planes = planes_of(Image.new("RGB", (4, 2), colour))
    assert (planes.luma.shape, planes.chroma.shape) == ((2, 4), (1, 4))
    assert (planes.luma[0, 0], *planes.chroma[0, :2]) == codes


def test_a_patch_is_pasted_at_its_position() -> None:
    target = planes_of(Image.new("RGB", (8, 8)))
    target.paste(planes_of(Image.new("RGB", (4, 2), (255, 255, 255)), 2, 4))
    assert np.argwhere(target.luma == 235).min(axis=0).tolist() == [4, 2]
    assert np.argwhere(target.luma == 235).max(axis=0).tolist() == [5, 5]


def test_a_blend_goes_from_the_first_picture_to_the_second() -> None:
    white = planes_of(Image.new("RGB", (2, 2), (255, 255, 255)))
    found = []
    for share in (0, 0.5, 1):
        first = planes_of(Image.new("RGB", (2, 2)))
        blend_into(first, white, share)
        found.append(int(first.luma[0, 0]))
    assert found == [16, 126, 235]
