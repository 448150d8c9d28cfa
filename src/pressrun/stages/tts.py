"""tts: speak the script. Creates an audio file and the times of its words, for the video and for the short."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pressrun.errors import ScriptError, VoiceError
from pressrun.media.sound import SAMPLE_BYTES, Sound, shift_words, silence, write_wav
from pressrun.media.text import SENTENCE_END, word_spans
from pressrun.model.script import Narration, Passage, Script
from pressrun.services.pace import LEAD_SECONDS, SHORT_LEAD, SHORT_TAIL, TAIL_SECONDS, video_seconds
from pressrun.services.protocols import Progress, Speech
from pressrun.services.voices.narration import prepare_texts, speak_text
from pressrun.services.voices.part_store import keep_used
from pressrun.services.writers.final_check import script_warnings
from pressrun.stages.work import Work
from pressrun.store.run_folder import is_edited

if TYPE_CHECKING:
    from pressrun.services.protocols import Voice

SHORT_LIMITS = (60.0, 180.0)
"""Maximum length of a short in seconds, with lead and tail: what every platform accepts and, for a longer short, what
YouTube accepts since October 2024 (YouTube Help, "Understand three-minute YouTube Shorts")."""
FRAME_MARGIN = 0.5
"""Seconds to stay below the limit, because the encoder rounds up the last frame and the audio."""
ALIGN_HINT = ". Install pressrun[align] for exact word timings"
LENGTH_TOLERANCE = 0.15
"""Share by which the spoken length may differ from the expected one before the user is notified."""
MAX_SPEEDUP = 1.25
"""Factor by which a short that is too long is spoken faster. If that is not enough, it is cut."""


def run(work: Work) -> None:
    """Create `voice.wav`, `words.json`, `short_voice.wav` and `short_words.json` from `script.json`.

    Raises `ScriptError` for a script without scenes or with an empty part, and the errors of the voice.
    """
    script = work.load("script.json", Script)
    if is_edited(work.folder / "script.json"):
        for warning in script_warnings(script):
            work.warn(warning)
    # Used parts stay, so that an edited script needs only its new sentences.
    with keep_used(work.context.parts):
        _speak_script(work, script)


def _speak_script(work: Work, script: Script) -> None:
    parts = _parts(script)
    voice = _select_voice(work, script.language)

    def speak(text: str, rate: int) -> Speech:
        return speak_text(voice, text, script.language, rate, work.context)

    rate = int(work.settings["speech_rate"])
    total = len(parts) + 1
    progress: Progress = work.progress
    texts = [*(text for _, text in parts), script.short]
    if prepare_texts(voice, texts, script.language, rate, work.progress, work.context):
        # The user has seen the progress of all parts, and speaking them from the prepared files takes a moment.
        progress = _ignore_progress
    progress(0, total, "parts")
    spoken: list[tuple[str, str, Speech]] = []
    for heading, text in parts:
        spoken.append((heading, text, speak(text, rate)))
        progress(len(spoken), total, "parts")
    pauses = _Pauses(LEAD_SECONDS, float(work.settings["scene_pause"]), TAIL_SECONDS)
    sound, narration = _join(script, spoken, pauses)
    _save(work, "voice.wav", "words.json", sound, narration)
    _report_timing(work, narration)
    if note := _length_note(sound.seconds, video_seconds(script, rate, pauses.between), script.target_seconds):
        work.note(note)
    limit = next(limit for limit in SHORT_LIMITS if work.settings["short_seconds"] <= limit)
    text, speech = _fit_short(script.short, rate, limit, speak, work.note)
    short = _join(script, [(script.title, text, speech)], _Pauses(SHORT_LEAD, 0, SHORT_TAIL))
    _save(work, "short_voice.wav", "short_words.json", *short)
    progress(total, total, "parts")


def _parts(script: Script) -> list[tuple[str, str]]:
    """Return (heading, text) in spoken order."""
    if not script.scenes:
        raise ScriptError("script.json has no scenes", remedy="Remove it so that the stage process creates it again.")
    parts = [
        ("hook", script.book_title, script.hook),
        *((f"scenes[{n}].narration", scene.heading, scene.narration) for n, scene in enumerate(script.scenes)),
        ("close", script.title, script.close),
        ("short", script.title, script.short),
    ]
    for field, _, text in parts:
        if not any(each.isalnum() for each in text):
            raise ScriptError(
                f"script.json: the field {field} has no words",
                remedy="Add text, or remove the file so that the stage process creates it again.",
            )
    return [(heading, text) for _, heading, text in parts[:-1]]


def _ignore_progress(done: float, total: float, unit: str) -> None:
    """Report nothing, for work whose progress was already reported."""


def _collapse_spaces(text: str) -> str:
    return " ".join(text.split())


def _select_voice(work: Work, language: str) -> Voice:
    """Return the voice of the plan, or espeak for a language that kokoro does not speak, unless the setting forbids it.

    A plan is made before the language of every book is known.
    """
    from pressrun.services.voices import VOICES

    name = str(work.services["voice"])
    voice = VOICES.require(name)
    fallback = str(work.settings.get("kokoro_fallback", "none"))
    supports = getattr(voice, "supports", None)
    if fallback == "none" or supports is None or supports(language, work.context):
        return voice
    work.warn(
        f'The voice {name} does not speak the language "{language}" with these settings, so {fallback} does. '
        "Set voice to one that speaks it, or kokoro_fallback to none."
    )
    return VOICES.require(fallback)


@dataclass(frozen=True)
class _Pauses:
    """Seconds of silence before, between and after the passages. Cards cross-fade during those between."""

    lead: float
    between: float
    tail: float


def _join(script: Script, spoken: list[tuple[str, str, Speech]], pauses: _Pauses) -> tuple[Sound, Narration]:
    """Return the passages as one sound, with pauses, and the times of all words."""
    rate_hz = spoken[0][2].sample_rate
    pcm = bytearray(silence(pauses.lead, rate_hz))
    passages: list[Passage] = []
    for index, (heading, text, speech) in enumerate(spoken):
        if speech.sample_rate != rate_hz:
            raise VoiceError(
                f"The sample rate of the voice changed from {rate_hz} to {speech.sample_rate} Hz within one script",
                remedy="Run the stage again with a single voice.",
            )
        start = len(pcm) / SAMPLE_BYTES / rate_hz
        pcm += speech.pcm
        end = len(pcm) / SAMPLE_BYTES / rate_hz
        passages.append(
            Passage(heading, _collapse_spaces(text), round(start, 4), round(end, 4), shift_words(speech.words, start))
        )
        pcm += silence(pauses.tail if index == len(spoken) - 1 else pauses.between, rate_hz)
    sound = Sound(bytes(pcm), rate_hz)
    timing = spoken[0][2].timing
    return sound, Narration(script.language, script.direction, round(sound.seconds, 4), timing, tuple(passages))


def _report_timing(work: Work, narration: Narration) -> None:
    """Record the source of the word timings, and notify the user if they are not reported by the voice."""
    work.fact("timing", narration.timing)
    if narration.timing == "alignment":
        work.note("This voice reports no word timings; captions are timed by forced alignment")
    elif narration.timing == "sentence":
        work.note(
            "This voice reports no word timings; captions are timed per sentence and the highlighted word is estimated"
            + ALIGN_HINT * (narration.language == "en")
        )


def _length_note(seconds: float, expected: float, target: float) -> str:
    """Return a note if the video misses its target length because of the voice, else an empty string."""
    if abs(seconds - target) <= LENGTH_TOLERANCE * target or abs(seconds - expected) <= LENGTH_TOLERANCE * expected:
        return ""
    return f"The video takes {seconds:.0f} s instead of {target:.0f} s: the voice does not follow the speech rate"


def _fit_short(
    text: str, rate: int, max_seconds: float, speak: Callable[[str, int], Speech], note: Callable[[str], None]
) -> tuple[str, Speech]:
    """Return text and speech of a short of up to `max_seconds`: spoken faster if necessary, then cut by sentences."""
    limit = max_seconds - FRAME_MARGIN - SHORT_LEAD - SHORT_TAIL
    speech = speak(text, rate)
    seconds = len(speech.pcm) / SAMPLE_BYTES / speech.sample_rate
    if seconds <= limit:
        return text, speech
    faster = min(round(rate * seconds / limit) + 4, round(rate * MAX_SPEEDUP))
    speech = speak(text, faster)
    if len(speech.pcm) / SAMPLE_BYTES / speech.sample_rate <= limit:
        change = f"it is spoken at {faster} to stay below {max_seconds:.0f} s"
        note(f"The short takes {seconds:.0f} s at {rate} words per minute; {change}")
        return text, speech
    shorter = _cut(text, speech, limit)
    ending = f"it is cut to stay below {max_seconds:.0f} s and ends with: {shorter[-60:]!r}"
    note(f"The short takes {seconds:.0f} s; {ending}")
    return shorter, speak(shorter, faster)


def _cut(text: str, speech: Speech, limit: float) -> str:
    """Return `text` up to the last sentence, or else word, that ends within `limit` seconds of `speech`."""
    fitting = [index for index, word in enumerate(speech.words) if word.end <= limit]
    ends = [index for index in fitting if SENTENCE_END.search(speech.words[index].text)]
    last = (ends or fitting or [0])[-1]
    spans = word_spans(text, [word.text for word in speech.words])
    return text[: spans[last][1]] or text


def _save(work: Work, sound_name: str, words_name: str, sound: Sound, narration: Narration) -> None:
    with work.product(sound_name) as path:
        write_wav(path, sound)
    work.save(words_name, narration)
