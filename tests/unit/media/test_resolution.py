"""The size of the picture."""

from __future__ import annotations

import pytest

from pressrun.errors import SettingsError
from pressrun.media.resolution import Shape, parse_resolution


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("720p", (1280, 720)), ("1080P", (1920, 1080)), ("4K", (3840, 2160)), (" 320x180 ", (320, 180)),
        ("640 × 480", (640, 480)),
    ],
)
def test_names_and_numbers_are_understood(text: str, size: tuple[int, int]) -> None:
    assert parse_resolution(text) == Shape(*size)


@pytest.mark.parametrize(
    "text", ["", "1080", "big", "321x180", "320x181", "10x10", "9000x100", "-320x180", "320x", "99999999x2"]
)
def test_anything_else_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(SettingsError, match="resolution") as caught:
        parse_resolution(text)
    assert "1920x1080" in caught.value.remedy


@pytest.mark.parametrize(
    ("wide", "tall"), [((1920, 1080), (1080, 1920)), ((320, 180), (180, 320)), ((1280, 720), (720, 1280))]
)
def test_the_short_stands_upright_at_the_same_scale(wide: tuple[int, int], tall: tuple[int, int]) -> None:
    assert Shape(*wide).turned == Shape(*tall)
