"""Segments: a render that is stopped goes on with what is finished, and ends with the same file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pressrun.media import segments
from pressrun.media.frames import Painter, Scenes, Span, spans_of
from pressrun.media.output import Output, checked_output
from pressrun.media.segments import discard, make_film
from pressrun.media.shot import Overlay, Shot, View
from pressrun.media.sound import Sound
from pressrun.media.timeline import CardTime
from pressrun.settings import ItemSettings, as_plain

OUTPUT: Output = checked_output(as_plain(ItemSettings()))


@pytest.fixture
def film(scenes: Scenes) -> Scenes:
    """Four cards of a second and a half, all of them moving, with fades between."""
    pictures = [Image.linear_gradient("L").rotate(90 * turn).resize((200, 150)).convert("RGB") for turn in range(4)]
    shots = [lambda each=each: Shot(each, View(), View(0.1, 0.1, 0.8, 0.8)) for each in pictures]
    times = [CardTime(at * 1.5, at * 1.5 + (0.4 if at else 0), at * 1.5 + 1.5) for at in range(4)]
    return replace(scenes, cards=shots, times=times, duration=6.0)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Span]:
    """The spans whose frames were asked for."""
    asked: list[Span] = []
    frames = Painter.frames

    def counted(painter: Painter, span: Span) -> Iterator[Any]:
        asked.append(span)
        return frames(painter, span)

    monkeypatch.setattr(Painter, "frames", counted)
    return asked


def render(path: Path, film: Scenes, sound: Sound, shown: Callable[[int], None] | None = None) -> bytes:
    make_film(path, path.parent / ".render" / path.stem, film, sound, OUTPUT, 2, shown)
    return path.read_bytes()


class Killed(BaseException):
    """What a signal does."""


def test_spans_cover_every_frame_once_and_begin_where_a_card_stands_alone(film: Scenes) -> None:
    spans = spans_of(film)
    assert [(span.first, span.last) for span in spans] == [(0, 19), (19, 34), (34, 49), (49, 60)]


def test_a_killed_render_goes_on_with_the_finished_scenes_and_ends_with_the_same_bytes(
    tmp_path: Path, film: Scenes, tone: Callable[..., Sound], made: list[Span]
) -> None:
    sound = tone(6.0)
    whole = render(tmp_path / "whole.mp4", film, sound)
    made.clear()

    def kill_in_the_third(done: int) -> None:
        if done == 40:
            raise Killed

    with pytest.raises(Killed):
        render(tmp_path / "video.mp4", film, sound, kill_in_the_third)
    assert len(made) == 3
    assert len(list((tmp_path / ".render" / "video").iterdir())) == 2
    made.clear()
    told: list[int] = []
    assert render(tmp_path / "video.mp4", film, sound, told.append) == whole
    assert made == spans_of(film)[2:]
    assert told[:2] == [19, 34]
    assert told[-1] == 60


def test_a_segment_made_again_alone_has_the_same_bytes(
    tmp_path: Path, film: Scenes, tone: Callable[..., Sound], made: list[Span]
) -> None:
    render(tmp_path / "video.mp4", film, tone(6.0))
    parts = {path: path.read_bytes() for path in (tmp_path / ".render" / "video").iterdir()}
    for path, content in parts.items():
        made.clear()
        path.unlink()
        render(tmp_path / "video.mp4", film, tone(6.0))
        assert len(made) == 1
        assert path.read_bytes() == content


def overlaid(shot: Shot) -> Shot:
    return replace(shot, overlays=(Overlay(Image.new("RGBA", (20, 10), (255, 0, 0, 128)), 10, 10),))


def test_a_change_of_one_card_makes_its_segment_again_and_that_of_the_card_that_fades_into_it(
    tmp_path: Path, film: Scenes, tone: Callable[..., Sound], made: list[Span]
) -> None:
    render(tmp_path / "video.mp4", film, tone(6.0))
    made.clear()
    cards = [*film.cards[:2], lambda: overlaid(film.cards[2]()), film.cards[3]]
    render(tmp_path / "video.mp4", replace(film, cards=cards), tone(6.0))
    assert made == spans_of(film)[1:3]


def test_other_settings_take_no_segment_of_before(
    tmp_path: Path, film: Scenes, tone: Callable[..., Sound], made: list[Span]
) -> None:
    render(tmp_path / "video.mp4", film, tone(6.0))
    made.clear()
    folder = tmp_path / ".render" / "video"
    make_film(tmp_path / "video.mp4", folder, film, tone(6.0), replace(OUTPUT, crf=30), 2)
    assert made == spans_of(film)


def test_a_card_is_drawn_once(tmp_path: Path, film: Scenes, tone: Callable[..., Sound]) -> None:
    drawn: list[int] = []

    def counted(number: int) -> Callable[[], Any]:
        def draw() -> Any:
            drawn.append(number)
            return film.cards[number]()

        return draw

    render(tmp_path / "video.mp4", replace(film, cards=[counted(number) for number in range(4)]), tone(6.0))
    assert drawn == [0, 1, 2, 3]


def test_nothing_is_left_of_a_film_that_is_finished(tmp_path: Path) -> None:
    for name in ("video", "short"):
        folder = tmp_path / segments.FOLDER / name
        folder.mkdir(parents=True)
        (folder / "part.mp4").write_bytes(b"part")
    discard(tmp_path / segments.FOLDER / "video")
    assert [path.name for path in (tmp_path / segments.FOLDER).iterdir()] == ["short"]
    discard(tmp_path / segments.FOLDER / "short")
    assert not list(tmp_path.iterdir())
