"""A script made of the source's own sentences: nothing is invented but the two sentences that name the book.

The way: sentences (units) -> how much each says (ranking) -> a hook and a close -> stretches of the source become
scenes -> of each the sentences that fit the length (scenes) -> headings -> title, description, tags, short.
"""

from __future__ import annotations

from collections.abc import Sequence

from pressrun.errors import ScriptError
from pressrun.model.book import fold
from pressrun.model.script import Scene, Script, Transcript
from pressrun.services.languages import joiner, spoken_words, written_words
from pressrun.services.protocols import Brief, Context, Readiness
from pressrun.services.writers import limits
from pressrun.services.writers.headings import own_heading, phrase_of
from pressrun.services.writers.phrases import CONTRASTS, ending, fill, opening, phrases_of
from pressrun.services.writers.ranking import frequent_words, ratings, stop_words
from pressrun.services.writers.scenes import FEWEST, beginnings, best_of, stretches, told
from pressrun.services.writers.units import Unit, rated, units_of

NAME = "extractive"
NEEDS_NETWORK = False
LEAST = 40.0
"""Spoken words a source needs: a hook and a few scenes of one sentence each."""
LEAST_FOR_CLOSE = 7
"""Sentences a source needs so that one of them can be kept for the end."""
HOOK_WORDS = (6.0, 22.0)
"""Spoken words a striking sentence has."""
MOST_SENTENCES = 300
"""Sentences that are looked at; of longer sources, eight stretches spread over the whole."""
SHORT_FILL = 0.92
"""How much of the short's time is filled with words; the rest is breath between sentences."""


def ready(context: Context) -> Readiness:  # noqa: ARG001 - the protocol of every service
    return Readiness(True, "it writes with the sentences of the source; needs no network")


def write(transcript: Transcript, brief: Brief, context: Context) -> Script:  # noqa: ARG001
    """The script. Raises `ScriptError` when the source has fewer than `LEAST` words in sentences."""
    code, book = transcript.language, brief.book
    found, headings = units_of(transcript)
    _require_enough(found, transcript, brief)
    units = _spread(found)
    units = rated(units, ratings(units, code))
    words = brief.target_seconds * brief.speech_rate / 60

    hook = _hook(units, code, min(HOOK_WORDS[1], words / 5))
    close = _close(units, hook) if len(units) >= LEAST_FOR_CLOSE else []
    close = close if _words(close) < words / 6 else []
    named, thanks = opening(book, code), ending(book, code)
    said = _words([*hook, *close]) + spoken_words(named + " " + thanks, code)
    rest = _rest(units, hook, close, headings)
    scenes = told(stretches(rest, words - said), max(words - said, 1.0)) if rest else []
    if not scenes:
        scenes, hook = [hook], []
    titled = _titled(scenes, units, headings, brief, code)
    glue = joiner(code)
    hook_text = glue.join(filter(None, [*(unit.text for unit in hook), named])) or book.title
    close_text = glue.join(filter(None, [*(unit.text for unit in close), thanks])) or str(book)
    return Script(
        title=_title(brief, code),
        book_title=book.title,
        author=book.author or "",
        language=code,
        direction=transcript.direction,
        hook=hook_text,
        scenes=titled,
        close=close_text,
        description=_description(titled, hook_text, transcript, brief),
        tags=_tags(titled, brief, code),
        short=_short(hook, scenes, close, named, brief, code),
        target_seconds=brief.target_seconds,
    )


def _words(units: Sequence[Unit]) -> float:
    return sum(unit.words for unit in units)


def _require_enough(found: Sequence[Unit], transcript: Transcript, brief: Brief) -> None:
    have = _words(found)
    if have < LEAST:
        raise ScriptError(
            f"The source {transcript.source} has {have:.0f} words in sentences; a script for {brief.book} needs "
            f"{LEAST:.0f} or more",
            remedy="Put a longer text, or captions with more words, into the folder of sources.",
        )


def _spread(units: list[Unit]) -> list[Unit]:
    """All sentences, or stretches of neighbours spread evenly over a source that has very many."""
    if len(units) <= MOST_SENTENCES:
        return units
    pieces = 8
    size = MOST_SENTENCES // pieces
    starts = [round(index * (len(units) - size) / (pieces - 1)) for index in range(pieces)]
    return [units[index] for start in starts for index in range(start, start + size)]


def _hook(units: Sequence[Unit], code: str, high: float) -> list[Unit]:
    """A striking sentence of the first two thirds that stands alone and has `high` spoken words or fewer."""
    contrasts = CONTRASTS.get(code, frozenset())
    low = HOOK_WORDS[0]

    def strength(unit: Unit) -> float:
        fits = 1.0 if low <= unit.words <= high else max(0.0, 1 - abs(unit.words - high) / high)
        striking = min(2, sum(token in contrasts for token in unit.tokens)) * 0.25
        asks = 0.3 if unit.text.rstrip("\"'”’»").endswith(("?", "？", "؟")) else 0.0
        place = 0.9 if unit.place == 0 else 0.2 if unit.opens else 0.0
        return fits + striking + asks + place + unit.rating * 0.3 - (2.0 if unit.weak else 0.0)

    return [max(units[: max(1, len(units) * 2 // 3)], key=lambda unit: (strength(unit), -unit.place))]


def _close(units: Sequence[Unit], hook: Sequence[Unit]) -> list[Unit]:
    """The last sentence that stands alone, or the last two where the last leans on the one before."""
    last, before = units[-1], units[-2]
    if not last.weak:
        chosen = [last]
    elif not before.weak and before.section == last.section and last.words + before.words <= 40:
        chosen = [before, last]
    else:
        tail = [unit for unit in units[-5:] if not unit.weak] or [last]
        chosen = [tail[-1]]
    return [] if chosen[0] in hook else chosen


def _rest(units: Sequence[Unit], hook: Sequence[Unit], close: Sequence[Unit], headings: Sequence[str]) -> list[Unit]:
    """What the scenes can say. A few lines before the first heading only introduce, as the hook does already."""
    rest = [unit for unit in units if unit not in hook and unit not in close]
    lead = [unit for unit in rest if unit.section <= _first_section(headings, units)]
    others = {unit.section for unit in rest} - {unit.section for unit in lead}
    if len(others) >= FEWEST and _words(lead) < 80:
        return [unit for unit in rest if unit not in lead]
    return rest


def _first_section(headings: Sequence[str], units: Sequence[Unit]) -> int:
    """The number up to which sections are an introduction: no heading, or the one heading before all others."""
    first = units[0].section
    return first if len(headings) > FEWEST else -1


def _titled(
    scenes: Sequence[Sequence[Unit]], units: Sequence[Unit], headings: Sequence[str], brief: Brief, code: str
) -> tuple[Scene, ...]:
    """The scenes with their headings, each heading once."""
    # The author's name stands in every scene; it is the subject of sentences, not of scenes.
    author = frozenset(word.casefold() for word in written_words(brief.book.author or ""))
    stop = (stop_words(code) or frequent_words(units)) | author
    used: list[str] = [brief.book.title, brief.book.author or ""]
    made = []
    for scene in scenes:
        heading = own_heading(headings[scene[0].section], brief.book.title)
        if not heading or fold(heading) in map(fold, used):
            heading = phrase_of(scene, units, code, stop, used)
        used.append(heading)
        made.append(Scene(heading, joiner(code).join(unit.text for unit in scene)))
    return tuple(made)


def _title(brief: Brief, code: str) -> str:
    book, rows = brief.book, phrases_of(code)
    named = fill(rows.named, {"{title}": book.title, "{author}": book.author}) if book.author else book.title
    return limits.fitting_title(fill(rows.headline, {"{named}": named}), named, book.title)


def _description(scenes: Sequence[Scene], hook: str, transcript: Transcript, brief: Brief) -> str:
    rows = phrases_of(transcript.language)
    contents = "\n".join(f"• {scene.heading}" for scene in scenes)
    label = f"{rows.contents}:\n" if rows.contents else ""
    source = f"{rows.source}: {transcript.source}" if rows.source else transcript.source
    # The source and the book stand before the list: what is cut off at the limit is the least important.
    return limits.fitting_description(f"{hook}\n\n{brief.book}\n{source}\n\n{label}{contents}")


def _tags(scenes: Sequence[Scene], brief: Brief, code: str) -> tuple[str, ...]:
    book = brief.book
    return limits.fitting_tags(
        [book.title, book.author or "", *phrases_of(code).tags, *(scene.heading for scene in scenes)]
    )


def _short(
    hook: Sequence[Unit], scenes: Sequence[Sequence[Unit]], close: Sequence[Unit], named: str, brief: Brief, code: str
) -> str:
    """The hook, the name of the book, the best scenes or else sentences, the close: as much as the time holds."""
    room = brief.short_seconds * brief.speech_rate / 60 * SHORT_FILL
    start = list(hook) if _words(hook) <= room else []
    room -= _words(start)
    name = named if spoken_words(named, code) <= room / 2 else ""
    room -= spoken_words(name, code)
    end = list(close) if _words(close) <= room / 2 else []
    room -= _words(end)
    everything = [unit for scene in scenes for unit in scene]
    middle = beginnings(scenes, room) or (best_of(everything, room) if room >= 1 else [])
    parts = [*(unit.text for unit in start), name, *(unit.text for unit in middle), *(unit.text for unit in end)]
    return joiner(code).join(filter(None, parts)) or min(everything, key=lambda unit: unit.words).text
