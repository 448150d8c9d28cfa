"""Timestamps and speaker labels of transcripts: the times of a page of captions, "NARRATOR:", "Speaker 1  0:07"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from pressrun.services.sources.cleaning.left_out import Tally
from pressrun.services.sources.cleaning.sounds import is_sound
from pressrun.services.sources.cleaning.vocabulary import one_of, word_set

_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?"
_TIME = re.compile(r"\d:\d\d")
_TIME_ALONE = re.compile(rf"\W{{0,3}}{_CLOCK}(?:\s*(?:-+>|[-–—]|to)\s*{_CLOCK})?\W{{0,3}}")
_TIME_FIRST = re.compile(
    rf"[ \t]*(?:[\[(<]{_CLOCK}(?:\s*(?:-+>|[-–—])\s*{_CLOCK})?[\])>]"
    rf"|{_CLOCK}\s*(?:-+>\s*{_CLOCK})?)(?:\s*[-–—|:])?[ \t]+(?=\S)"
)
_TIME_IN_BRACKETS = re.compile(rf"[ \t]*[\[(<]{_CLOCK}")
MAX_LABEL = 100
"""Characters of a line in which the colon of a label or a time is."""
_LONG_TIME = re.compile(
    r"(?:minutes?, )?\d+ (?:hours?|minutes?|seconds?)(?:,? (?:and )?\d+ (?:minutes?|seconds?))*(?=\S)"
)
_SPEAKER_TIME = re.compile(rf"[^\W\d_][\w .'’-]{{0,40}}?\s*[,|-]?\s*[\[(]?{_CLOCK}[\])]?:?")
_ROLES = one_of(
    "narrator|announcer|host|co-?host|interviewer|interviewee|moderator|presenter|speakers?|reporter|reader|caller",
    "audience|voice[- ]?over|v\\.?o\\.?|man|woman|boy|girl|all|both|everyone|chorus|crowd|male voice|female voice",
    "unknown speaker|unidentified|operator|anchor|guest|erzähler(?:in)?|sprecher(?:in)?|moderator(?:in)?|narrateur",
    "narratrice|intervieweur|narrador(?:a)?|presentador(?:a)?|narratore|verteller",
)
ROLE = re.compile(
    rf"[ \t]*(?:>>+\s*)?[\[(]?{_ROLES}(?:\s?#?\d{{1,2}}|\s[A-Z])?[\])]?(?:\s?\([^()\n]{{1,40}}\))?[ \t]*:[ \t]*",
    re.IGNORECASE,
)
_CAPITALS = re.compile(
    r"[ \t]*(?:>>+\s*)?[\[(]?((?:(?:DR|MR|MRS|MS"
    r"|ST)\. )?[A-ZÀ-ÖØ-ÞА-ЯЁΑ-Ω][A-ZÀ-ÖØ-ÞА-ЯЁΑ-Ω'’\- ]{1,30}(?:\s?#?\d{1,2})?)[\])]?"
    r"(?:\s?\([^()\n]{1,40}\))?[ \t]*:[ \t]+(?=\S)"
)
_NAME = re.compile(
    r"[ \t]*(?:>>+\s*)?((?:Dr\.|Mr\.|Mrs\.|Ms\."
    r"|Prof\.)?[ ]?[A-ZÀ-ÖØ-ÞА-ЯЁΑ-Ω][\w.'’-]{1,20}(?: [A-ZÀ-ÖØ-ÞА-ЯЁΑ-Ω][\w.'’-]{0,20}){0,2})[ \t]*:[ \t]+(?=\S)"
)
_WIDE_NAME = re.compile(
    r"[ \t]*[≪《＜<]?((?:[\u3040-\u30ff\u3400-\u9fff]{1,8}"
    r"|[\uac00-\ud7a3]{2,5}))[ \t]?[：:]\s*(?=\S)"
)
_WIDE_START = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_PAGE_WORDS = re.compile(
    r"(?:\d+ (?:hours?|stunden?|heures?|horas?|ore|minut[eos]s?|minuten|minuti|seconds?|sekunden?|secondes?|segundos?"
    r"|second[oi])(?:,? (?:and |und |et |y |e )?(?=\d))?){1,3}"
    r"|(?:show |hide )?transcri(?:pt|ption|pción|zione)|transkript|search (?:in video|transcript)|im video suchen"
    r"|rechercher dans la vidéo|sync to video time|follow along using the transcript\.?"
    r"|[^\W\d_]{4,20}(?: \([^()\n]{2,30}\))? \((?:auto-generated|automatisch erzeugt|automatisch generiert"
    r"|générés automatiquement|generados automáticamente|generati automaticamente)\)|chapter \d{1,3}: .{1,80}"
    r"|.{1,60} (?:started|stopped) transcription|.{0,80}-meeting (?:recording|transcript)|(?:\d+h )?\d+m \d+s"
    r"|(?:[^\W\d_]+ \d{1,2}, \d{4}|\d{1,2}\.? [^\W\d_]+ \d{4}),? \d{1,2}:\d{2} ?(?:[ap]m)?"
    r"|transcribed by (?:https?://)?\S+",
    re.IGNORECASE,
)
"""Lines that a page or a program puts around a transcript."""
_SOUND_FIRST = re.compile(r"[ \t]*(?:\(([^()]{2,60})\)|\*([^*]{2,60})\*)[ \t]*")
_CHEVRONS = re.compile(r"[ \t]*(?:>>+|&gt;&gt;)[ \t]*:?[ \t]*")
_NO_LABEL = word_set(
    "note notes warning important tip tips caution example examples question answer q a summary conclusion "
    "remark nb ps p.s. first second third fact rule step hint moral lesson definition theorem proof result "
    "update attention remember hinweis achtung beispiel frage antwort remarque attention exemple question "
    "réponse nota ejemplo pregunta respuesta monday tuesday wednesday thursday friday saturday sunday"
)


def is_time(line: str) -> bool:
    """Return whether a line is a time and nothing else."""
    return line[-1:] in "0123456789])>.,- " and bool(_TIME_ALONE.fullmatch(line.strip()))


def clean_transcript(text: str, tally: Tally) -> str | None:
    """Return a transcript without times and labels, or None if the text has none."""
    clock = _lines_with_colon(text)
    if not clock:
        return None
    times = [line for line in clock if _TIME.search(line)]
    alone = sum(is_time(line) for line in times)
    first = sum(bool(_TIME_FIRST.match(line)) for line in times)
    with_name = sum(bool(_SPEAKER_TIME.fullmatch(line.strip())) for line in times)
    labels = _labels(clock, text)
    bracketed = sum(bool(_TIME_IN_BRACKETS.match(line)) for line in times)
    if not (alone or first or with_name or labels or any(map(ROLE.match, clock))):
        return None
    drop_alone = alone >= 2
    drop_first = first >= 2 and (bracketed >= 2 or first * 3 >= _count_lines(text))
    drop_named = with_name >= 2
    drop_words = drop_alone or drop_named
    lines = text.split("\n")
    made: list[str] = []
    changed = False
    for line in lines:
        if drop_words and line[:1].strip() and _PAGE_WORDS.fullmatch(line.strip()):
            tally.add("times")
            continue
        clean = _clean_line(line, drop_alone, drop_first, drop_named, labels, tally) if ":" in line else line
        changed = changed or clean != line
        if clean is not None:
            made.append(clean)
    return "\n".join(made) if changed or len(made) < len(lines) else None


def _lines_with_colon(text: str) -> list[str]:
    """Return the lines that have a colon among their first letters."""
    lines = []
    place = text.find(":")
    while place >= 0:
        start = text.rfind("\n", 0, place) + 1
        end = text.find("\n", place)
        end = len(text) if end < 0 else end
        if place - start <= MAX_LABEL:
            lines.append(text[start:end])
        place = text.find(":", end)
    if "：" in text:
        lines += [line for line in text.split("\n") if "：" in line[:12] and ":" not in line[:MAX_LABEL]]
    return lines


def _clean_line(
    line: str, drop_alone: bool, drop_first: bool, drop_named: bool, labels: frozenset[str], tally: Tally
) -> str | None:
    if drop_alone and is_time(line):
        tally.add("times")
        return None
    if drop_first and (found := _TIME_FIRST.match(line)):
        tally.add("times")
        line = line[found.end() :]
        if (sound := _SOUND_FIRST.match(line)) and is_sound(next(filter(None, sound.groups())), "("):
            tally.add("sounds")
            line = line[sound.end() :]
    if drop_named and _SPEAKER_TIME.fullmatch(line.strip()):
        tally.add("speakers")
        return ""
    return remove_label(line, labels, tally)


def remove_label(line: str, labels: frozenset[str], tally: Tally) -> str:
    """Return a line without the label of its speaker: a role such as "NARRATOR:", or one of `labels`."""
    found = ROLE.match(line)
    if found and (found[0].strip()[:1].isupper() or found[0].strip()[:1] in "[(>"):
        tally.add("speakers")
        return line[found.end() :]
    if not labels:
        return line
    for pattern in (_CAPITALS, _NAME, _WIDE_NAME):
        found = pattern.match(line)
        if found and found[1].strip().casefold() in labels:
            tally.add("speakers")
            return line[found.end() :]
    return line


def _count_lines(text: str) -> int:
    """Return the number of lines that are not empty, about."""
    return text.count("\n") - text.count("\n\n") + 1


def _labels(lines: Iterable[str], text: str) -> frozenset[str]:
    """Return the names that label speeches: capitals that come back, or the names that most lines begin with."""
    capitals: Counter[str] = Counter()
    names: Counter[str] = Counter()
    for line in lines:
        if found := _CAPITALS.match(line):
            capitals[found[1].strip().casefold()] += 1
        elif found := _NAME.match(line) or _WIDE_NAME.match(line):
            names[found[1].strip().casefold()] += 1
    kept = {name for name, times in capitals.items() if times >= 2 and name not in _NO_LABEL}
    if (
        len(names) >= 2
        and sum(names.values()) >= 4
        and sum(names.values()) * 2 >= _count_lines(text)
        and all(times >= 2 for times in names.values())
    ):
        kept |= {name for name in names if name not in _NO_LABEL and name.split()[0] not in _NO_LABEL}
    return frozenset(kept)


def caption_labels(lines: Iterable[str]) -> frozenset[str]:
    """Return the names that label speakers in captions: in capitals, or a name that comes back in most labels."""
    capitals: set[str] = set()
    names: Counter[str] = Counter()
    count = 0
    for line in lines:
        count += 1
        if ":" not in line and "：" not in line:
            continue
        if found := _CAPITALS.match(line):
            capitals.add(found[1].strip().casefold())
        elif found := _NAME.match(line) or _WIDE_NAME.match(line):
            names[found[1].strip().casefold()] += 1
    labelled = sum(names.values())
    most = labelled >= 3 and labelled * 2 > count and labelled > len(names)
    capitals |= {
        name
        for name, times in names.items()
        if most or times >= 3 or (times == 2 and len(names) == 1) or name in capitals or _WIDE_START.match(name)
    }
    return frozenset(name for name in capitals if name not in _NO_LABEL and name.split()[0] not in _NO_LABEL)


def remove_chevrons(line: str, tally: Tally) -> str:
    """Return a line of captions without the `>>` of a change of speaker."""
    cleaned = _CHEVRONS.sub("", line) if ">>" in line or "&gt;&gt;" in line else line
    tally.add("speakers", cleaned != line)
    return cleaned
