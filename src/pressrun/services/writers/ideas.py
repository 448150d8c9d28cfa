"""Write scripts of ideas without a model: a given script is spoken unchanged, a description becomes scenes.

Only the title is added, which is spoken if no sentence is left for the beginning or the end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from pressrun.errors import ScriptError
from pressrun.model.book import fold
from pressrun.model.idea import Idea
from pressrun.model.script import Script, Segment, Transcript
from pressrun.services.languages import Language, sentence_separator
from pressrun.services.pace import silence_seconds
from pressrun.services.protocols import Brief, Context
from pressrun.services.writers import publishing_text
from pressrun.services.writers.finishing import add_headings, build_short, fit_scenes, sentence_seconds
from pressrun.services.writers.phrases import phrases_of
from pressrun.services.writers.ranking import rate_sentences
from pressrun.services.writers.scenes import SCENE_SECONDS, divide, total_seconds
from pressrun.services.writers.units import Unit, finish_sentence, split_units, with_ratings, with_seconds

MIN_HOOK_SECONDS = 2.5
"""Minimum seconds of the first sentence of a script; if it is shorter, the second one also belongs to the title card.
"""
MAX_HOOK_SECONDS = 10.0
"""Maximum seconds of title and first sentence for both to be spoken over the title card."""
MIN_SCENES, MAX_SCENES, MAX_POINTS = 5, 40, 12
MIN_SCENE_SECONDS = 2.5
"""Seconds of a scene in a short video, in which each picture should be brief."""
MIN_SENTENCES_WITH_CLOSE = 4
"""Minimum sentences of a description for its last one to be spoken over the end card."""
MAX_LENGTH_SHARE = 1.05
"""Share of the requested time up to which a description is spoken whole."""

_MARKS = re.compile(r"^(?:#{1,6}[ \t]|[-*+][ \t]|\d{1,3}[.)][ \t])|\*\*\S|__\S", re.MULTILINE)
_DIRECTION = re.compile(r"\[[^\[\]\n]{0,200}\](?![(\[:])")
_SPEAKER = re.compile(r"^(?:narrator|voice[ -]?over|v\.?o\.?|host|presenter|speaker(?: \d+)?):[ \t]*", re.I | re.M)
_SCENE_LINE = re.compile(r"^(?:\W{0,3})scene[ \t]+\d{1,3}\W{0,3}[ \t]*(?P<rest>.*)$", re.I | re.M)
_LONGEST_HEADING = 60


@dataclass(frozen=True)
class _Parts:
    """The text over the title card, of the scenes, and over the end card. An empty text means the title."""

    hook: list[Unit]
    scenes: list[list[Unit]]
    close: list[Unit]


def write_idea(idea: Idea, language: Language, brief: Brief, context: Context) -> Script:  # noqa: ARG001
    """Return the description's sentences as a video no longer than requested; shorter if there is less text.

    Raises `ScriptError` if the idea has only a title.
    """
    units, headings = _units(idea.description, language, brief, everything=False)
    if not units:
        raise ScriptError(
            f'The idea "{idea.title}" has no description to write a script from',
            remedy="Add a description or a script, or set up a language model, which needs less text.",
        )
    title = _title_sentence(idea, units, language.code)
    said_first = sentence_seconds(title, brief, language.code) + units[0].seconds
    hook = units[:1] if len(units) > 2 and said_first <= MAX_HOOK_SECONDS else []
    close = units[-1:] if len(units) >= MIN_SENTENCES_WITH_CLOSE else []
    rest = units[len(hook) : len(units) - len(close)]
    edges = total_seconds([*hook, *close]) + sentence_seconds(title, brief, language.code) * (1 if close else 2)
    scenes = _split_into_scenes(rest)
    room = brief.target_seconds - edges
    if total_seconds(rest) + silence_seconds(2 + len(scenes), brief.scene_pause) > room * MAX_LENGTH_SHARE:
        scenes = fit_scenes(rest, room, brief.scene_pause) or scenes[:1]
    return _script(idea, language, brief, _Parts(hook, scenes, close), units, headings, title)


def use_given_script(idea: Idea, language: Language, brief: Brief) -> Script:
    """Return the script of the idea, with every sentence in order, whatever length was requested.

    Raises `ScriptError` for a script without words.
    """
    units, headings = _units(spoken_text(idea.script), language, brief, everything=True)
    if not units:
        raise ScriptError(
            f'The script of "{idea.title}" has no words to say', remedy="Put the spoken text in script_content."
        )
    first = 0
    if len(units) > 2:
        first = 2 if units[0].seconds < MIN_HOOK_SECONDS and len(units) > 3 else 1
    last = len(units) - 1 if len(units) > 1 else len(units)
    parts = _Parts(units[:first], _split_into_scenes(units[first:last]), units[last:])
    hook = "" if first else finish_sentence(idea.title, language.code)
    return _script(idea, language, brief, parts, units, headings, hook, paragraphs=True)


def spoken_text(script: str) -> str:
    """Return the spoken text of a script: without stage directions in square brackets and speaker names, and with lines
    such as "Scene 2: The harbour" as headings."""
    return _SCENE_LINE.sub(_heading, _SPEAKER.sub("", _DIRECTION.sub("", script)))


def count_directions(script: str) -> int:
    """Return the number of stage directions that are left out."""
    return len(_DIRECTION.findall(script))


def _heading(found: re.Match[str]) -> str:
    rest = found["rest"].strip()
    short = len(rest) <= _LONGEST_HEADING and not rest.endswith((".", "!", "?"))
    return f"\n# {rest}\n" if rest and short else f"\n{rest}"


def _units(text: str, language: Language, brief: Brief, *, everything: bool) -> tuple[list[Unit], list[str]]:
    segments = material(text)
    transcript = Transcript(language.code, language.direction, segments, "the idea")
    found, headings = split_units(transcript, everything=everything)
    units = with_seconds(found, language.code, brief.speech_rate)
    return with_ratings(units, rate_sentences(units, language.code)), headings


def material(text: str) -> tuple[Segment, ...]:
    """Return the headings and paragraphs of a typed text; each list item is a paragraph."""
    from pressrun.services.sources.texts import to_prose

    lines = "\n".join(re.sub(r"^[•●▪–][ \t]*", "- ", line.strip()) for line in text.strip().splitlines())
    # A text that begins with a horizontal rule has no front matter.
    lines = re.sub(r"\A(?:-{3,}\n+)+", "", lines)
    return to_prose(lines, markdown=bool(_MARKS.search(lines)))


def _title_sentence(idea: Idea, units: Sequence[Unit], code: str) -> str:
    """Return the title as spoken at the beginning, or an empty string if the description starts with it."""
    return "" if fold(units[0].text).startswith(fold(idea.title)) else finish_sentence(idea.title, code)


def _split_into_scenes(units: Sequence[Unit]) -> list[list[Unit]]:
    """Return all `units` section by section, in scenes of ordinary length; a short list point by point."""
    if len(units) <= MAX_POINTS and all(unit.opens for unit in units):
        return [[unit] for unit in units]
    sections = [list(group) for _, group in groupby(units, key=lambda unit: unit.section)]
    size = max(SCENE_SECONDS, total_seconds(units) / MAX_SCENES)
    fewest = min(MIN_SCENES, round(total_seconds(units) / MIN_SCENE_SECONDS)) if len(sections) == 1 else 1
    return [scene for each in sections for scene in divide(each, max(fewest, round(total_seconds(each) / size), 1))]


def _short(parts: _Parts, title: str, brief: Brief, code: str) -> str:
    """Return what the short says after the title."""
    room = brief.short_seconds - sentence_seconds(title, brief, code)
    return build_short(parts.hook, parts.scenes, parts.close, "", replace(brief, short_seconds=room), code)


def _script(
    idea: Idea, language: Language, brief: Brief, parts: _Parts, units: Sequence[Unit], headings: Sequence[str],
    title: str, *, paragraphs: bool = False,
) -> Script:
    """Return the script of `parts`; `title` is spoken before the hook, and `paragraphs` are kept if wanted."""
    code = language.code
    glue = sentence_separator(code)
    scenes = add_headings(parts.scenes, units, headings, brief.book, code, paragraphs=paragraphs)
    hook = glue.join(filter(None, [title, *(unit.text for unit in parts.hook)])) or finish_sentence(idea.title, code)
    close = glue.join(unit.text for unit in parts.close) or finish_sentence(idea.title, code)
    label = f"{contents}:\n" if (contents := phrases_of(code).contents) else ""
    listed = "\n".join(f"• {scene.heading}" for scene in scenes)
    about = idea.description or glue.join(unit.text for unit in units[:2])
    tags = [idea.title, idea.audience, *(scene.heading for scene in scenes)]
    return Script(
        title=publishing_text.fit_title(idea.title),
        book_title=brief.book.title,
        author=brief.book.author or "",
        language=code,
        direction=language.direction,
        hook=hook,
        scenes=scenes,
        close=close,
        description=publishing_text.fit_description(f"{about}\n\n{label}{listed}"),
        tags=publishing_text.fit_tags(tags) or (idea.title,),
        short=glue.join(filter(None, [title, _short(parts, title, brief, code)])),
        target_seconds=brief.target_seconds,
    )
