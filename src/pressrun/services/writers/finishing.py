"""Finish the scripts of writers without a model: scenes of a given length, their headings, the short."""

from __future__ import annotations

from collections.abc import Sequence

from pressrun.model.book import Book, fold
from pressrun.model.script import Scene
from pressrun.services.languages import sentence_separator, written_words
from pressrun.services.pace import SHORT_LEAD, SHORT_TAIL, sentence_pause, silence_seconds, spoken_seconds
from pressrun.services.protocols import Brief
from pressrun.services.writers.ranking import frequent_words, stop_words
from pressrun.services.writers.scenes import (
    MIN_SCENES,
    best_sentences,
    group_into_scenes,
    select_beginnings,
    select_sentences,
    total_seconds,
)
from pressrun.services.writers.units import Unit

MIN_FILL_SHARE = 0.85
"""Minimum share of its time that the short fills with whole stretches."""

PARAGRAPH_BREAK = "\n\n"
"""Between two paragraphs of a narration; voices pause there."""


def sentence_seconds(text: str, brief: Brief, code: str) -> float:
    """Return the seconds of a sentence with the pause after it; 0 for None."""
    return spoken_seconds(text, code, brief.speech_rate) + sentence_pause(brief.speech_rate) if text else 0.0


def fit_scenes(rest: Sequence[Unit], seconds: float, pause: float) -> list[list[Unit]]:
    """Return the sentences of every scene, in `seconds` including the silences of the video.

    There are fewer scenes if one sentence in each would already be too much.
    """
    if not rest:
        return []
    groups = group_into_scenes(rest, max(seconds - silence_seconds(2 + MIN_SCENES, pause), 1.0))
    while True:
        room = max(seconds - silence_seconds(2 + len(groups), pause), 1.0)
        scenes = select_sentences(groups, room)
        if len(groups) == 1 or sum(map(total_seconds, scenes)) <= room * 1.1:
            return scenes
        # Drop the scene with the longest minimum: the rest is closer to the target, with more scenes.
        del groups[max(range(len(scenes)), key=lambda index: total_seconds(scenes[index]))]


def add_headings(
    scenes: Sequence[Sequence[Unit]], units: Sequence[Unit], headings: Sequence[str], book: Book, code: str, *,
    paragraphs: bool = False,
) -> tuple[Scene, ...]:
    """Return the scenes with their headings, each heading once, and the `paragraphs` within them if wanted."""
    from pressrun.services.writers.headings import choose_phrase, own_heading

    # The author's name occurs in every scene: it is a subject of sentences, not of scenes.
    author = frozenset(word.casefold() for word in written_words(book.author or ""))
    stop = (stop_words(code) or frequent_words(units)) | author
    used: list[str] = [book.title, book.author or ""]
    made = []
    for scene in scenes:
        heading = own_heading(headings[scene[0].section], book.title)
        if not heading or fold(heading) in map(fold, used):
            heading = choose_phrase(scene, units, code, stop, used)
        used.append(heading)
        narration = scene[0].text
        for unit in scene[1:]:
            narration += (PARAGRAPH_BREAK if paragraphs and unit.opens else sentence_separator(code)) + unit.text
        made.append(Scene(heading, narration))
    return tuple(made)


def build_short(
    hook: Sequence[Unit], scenes: Sequence[Sequence[Unit]], close: Sequence[Unit], named: str, brief: Brief, code: str
) -> str:
    """Return the hook, the name of the book, the best scenes or else sentences, and the close, as time allows."""
    room = brief.short_seconds - SHORT_LEAD - SHORT_TAIL
    start = list(hook) if total_seconds(hook) <= room else []
    room -= total_seconds(start)
    name = named if sentence_seconds(named, brief, code) <= room / 3 else ""
    room -= sentence_seconds(name, brief, code)
    end = list(close) if total_seconds(close) <= room / 3 else []
    room -= total_seconds(end)
    everything = [unit for scene in scenes for unit in scene]
    whole, single = select_beginnings(scenes, room), best_sentences(everything, room)
    # A few stretches are better to listen to than one sentence of every scene, even if a little time stays unused.
    middle = whole if total_seconds(whole) >= min(total_seconds(single), room * MIN_FILL_SHARE) else single
    parts = [*(unit.text for unit in start), name, *(unit.text for unit in middle), *(unit.text for unit in end)]
    return sentence_separator(code).join(filter(None, parts)) or min(everything, key=lambda unit: unit.seconds).text
