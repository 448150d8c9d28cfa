"""Speak with a Piper voice that you have: an `.onnx` file and its `.onnx.json`, in about fifty languages, offline.

Phonemes come from eSpeak NG, as when the voices were trained. The models add noise for variety; it is off here, so that
the same text always has the same sound.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressrun.error_reports import is_memory_error
from pressrun.errors import VoiceError
from pressrun.services.protocols import Context, Progress, Readiness, Speech
from pressrun.services.voices import neural
from pressrun.services.voices.neural import Encoded, NeuralVoice
from pressrun.services.voices.phonemes import marks_around, split_at_dashes, unit_phonemes
from pressrun.services.voices.text_units import Unit

if TYPE_CHECKING:
    from pressrun.services.voices.neural import Floats

NAME = "piper"
NEEDS_NETWORK = False

FOLDER = "voices"
"""In the workspace."""
NATURAL_RATE = 165
"""Words per minute that a voice is assumed to speak at its own pace."""
FRAME_SAMPLES = 256
"""Samples of a frame of the models."""
HEARD_LATE = 0.025
"""Seconds that a word is heard after its first frame; measured against the onset of words after a pause."""
LONGEST_PART = 800
"""Tokens above which a sentence is split."""
SLOWEST, FASTEST = 0.5, 2.0
_START, _END, _PAD = "^", "$", "_"
_MARKS = frozenset(",;:.!?()\"'¡¿—–…")
_FRAMES_OUTPUT = re.compile(rb"/[\w/.]*Ceil_output_0|Ceil_output_0")
"""The tensor with the frames of each token."""
_REMEDY = "Put a Piper voice (.onnx and .onnx.json) into voices/ in the workspace, or set piper_voice to its path."
_session_lock = threading.Lock()


@dataclass(frozen=True)
class PiperVoice:
    """A voice and what its configuration says."""

    model: Path
    accent: str
    """Name of its language in eSpeak NG, e.g. "en-us"."""
    sample_rate: int
    speakers: int
    length_scale: float
    ids: dict[str, tuple[int, ...]]
    """Symbol -> numbers in the model."""

    @property
    def name(self) -> str:
        """Return its name, e.g. "en_US-joe-medium"."""
        return self.model.stem

    @property
    def language(self) -> str:
        """Return its two-letter language code."""
        return _language_code(self.accent)


def ready(context: Context) -> Readiness:
    if find_spec("onnxruntime") is None:
        return Readiness(False, "onnxruntime is not installed", "Install it with: pip install 'pressrun[voice]'")
    wanted = str(context.settings.get("piper_voice", ""))
    language = str(context.settings.get("language", "auto"))
    try:
        if not wanted and not find_voices(context.workspace):
            return Readiness(False, "there is no voice in voices/", _REMEDY)
        if language == "auto" and not wanted:
            remedy = "Set language, or piper_voice to the voice of all books."
            return Readiness(False, "the language is not set, and each of its voices speaks only one", remedy)
        voice = _find_voice(wanted, language, context)
    except VoiceError as error:
        return Readiness(False, error.message, error.remedy, configured=bool(wanted))
    return Readiness(True, f"its voice {voice.name} needs no network; a minute of speech takes about 5 s")


def supports(language: str, context: Context) -> bool:
    """Return whether it has a voice for the language and the settings."""
    try:
        return bool(_find_voice(str(context.settings.get("piper_voice", "")), language, context))
    except VoiceError:
        return False


def check(context: Context) -> str:
    """Speak a word."""
    wanted, language = str(context.settings.get("piper_voice", "")), str(context.settings.get("language", "auto"))
    voice = _find_voice(wanted, language, context)
    speech = speak("1.", voice.language, NATURAL_RATE, context)
    return f"{voice.name} spoke a word in {len(speech.pcm) / 2 / speech.sample_rate:.1f} s"


def prepare(texts: Sequence[str], language: str, rate: int, progress: Progress, context: Context) -> None:
    """Speak all parts of `texts`, two at once. Raises like `speak`."""
    neural.prepare(texts, _voice(language, rate, context), progress, context)


def speak(text: str, language: str, rate: int, context: Context) -> Speech:
    """Return `text` as speech with its words.

    Raises `VoiceError` for a language without a voice, for a text without a letter, and for a file that is no Piper
    voice.
    """
    return neural.speak(text, rate, _voice(language, rate, context), context)


def find_voices(workspace: Path) -> list[PiperVoice]:
    """Return the voices in the workspace, by name. Raises `VoiceError` for a configuration that cannot be read."""
    return [read_voice(path) for path in sorted((workspace / FOLDER).glob("*.onnx"))]


def read_voice(model: Path) -> PiperVoice:
    """Return the voice of a model. Raises `VoiceError` if it or its configuration is missing or cannot be used."""
    config = model.with_name(f"{model.name}.json")
    for path in (model, config):
        if not path.is_file():
            raise VoiceError(f"{path} does not exist", remedy=_REMEDY)
    try:
        found = json.loads(config.read_text(encoding="utf-8"))
        kind = found.get("phoneme_type", "espeak")
        voice = PiperVoice(
            model, str(found["espeak"]["voice"]), int(found["audio"]["sample_rate"]), int(found.get("num_speakers", 1)),
            float(found.get("inference", {}).get("length_scale", 1)),
            {str(symbol): tuple(map(int, ids)) for symbol, ids in found["phoneme_id_map"].items()},
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise VoiceError(f"{config} is not the configuration of a Piper voice", remedy=_REMEDY) from error
    if kind != "espeak" or not {_START, _END, _PAD} <= voice.ids.keys():
        raise VoiceError(
            f"{model.name} is a Piper voice without phonemes of eSpeak NG (phoneme type {kind})",
            remedy="Use a voice with the phoneme type espeak.",
        )
    return voice


def _find_voice(wanted: str, language: str, context: Context) -> PiperVoice:
    """Return the voice `wanted`, else the first of the language. Raises `VoiceError`."""
    if wanted:
        voice = read_voice(model_path(wanted, context.workspace))
        if language != "auto" and voice.language != _language_code(language):
            raise VoiceError(
                f'The voice {voice.name} speaks "{voice.language}", not the language "{language}"',
                remedy="Set piper_voice to a voice of that language, or choose another voice.",
            )
        return voice
    fitting = [voice for voice in find_voices(context.workspace) if voice.language == _language_code(language)]
    if not fitting:
        raise VoiceError(f'There is no voice for the language "{language}" in voices/', remedy=_REMEDY)
    return fitting[0]


def model_path(wanted: str, workspace: Path) -> Path:
    """Return the file of a voice given by its path or its name in the workspace."""
    if wanted.endswith(".onnx"):
        return workspace / Path(wanted).expanduser()
    return workspace / FOLDER / f"{wanted}.onnx"


def _language_code(language: str) -> str:
    code = language.lower().replace("_", "-").split("-")[0]
    return {"cmn": "zh", "nb": "no"}.get(code, code)


def _voice(language: str, rate: int, context: Context) -> NeuralVoice:
    voice = _find_voice(str(context.settings.get("piper_voice", "")), language, context)
    speaker = int(context.settings.get("piper_speaker", 0))
    if speaker >= max(voice.speakers, 1):
        raise VoiceError(
            f"The voice {voice.name} has {voice.speakers} speakers, and piper_speaker is {speaker}",
            remedy=f"Set piper_speaker to 0 to {voice.speakers - 1}.",
        )
    data = _read_model(voice.model, voice.model.stat().st_mtime_ns)
    speed = min(max(rate / NATURAL_RATE, SLOWEST), FASTEST)
    return NeuralVoice(
        (NAME, data.sha256, str(speaker)), language, voice.sample_rate, speed, LONGEST_PART,
        partial(_encode, voice=voice), partial(_synthesise, voice=voice, data=data, speaker=speaker),
    )


@dataclass(frozen=True)
class _Model:
    path: Path
    sha256: str
    session: list[Any]
    """The session, once it is open."""


@lru_cache(maxsize=2)
def _read_model(path: Path, changed: int) -> _Model:  # noqa: ARG001 - a changed file is read again
    with path.open("rb") as file:
        return _Model(path, hashlib.file_digest(file, "sha256").hexdigest(), [])


def _encode(units: tuple[Unit, ...], voice: PiperVoice) -> Encoded:
    """Return the tokens of units: a padding token follows each symbol, as the models were trained."""
    pieces, owners = split_at_dashes(units)
    tokens: list[int] = []
    token_owners: list[int | None] = []

    def add(text: str, owner: int | None) -> None:
        for symbol in text:
            for number in (*voice.ids.get(symbol, ()), *(voice.ids[_PAD] if symbol in voice.ids else ())):
                tokens.append(number)
                token_owners.append(owner)

    add(_START, None)
    for index, (unit, sound, owner) in enumerate(
        zip(pieces, unit_phonemes(pieces, voice.accent), owners, strict=True)
    ):
        before, after = marks_around(unit.spoken, _MARKS)
        if index < len(pieces) - 1:
            after = after.replace(".", "")
        if index and unit.gap and (sound or before):
            add(" ", None)
        add(before, None)
        add(unicodedata.normalize("NFD", sound.replace("^", "")), owner)
        add(after, None)
    tokens += voice.ids[_END]
    token_owners += [None] * len(voice.ids[_END])
    return Encoded(tuple(tokens), tuple(token_owners))


def _synthesise(
    tokens: Sequence[int], speed: float, voice: PiperVoice, data: _Model, speaker: int
) -> tuple[Floats, Sequence[int]]:
    import numpy as np

    inputs: dict[str, Any] = {
        "input": np.array([tokens], np.int64),
        "input_lengths": np.array([len(tokens)], np.int64),
        # No noise in the sound and in the durations; the length.
        "scales": np.array([0.0, voice.length_scale / speed, 0.0], np.float32),
    }
    session = _session(data)
    if any(each.name == "sid" for each in session.get_inputs()):
        inputs["sid"] = np.array([speaker], np.int64)
    sound, frames = session.run(None, inputs)[:2]
    samples = sound.reshape(-1)
    ends = np.cumsum(np.rint(frames.reshape(-1))).astype(int) * FRAME_SAMPLES
    late = round(HEARD_LATE * voice.sample_rate)
    return samples, [int(end) + late for end in (0, *ends[:-1])]


def _session(data: _Model) -> Any:
    with _session_lock:
        if not data.session:
            data.session.append(_open_session(data.path))
    return data.session[0]


def _open_session(path: Path) -> Any:
    content = path.read_bytes()
    found = _FRAMES_OUTPUT.search(content)
    try:
        if found is None:
            raise ValueError("it does not report the length of its sounds")
        return neural.open_session(content, found[0].decode())
    except Exception as error:
        if is_memory_error(error):
            raise
        raise VoiceError(
            f"{path} cannot be used as a Piper voice: {str(error).splitlines()[0]}", remedy=_REMEDY
        ) from error
