"""From a model's reply to a script: what it is asked, what is wrong with a reply, what is made of one that stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pressrun.model.script import Scene, Script, Transcript
from pressrun.services.languages import CHARACTERS_PER_WORD, can_tell, joiner, language_of, sentences, written_words
from pressrun.services.pace import SHORT_LEAD, SHORT_TAIL, short_seconds, silence_seconds, spoken_seconds, video_seconds
from pressrun.services.protocols import Brief
from pressrun.services.writers import limits
from pressrun.services.writers.addresses import label_without_addresses, without_addresses
from pressrun.services.writers.llm.fence import excerpt, fenced
from pressrun.services.writers.llm.marks import without_marks
from pressrun.services.writers.phrases import fill, phrases_of

if TYPE_CHECKING:
    from pressrun.services.writers.llm.reply import Reply

SCENE_SECONDS = 22.0
"""Of an ordinary scene: long enough for a thought, short enough for one picture."""
FEWEST_SCENES, MOST_SCENES = 3, 40
MISSED = 0.25
"""Share by which a length may miss what was asked before the model is asked again."""
SAMPLE = 4000
"""Characters of the source by which the pace of its language is told."""
ENOUGH_LETTERS = 200
"""Of a text whose language is told with some certainty."""
ALIKE = ({"no", "nb", "nn", "da"}, {"hr", "sr", "bs"}, {"id", "ms"}, {"gl", "pt"}, {"zu", "xh"}, {"cs", "sk"})
"""Languages that the detector takes for each other."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a reply, in words for the model; `fatal` where nothing can be made of it."""

    text: str
    fatal: bool = False


def asked_and_judged(
    task: str, transcript: Transcript, brief: Brief
) -> tuple[Callable[[int], str], Callable[[Reply], tuple[Script, list[Fault]]]]:
    """For a `Question`: the task with as much of the fenced source as fits, and what is made of a reply."""

    def asked(budget: int) -> str:
        return f"{task}\n\n{fenced(excerpt(transcript.segments, transcript.language, budget).text)}"

    def judge(reply: Reply) -> tuple[Script, list[Fault]]:
        script = draft(reply, transcript, brief)
        return script, faults(reply, script, brief)

    return asked, judge


def task_values(transcript: Transcript, brief: Brief) -> dict[str, object]:
    """The placeholders of `script.md`: lengths in words, or in characters where a language has no blanks."""
    book, code = brief.book, transcript.language
    scenes = max(FEWEST_SCENES, min(MOST_SCENES, round(brief.target_seconds / SCENE_SECONDS)))
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
        # Hook and close take the time of about one scene.
        "scene_words": max(1, round(words / (scenes + 1))),
        "short_words": round(short * per_second),
        "short_seconds": round(brief.short_seconds),
    }


def _units_per_second(transcript: Transcript, brief: Brief) -> float:
    code = transcript.language
    words = written_words(transcript.text[:SAMPLE])
    seconds = spoken_seconds(transcript.text[:SAMPLE], code, brief.speech_rate)
    count = sum(map(len, words)) if code in CHARACTERS_PER_WORD else len(words)
    return count / seconds if seconds else 2.5


def draft(reply: Reply, transcript: Transcript, brief: Brief) -> Script:
    """The script of `reply`, without addresses and marks and within the limits of video sites; texts may have become
    empty."""
    code, book = transcript.language, brief.book

    def written(text: str) -> str:
        return without_addresses(without_marks(text), code)

    def spoken(text: str) -> str:
        return " ".join(written(text).split())

    def label(text: str) -> str:
        return label_without_addresses(without_marks(text))

    scenes = tuple(
        Scene(limits.cut(label(scene.heading), limits.MAX_TITLE), narration)
        for scene in reply.scenes
        if (narration := spoken(scene.narration))
    )
    rows = phrases_of(code)
    named = fill(rows.named, {"{title}": book.title, "{author}": book.author}) if book.author else book.title
    return Script(
        title=limits.fitting_title(label(reply.title) or named),
        book_title=book.title,
        author=book.author or "",
        language=code,
        direction=transcript.direction,
        hook=spoken(reply.hook),
        scenes=scenes,
        close=spoken(reply.close),
        description=_description(written(reply.description), named),
        tags=limits.fitting_tags(map(label, reply.tags)) or (book.title,),
        short=_fitting_short(spoken(reply.short), code, brief),
        target_seconds=brief.target_seconds,
    )


def _description(text: str, named: str) -> str:
    """`text`, and below it title and author, which people search for, unless it names them so already."""
    return limits.fitting_description(text, below="" if named in text else named)


def _fitting_short(text: str, code: str, brief: Brief) -> str:
    """Whole sentences in the time of the short, the first one in any case."""
    kept: list[str] = []
    room = brief.short_seconds * (1 + MISSED / 2) - SHORT_LEAD - SHORT_TAIL
    for sentence in sentences(text, code):
        if kept and spoken_seconds(joiner(code).join([*kept, sentence]), code, brief.speech_rate) > room:
            break
        kept.append(sentence)
    return joiner(code).join(kept)


def faults(reply: Reply, script: Script, brief: Brief) -> list[Fault]:
    """What should be asked again, `script` being what `draft` makes of `reply`."""
    return [*_unsaid(reply, script), *_too_long(reply), *_missed(reply, script, brief), *_other_language(script)]


def _unsaid(reply: Reply, script: Script) -> list[Fault]:
    found = []
    texts = {"hook": script.hook, "close": script.close, "short": script.short}
    for name, text in texts.items():
        if not written_words(text):
            found.append(Fault(f"{name} says nothing once web addresses are taken out.", fatal=True))
    if len(script.scenes) < min(2, len(reply.scenes)) or not all(written_words(each.heading) for each in script.scenes):
        found.append(Fault("Every scene needs a heading and a narration without web addresses.", fatal=True))
    return found


def _too_long(reply: Reply) -> list[Fault]:
    found = []
    if (size := len(reply.title)) > limits.MAX_TITLE:
        found.append(Fault(f"title has {size} characters; {limits.MAX_TITLE} are allowed."))
    if (size := len(reply.description.encode())) > limits.MAX_DESCRIPTION:
        found.append(Fault(f"description has {size} bytes; {limits.MAX_DESCRIPTION} are allowed."))
    if (size := sum(map(len, reply.tags))) > limits.MAX_TAGS:
        found.append(Fault(f"tags have {size} characters together; {limits.MAX_TAGS} are allowed."))
    return found


def _missed(reply: Reply, script: Script, brief: Brief) -> list[Fault]:
    found = []
    made = video_seconds(script, brief.speech_rate, brief.scene_pause)
    short = SHORT_LEAD + spoken_seconds(reply.short, script.language, brief.speech_rate) + SHORT_TAIL
    for name, seconds, asked in (
        ("hook, scenes and close together", made, brief.target_seconds),
        ("short", max(short, short_seconds(script, brief.speech_rate)), brief.short_seconds),
    ):
        if abs(seconds - asked) > MISSED * asked:
            change = "longer" if seconds < asked else "shorter"
            found.append(
                Fault(f"{name} take {seconds:.0f} seconds when spoken; make it {asked / seconds:.0%} of its length, "
                      f"which is {change}.")
            )
    return found


def _other_language(script: Script) -> list[Fault]:
    """Checked are the scenes together, and each other text that is long enough to tell."""
    found = []
    scenes = " ".join(scene.narration for scene in script.scenes)
    for name, text in (("The scenes", scenes), ("short", script.short), ("description", script.description)):
        if sum(map(str.isalpha, text)) < ENOUGH_LETTERS and text != scenes:
            continue
        if (code := _language(text, script.language, sure=text != scenes)) != script.language:
            found.append(
                Fault(f'{name}: the language is "{code}"; write in the one with the code "{script.language}".', True)
            )
    return found


def _language(text: str, wanted: str, *, sure: bool) -> str:
    """The language of `text`; the wanted one where the detector does not know it or mixes both up, and with `sure`
    also where it is not certain: of many words in the wanted language it is."""
    if not can_tell(wanted):
        return wanted
    told = language_of(text)
    alike = any({told.code, wanted} <= group for group in ALIKE)
    return wanted if alike or (sure and not told.sure) else told.code
