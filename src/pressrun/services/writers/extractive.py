"""Write a script from the source's own sentences; only the two sentences that name the book are new.

Steps: sentences (units) -> their ratings (ranking) -> a hook and a close -> stretches of the source become scenes ->
the sentences of each that fit the length (scenes) -> headings -> title, description, tags, short.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pressrun.errors import ScriptError
from pressrun.model.book import Book
from pressrun.model.script import Scene, Script, Transcript
from pressrun.services.languages import sentence_separator
from pressrun.services.protocols import Brief, Context, Readiness
from pressrun.services.writers import publishing_text
from pressrun.services.writers.finishing import add_headings, build_short, fit_scenes, sentence_seconds
from pressrun.services.writers.ideas import write_idea as write_idea
from pressrun.services.writers.phrases import (
    ending_sentence,
    fill_template,
    opening_sentence,
    phrases_of,
    shorter_forms,
)
from pressrun.services.writers.ranking import rate_sentences
from pressrun.services.writers.references import CONTRASTS
from pressrun.services.writers.scenes import MIN_SCENES, total_seconds
from pressrun.services.writers.units import Unit, split_units, with_ratings, with_seconds

NAME = "extractive"
NEEDS_NETWORK = False
MIN_WORDS = 40.0
"""Minimum spoken words of a source: a hook and a few scenes of one sentence each."""
MIN_SENTENCES_WITH_CLOSE = 7
"""Minimum sentences of a source, so that one can be kept for the end."""
HOOK_SECONDS = (2.0, 8.0)
"""Bonus of a striking sentence."""
NAME_SHARE, NAME_SECONDS = 0.25, 8.0
"""Maximum share of the video, and maximum seconds, for the sentence that names the book at the beginning."""
CLOSE_SHARE = 1 / 6
"""Maximum share of the video for the close."""
MAX_SENTENCES = 300
"""Maximum number of sentences considered; of longer sources, eight stretches spread over the whole."""


def ready(context: Context) -> Readiness:  # noqa: ARG001 - the protocol of every service
    return Readiness(True, "it uses the sentences of the source; needs no network")


def write(transcript: Transcript, brief: Brief, context: Context) -> Script:  # noqa: ARG001
    """Return the script. Raises `ScriptError` if the sentences of the source have fewer than `MIN_WORDS` words."""
    code, book = transcript.language, brief.book
    found, headings = split_units(transcript)
    _require_enough(found, transcript, brief)
    units = with_seconds(_spread(found), code, brief.speech_rate)
    units = with_ratings(units, rate_sentences(units, code))
    target = brief.target_seconds

    hook = _hook(units, code, min(HOOK_SECONDS[1], target / 5))
    close = _close(units, hook, target * CLOSE_SHARE) if len(units) >= MIN_SENTENCES_WITH_CLOSE else []
    most = min(NAME_SECONDS, target * NAME_SHARE)
    named = _naming_phrases(opening_sentence, brief, code, most)
    thanks = _naming_phrases(ending_sentence, brief, code, most / 2)
    if not (close or thanks):
        thanks = shorter_forms(book)[-1].title
    fixed_seconds = total_seconds([*hook, *close]) + sentence_seconds(named, brief, code)
    fixed_seconds += sentence_seconds(thanks, brief, code)
    rest = _rest(units, hook, close, headings)
    scenes = fit_scenes(rest, target - fixed_seconds, brief.scene_pause)
    if not scenes:
        scenes, hook = [hook], []
    titled = add_headings(scenes, units, headings, brief.book, code)
    glue = sentence_separator(code)
    hook_text = glue.join(filter(None, [*(unit.text for unit in hook), named])) or shorter_forms(book)[-1].title
    close_text = glue.join(filter(None, [*(unit.text for unit in close), thanks]))
    return Script(
        title=_title(brief, code),
        book_title=book.title,
        author=book.author or "",
        language=code,
        direction=transcript.direction,
        hook=hook_text,
        scenes=titled,
        close=close_text,
        description=_description(titled, hook_text, brief, code),
        tags=_tags(titled, brief, code),
        short=build_short(hook, scenes, close, named, brief, code),
        target_seconds=target,
    )


def _naming_phrases(sentence: Callable[[Book, str], str], brief: Brief, code: str, most: float) -> str:
    """Return the sentence that names the book, with as much of title and author as fits in `most` seconds."""
    forms = [sentence(form, code) for form in shorter_forms(brief.book)]
    return next((form for form in forms if sentence_seconds(form, brief, code) <= most), forms[-1])


def _require_enough(found: Sequence[Unit], transcript: Transcript, brief: Brief) -> None:
    have = sum(unit.words for unit in found)
    if have < MIN_WORDS:
        raise ScriptError(
            f"The source {transcript.source} has {have:.0f} words in sentences; a script for {brief.book} needs "
            f"{MIN_WORDS:.0f} or more",
            remedy=f"Replace {transcript.source} in the sources folder with a longer text.",
        )


def _spread(units: list[Unit]) -> list[Unit]:
    """Return all sentences, or stretches spread evenly over a source with very many."""
    if len(units) <= MAX_SENTENCES:
        return units
    pieces = 8
    size = MAX_SENTENCES // pieces
    starts = [round(index * (len(units) - size) / (pieces - 1)) for index in range(pieces)]
    return [units[index] for start in starts for index in range(start, start + size)]


def _hook(units: Sequence[Unit], code: str, high: float) -> list[Unit]:
    """Return a striking sentence of the first two thirds that needs no context and takes at most `high` seconds."""
    contrasts = CONTRASTS.get(code, frozenset())
    low = HOOK_SECONDS[0]

    def strength(unit: Unit) -> float:
        fits = 1.0 if low <= unit.seconds <= high else max(0.0, 1 - abs(unit.seconds - high) / high)
        striking = min(2, sum(token in contrasts for token in unit.tokens)) * 0.25
        asks = 0.3 if unit.text.rstrip("\"'”’»").endswith(("?", "？", "؟")) else 0.0
        place = 0.9 if unit.place == 0 else 0.2 if unit.opens else 0.0
        return fits + striking + asks + place + unit.rating * 0.3 - (2.0 if unit.weak else 0.0)

    return [max(units[: max(1, len(units) * 2 // 3)], key=lambda unit: (strength(unit), -unit.place))]


def _close(units: Sequence[Unit], hook: Sequence[Unit], most: float) -> list[Unit]:
    """Return the end of the source within `most` seconds.

    It is the last sentence with the one before it, which it usually needs; otherwise a last paragraph of one sentence,
    or nothing.
    """
    last, before = units[-1], units[-2]
    pair = [] if last.opens or before.section != last.section or before.weak else [before, last]
    alone = [] if last.weak or not last.opens else [last]
    fitting = [each for each in (pair, alone) if each and total_seconds(each) <= most and not set(each) & set(hook)]
    return fitting[0] if fitting else []


def _rest(units: Sequence[Unit], hook: Sequence[Unit], close: Sequence[Unit], headings: Sequence[str]) -> list[Unit]:
    """Return the units for the scenes. A few lines before the first heading are only an introduction, like the hook."""
    rest = [unit for unit in units if unit not in hook and unit not in close]
    lead = [unit for unit in rest if unit.section <= _first_section(headings, units)]
    others = {unit.section for unit in rest} - {unit.section for unit in lead}
    if len(others) >= MIN_SCENES and total_seconds(lead) < 30:
        return [unit for unit in rest if unit not in lead]
    return rest


def _first_section(headings: Sequence[str], units: Sequence[Unit]) -> int:
    """Return the number of the last introductory section: no heading, or the one heading before all others."""
    first = units[0].section
    return first if len(headings) > MIN_SCENES else -1


def _title(brief: Brief, code: str) -> str:
    named = _book(brief, code)
    headline = fill_template(phrases_of(code).headline, {"{named}": named})
    return publishing_text.fit_title(headline, named, brief.book.title)


def _book(brief: Brief, code: str) -> str:
    """Return title and author on one line."""
    book = brief.book
    if not book.author:
        return book.title
    return fill_template(phrases_of(code).named, {"{title}": book.title, "{author}": book.author})


def _description(scenes: Sequence[Scene], hook: str, brief: Brief, code: str) -> str:
    contents = "\n".join(f"• {scene.heading}" for scene in scenes)
    label = f"{rows.contents}:\n" if (rows := phrases_of(code)).contents else ""
    # The book comes first: truncation at the limit removes the least important part.
    return publishing_text.fit_description(f"{hook}\n\n{_book(brief, code)}\n\n{label}{contents}")


def _tags(scenes: Sequence[Scene], brief: Brief, code: str) -> tuple[str, ...]:
    book = brief.book
    return publishing_text.fit_tags(
        [book.title, book.author or "", *phrases_of(code).tags, *(scene.heading for scene in scenes)]
    )
