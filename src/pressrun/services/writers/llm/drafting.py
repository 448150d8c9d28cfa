"""Turn a model's reply into a script: build the task, find faults in the reply, and build the draft."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pressrun.model.script import Scene, Script, Transcript
from pressrun.services.languages import (
    CHARACTERS_PER_WORD,
    detect_language,
    is_detectable,
    sentence_separator,
    split_sentences,
    written_words,
)
from pressrun.services.pace import SHORT_LEAD, SHORT_TAIL, short_seconds, silence_seconds, spoken_seconds, video_seconds
from pressrun.services.protocols import Brief
from pressrun.services.untrusted_text import remove_address_sentences, remove_addresses, strip_markup
from pressrun.services.writers import publishing_text
from pressrun.services.writers.llm.excerpts import delimit, make_excerpt
from pressrun.services.writers.phrases import fill_template, phrases_of

if TYPE_CHECKING:
    from pressrun.services.writers.llm.reply import Reply

SCENE_SECONDS = 22.0
"""Seconds of an ordinary scene: long enough for a thought, short enough for one picture."""
MIN_SCENES, MAX_SCENES = 3, 40
MAX_LENGTH_DEVIATION = 0.25
"""Maximum share by which a length may differ from the requested one before the model is asked again."""
SAMPLE_LETTERS = 4000
"""Characters of the source used to measure the speaking pace of its language."""
MIN_LETTERS = 200
"""Minimum letters for detecting the language of a text reliably."""
SIMILAR_LANGUAGES = (
    {"no", "nb", "nn", "da"}, {"hr", "sr", "bs"}, {"id", "ms"}, {"gl", "pt"}, {"zu", "xh"}, {"cs", "sk"},
)
"""Languages that the detector confuses."""


@dataclass(frozen=True)
class Fault:
    """A fault of a reply, in words for the model; `fatal` if the reply is unusable."""

    text: str
    fatal: bool = False


def task_and_validator(
    task: str, transcript: Transcript, brief: Brief
) -> tuple[Callable[[int], str], Callable[[Reply], tuple[Script, list[Fault]]]]:
    """Return two parts of a `Question`: the task with as much of the source as fits, and the validation of a reply."""

    def build_task(budget: int) -> str:
        return f"{task}\n\n{delimit(make_excerpt(transcript.segments, transcript.language, budget).text)}"

    def validate(reply: Reply) -> tuple[Script, list[Fault]]:
        script = build_draft(reply, transcript, brief)
        return script, find_faults(reply, script, brief)

    return build_task, validate


def task_values(transcript: Transcript, brief: Brief) -> dict[str, object]:
    """Return the placeholders of `script.md`: lengths in words, or in characters for languages without spaces."""
    book, code = brief.book, transcript.language
    scenes = max(MIN_SCENES, min(MAX_SCENES, round(brief.target_seconds / SCENE_SECONDS)))
    spoken = max(1.0, brief.target_seconds - silence_seconds(2 + scenes, brief.scene_pause))
    per_second = _units_per_second(transcript, brief)
    words = round(spoken * per_second)
    short = max(1.0, brief.short_seconds - SHORT_LEAD - SHORT_TAIL)
    return {
        "book": book,
        "title": book.title,
        "author": book.author or "",
        "language": code,
        "seconds": round(brief.target_seconds),
        "words": words,
        "unit": "characters" if code in CHARACTERS_PER_WORD else "words",
        "scenes": scenes,
        # Hook and close together take about as long as one scene.
        "scene_words": max(1, round(words / (scenes + 1))),
        "short_words": round(short * per_second),
        "short_seconds": round(brief.short_seconds),
    }


def _units_per_second(transcript: Transcript, brief: Brief) -> float:
    code = transcript.language
    words = written_words(transcript.text[:SAMPLE_LETTERS])
    seconds = spoken_seconds(transcript.text[:SAMPLE_LETTERS], code, brief.speech_rate)
    count = sum(map(len, words)) if code in CHARACTERS_PER_WORD else len(words)
    return count / seconds if seconds else 2.5


def build_draft(reply: Reply, transcript: Transcript, brief: Brief) -> Script:
    """Return the script of `reply`, without addresses and markup and within the limits of video sites.

    Its texts may have become empty.
    """
    code, book = transcript.language, brief.book

    def written(text: str) -> str:
        return remove_address_sentences(strip_markup(text), code)

    def spoken(text: str) -> str:
        return " ".join(written(text).split())

    def label(text: str) -> str:
        return remove_addresses(strip_markup(text))

    scenes = tuple(
        Scene(publishing_text.truncate(label(scene.heading), publishing_text.MAX_TITLE), narration)
        for scene in reply.scenes
        if (narration := spoken(scene.narration))
    )
    rows = phrases_of(code)
    named = fill_template(rows.named, {"{title}": book.title, "{author}": book.author}) if book.author else book.title
    return Script(
        title=publishing_text.fit_title(label(reply.title) or named),
        book_title=book.title,
        author=book.author or "",
        language=code,
        direction=transcript.direction,
        hook=spoken(reply.hook),
        scenes=scenes,
        close=spoken(reply.close),
        description=_description(written(reply.description), named),
        tags=publishing_text.fit_tags(map(label, reply.tags)) or (book.title,),
        short=_fit_short(spoken(reply.short), code, brief),
        target_seconds=brief.target_seconds,
    )


def _description(text: str, named: str) -> str:
    """Return `text`, followed by title and author, which people search for, unless it already contains them."""
    return publishing_text.fit_description(text, below="" if named in text else named)


def _fit_short(text: str, code: str, brief: Brief) -> str:
    """Return whole sentences in the time of the short, always including the first one."""
    kept: list[str] = []
    room = brief.short_seconds * (1 + MAX_LENGTH_DEVIATION / 2) - SHORT_LEAD - SHORT_TAIL
    for sentence in split_sentences(text, code):
        if kept and spoken_seconds(sentence_separator(code).join([*kept, sentence]), code, brief.speech_rate) > room:
            break
        kept.append(sentence)
    return sentence_separator(code).join(kept)


def find_faults(reply: Reply, script: Script, brief: Brief) -> list[Fault]:
    """Return what the model should correct; `script` is `build_draft` of `reply`."""
    return [
        *_missing_texts(reply, script),
        *_limit_faults(reply),
        *_length_faults(reply, script, brief),
        *_language_faults(script),
    ]


def _missing_texts(reply: Reply, script: Script) -> list[Fault]:
    found = []
    texts = {"hook": script.hook, "close": script.close, "short": script.short}
    for name, text in texts.items():
        if not written_words(text):
            found.append(Fault(f"{name} says nothing once web addresses are taken out.", fatal=True))
    if len(script.scenes) < min(2, len(reply.scenes)) or not all(written_words(each.heading) for each in script.scenes):
        found.append(Fault("Every scene needs a heading and a narration without web addresses.", fatal=True))
    return found


def _limit_faults(reply: Reply) -> list[Fault]:
    found = []
    if (size := len(reply.title)) > publishing_text.MAX_TITLE:
        found.append(Fault(f"title has {size} characters; {publishing_text.MAX_TITLE} are allowed."))
    if (size := len(reply.description.encode())) > publishing_text.MAX_DESCRIPTION:
        found.append(Fault(f"description has {size} bytes; {publishing_text.MAX_DESCRIPTION} are allowed."))
    if (size := sum(map(len, reply.tags))) > publishing_text.MAX_TAGS:
        found.append(Fault(f"tags have {size} characters together; {publishing_text.MAX_TAGS} are allowed."))
    return found


def _length_faults(reply: Reply, script: Script, brief: Brief) -> list[Fault]:
    found = []
    made = video_seconds(script, brief.speech_rate, brief.scene_pause)
    short = SHORT_LEAD + spoken_seconds(reply.short, script.language, brief.speech_rate) + SHORT_TAIL
    for name, seconds, wanted in (
        ("hook, scenes and close together", made, brief.target_seconds),
        ("short", max(short, short_seconds(script, brief.speech_rate)), brief.short_seconds),
    ):
        if abs(seconds - wanted) > MAX_LENGTH_DEVIATION * wanted:
            change = "longer" if seconds < wanted else "shorter"
            found.append(
                Fault(f"{name} take {seconds:.0f} seconds when spoken; make it {wanted / seconds:.0%} of its length, "
                      f"which is {change}.")
            )
    return found


def _language_faults(script: Script) -> list[Fault]:
    """Check the language of the scenes together, and of each other text that is long enough."""
    found = []
    scenes = " ".join(scene.narration for scene in script.scenes)
    for name, text in (("The scenes", scenes), ("short", script.short), ("description", script.description)):
        if sum(map(str.isalpha, text)) < MIN_LETTERS and text != scenes:
            continue
        if (code := _language(text, script.language, sure=text != scenes)) != script.language:
            found.append(
                Fault(f'{name}: the language is "{code}"; write in the one with the code "{script.language}".', True)
            )
    return found


def _language(text: str, wanted: str, *, sure: bool) -> str:
    """Return the language of `text`.

    It is the wanted one if the detector does not know or confuses it, and with `sure` also if it is not certain: a text
    with many words of the wanted language is in it.
    """
    if not is_detectable(wanted):
        return wanted
    detected = detect_language(text)
    alike = any({detected.code, wanted} <= group for group in SIMILAR_LANGUAGES)
    return wanted if alike or (sure and not detected.sure) else detected.code
