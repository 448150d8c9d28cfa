"""A render that was stopped resumes with the finished segments, and ends with the same file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pressrun.media import segments
from pressrun.media.film import Film
from pressrun.media.frames import Painter, Span, spans_of
from pressrun.media.output import Output, parse_output
from pressrun.media.segments import remove_segments, render_film
from pressrun.media.shots import CardTime, Overlay, Shot, View
from pressrun.media.sound import Sound
from pressrun.settings import ItemSettings, as_plain

OUTPUT: Output = parse_output(as_plain(ItemSettings()))


@pytest.fixture
def film(film: Film) -> Film:
    """Four moving cards of 1.5 seconds with cross-fades."""
    pictures = [Image.linear_gradient("L").rotate(90 * turn).resize((200, 150)).convert("RGB") for turn in range(4)]
    shots = [lambda each=each: Shot(each, View(), View(0.1, 0.1, 0.8, 0.8)) for each in pictures]
    times = [CardTime(at * 1.5, at * 1.5 + (0.4 if at else 0), at * 1.5 + 1.5) for at in range(4)]
    return replace(film, cards=shots, times=times, duration=6.0)


@pytest.fixture
def rendered_spans(monkeypatch: pytest.MonkeyPatch) -> list[Span]:
    """The spans that were rendered, in order."""
    rendered: list[Span] = []
    frames = Painter.frames

    def recorded_frames(painter: Painter, span: Span) -> Iterator[Any]:
        rendered.append(span)
        return frames(painter, span)

    monkeypatch.setattr(Painter, "frames", recorded_frames)
    return rendered


def render(path: Path, film: Film, sound: Sound, on_frame: Callable[[int], None] | None = None) -> bytes:
    render_film(path, path.parent / ".render" / path.stem, film, sound, OUTPUT, 2, on_frame)
    return path.read_bytes()


class Killed(BaseException):
    """Raised in place of a signal."""


def test_spans_cover_every_frame_once_and_start_after_a_fade(film: Film) -> None:
    spans = spans_of(film)
    assert [(span.first, span.last) for span in spans] == [(0, 19), (19, 34), (34, 49), (49, 60)]


def test_a_killed_render_resumes_with_the_finished_segments_and_ends_with_the_same_bytes(
    tmp_path: Path, film: Film, tone: Callable[..., Sound], rendered_spans: list[Span]
) -> None:
    sound = tone(6.0)
    whole = render(tmp_path / "whole.mp4", film, sound)
    rendered_spans.clear()

    def kill_in_the_third(done: int) -> None:
        if done == 40:
            raise Killed

    with pytest.raises(Killed):
        render(tmp_path / "video.mp4", film, sound, kill_in_the_third)
    assert len(rendered_spans) == 3
    assert len(list((tmp_path / ".render" / "video").iterdir())) == 2
    rendered_spans.clear()
    reported: list[int] = []
    assert render(tmp_path / "video.mp4", film, sound, reported.append) == whole
    assert rendered_spans == spans_of(film)[2:]
    assert reported[:2] == [19, 34]
    assert reported[-1] == 60


def test_a_single_segment_rendered_again_has_the_same_bytes(
    tmp_path: Path, film: Film, tone: Callable[..., Sound], rendered_spans: list[Span]
) -> None:
    render(tmp_path / "video.mp4", film, tone(6.0))
    parts = {path: path.read_bytes() for path in (tmp_path / ".render" / "video").iterdir()}
    for path, content in parts.items():
        rendered_spans.clear()
        path.unlink()
        render(tmp_path / "video.mp4", film, tone(6.0))
        assert len(rendered_spans) == 1
        assert path.read_bytes() == content


def with_overlay(shot: Shot) -> Shot:
    return replace(shot, overlays=(Overlay(Image.new("RGBA", (20, 10), (255, 0, 0, 128)), 10, 10),))


def test_a_changed_card_renders_its_segment_and_the_one_that_fades_into_it_again(
    tmp_path: Path, film: Film, tone: Callable[..., Sound], rendered_spans: list[Span]
) -> None:
    render(tmp_path / "video.mp4", film, tone(6.0))
    rendered_spans.clear()
    cards = [*film.cards[:2], lambda: with_overlay(film.cards[2]()), film.cards[3]]
    render(tmp_path / "video.mp4", replace(film, cards=cards), tone(6.0))
    assert rendered_spans == spans_of(film)[1:3]


def test_other_settings_use_no_existing_segment(
    tmp_path: Path, film: Film, tone: Callable[..., Sound], rendered_spans: list[Span]
) -> None:
    render(tmp_path / "video.mp4", film, tone(6.0))
    rendered_spans.clear()
    folder = tmp_path / ".render" / "video"
    render_film(tmp_path / "video.mp4", folder, film, tone(6.0), replace(OUTPUT, crf=30), 2)
    assert rendered_spans == spans_of(film)


def test_a_card_is_drawn_once(tmp_path: Path, film: Film, tone: Callable[..., Sound]) -> None:
    drawn: list[int] = []

    def recorded_card(number: int) -> Callable[[], Any]:
        def draw() -> Any:
            drawn.append(number)
            return film.cards[number]()

        return draw

    render(tmp_path / "video.mp4", replace(film, cards=[recorded_card(number) for number in range(4)]), tone(6.0))
    assert drawn == [0, 1, 2, 3]


def test_no_segments_of_a_finished_film_remain(tmp_path: Path) -> None:
    for name in ("video", "short"):
        folder = tmp_path / segments.FOLDER / name
        folder.mkdir(parents=True)
        (folder / "part.mp4").write_bytes(b"part")
    remove_segments(tmp_path / segments.FOLDER / "video")
    assert [path.name for path in (tmp_path / segments.FOLDER).iterdir()] == ["short"]
    remove_segments(tmp_path / segments.FOLDER / "short")
    assert not list(tmp_path.iterdir())
