"""Sizes of frames, and boxes in them."""

from __future__ import annotations

import pytest

from pressrun.media.geometry import Box, Shape


@pytest.mark.parametrize(
    ("video", "short"), [((1920, 1080), (1080, 1920)), ((320, 180), (180, 320)), ((1280, 720), (720, 1280))]
)
def test_the_short_is_9_to_16_with_the_same_shorter_side(video: tuple[int, int], short: tuple[int, int]) -> None:
    assert Shape(*video).short_shape == Shape(*short)


def test_a_mirrored_box_has_the_same_distance_from_the_other_edge() -> None:
    assert Box(10, 20, 40, 60).mirror(100) == Box(60, 20, 90, 60)
