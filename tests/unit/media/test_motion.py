"""Motion: inside the picture, as much as the style says, and never twice the same in a row."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pressrun.media.cards import make_look
from pressrun.media.fonts import Fonts
from pressrun.media.motion import views
from pressrun.media.resolution import Shape
from pressrun.media.shot import WHOLE, View
from pressrun.media.style import STYLES, style_named

MIDDLE = (160.0, 90.0)


def inside(view: View) -> bool:
    ends = (view.x, view.y, view.x + view.width, view.y + view.height)
    return all(-1e-9 <= end <= 1 + 1e-9 for end in ends) and view.width == view.height


@pytest.mark.parametrize("style", STYLES)
def test_views_stay_inside_the_picture_and_move_no_more_than_the_style_says(fonts: Fonts, style: str) -> None:
    look = make_look(Shape(320, 180), style_named(style), fonts, "Walden", False)
    for number in range(6):
        for seconds in (3.0, 12.0, 400.0):
            start, end = views(look, number, seconds, (300.0, 20.0), drawn=False)
            assert inside(start)
            assert inside(end)
            assert 1 - min(start.width, end.width) <= look.style.motion.most + 1e-9
            assert start != end


def test_neighbours_move_differently_and_every_run_alike(fonts: Fonts) -> None:
    look = make_look(Shape(320, 180), style_named("modern"), fonts, "Walden", False)
    moves = [views(look, number, 10.0, MIDDLE, drawn=False) for number in range(7)]
    assert all(first != second for first, second in pairwise(moves))
    assert moves == [views(look, number, 10.0, MIDDLE, drawn=False) for number in range(7)]


def test_a_zoom_keeps_its_focus_in_place(fonts: Fonts) -> None:
    look = make_look(Shape(320, 180), style_named("modern"), fonts, "Walden", False)
    start, end = views(look, 0, 10.0, (240.0, 45.0), drawn=True)
    for view in (start, end):
        assert (0.75 - view.x) / view.width == pytest.approx(0.75)
        assert (0.25 - view.y) / view.height == pytest.approx(0.25)


def test_nothing_moves_in_a_moment_or_where_the_style_stands_still(fonts: Fonts) -> None:
    minimal = make_look(Shape(320, 180), style_named("minimal"), fonts, "Walden", False)
    assert views(minimal, 1, 60.0, MIDDLE, drawn=True) == (WHOLE, WHOLE)
    assert views(minimal, 1, 1.0, MIDDLE, drawn=False) == (WHOLE, WHOLE)
