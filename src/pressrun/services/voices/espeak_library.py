"""Call the C library of the espeak voice with ctypes: `speak_lib.h` of eSpeak NG 1.52."""

from __future__ import annotations

import atexit
import ctypes
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from pressrun.error_reports import reason_text
from pressrun.errors import VoiceError

_AUDIO_OUTPUT_SYNCHRONOUS = 2
_INITIALIZE_DONT_EXIT = 0x8000
_POSITION_IS_CHARACTER = 1
_CHARS_UTF8 = 1
_PARAMETER_RATE = 1
_PARAMETER_PITCH = 3
_DEFAULT_PITCH, _PITCH_PER_SEMITONE = 50, 50 / 12
"""Its scale from 0 to 100 covers an octave down and an octave up."""
_PHONEMES_IPA, _PHONEMES_TIED = 0x02, 0x80 | ord("^") << 8
"""Modes of `espeak_TextToPhonemes`: IPA, with "^" inside a sound of several letters such as "t^ʃ"."""
_MAX_CLAUSES = 10_000
"""Clauses of one text after which the library must have lost its way."""
_EVENT_END_OF_LIST = 0
_EVENT_WORD = 1
_LONGEST_DATA_PATH = 120
"""Bytes of path that the library supports; it truncates a longer one and finds no data (its buffer has 160)."""

_REINSTALL = "Install it again with: pip install --force-reinstall espeakng-loader"


class _EventId(ctypes.Union):
    _fields_: ClassVar = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_: ClassVar = [
        ("type", ctypes.c_int), ("unique_identifier", ctypes.c_uint), ("text_position", ctypes.c_int),
        ("length", ctypes.c_int), ("audio_position", ctypes.c_int), ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p), ("id", _EventId),
    ]


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class Engine:
    """The library, loaded and initialized once. Not thread-safe."""

    def __init__(self) -> None:
        try:
            import espeakng_loader

            self._library = ctypes.CDLL(str(espeakng_loader.get_library_path()))
            data = _short_path(Path(espeakng_loader.get_data_path()))
        except (ImportError, OSError) as error:
            raise VoiceError(f"eSpeak NG cannot be loaded: {reason_text(error)}", remedy=_REINSTALL) from error
        self.sample_rate: int = self._library.espeak_Initialize(
            _AUDIO_OUTPUT_SYNCHRONOUS, 0, str(data).encode(sys.getfilesystemencoding()), _INITIALIZE_DONT_EXIT
        )
        if self.sample_rate <= 0:
            raise VoiceError(f"eSpeak NG cannot start with its data in {data}", remedy=_REINSTALL)
        self._pcm: list[bytes] = []
        self._words: list[tuple[int, int]] = []
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        # ctypes does not keep a reference to the callback.
        self._callback = _Callback(self._receive)
        self._library.espeak_SetSynthCallback(self._callback)

    def choose(self, name: str, language: str, variant: str = "") -> None:
        """Select the voice of a language, with a variant such as "+f2"; "pt-xx" falls back to "pt".

        Raises `VoiceError` if there is no voice for the language.
        """
        for each in dict.fromkeys((name, name.split("-")[0])):
            if each and self._library.espeak_SetVoiceByName((each + variant).encode("ascii", "replace")) == 0:
                return
        raise VoiceError(
            f'The espeak voice does not support the language "{language}"',
            remedy='Set language to the language code of the text, e.g. "en", or choose another voice.',
        )

    def synthesise(self, text: str, rate: int, pitch: float = 0.0) -> tuple[bytes, list[tuple[int, int]]]:
        """Return 16-bit mono PCM, and for every reported word its position in `text` (from 1) and in the audio (in
        samples).

        `pitch` is in semitones above the voice's own, -12 to 12.
        """
        self._pcm, self._words = [], []
        self._library.espeak_SetParameter(_PARAMETER_RATE, rate, 0)
        self._library.espeak_SetParameter(_PARAMETER_PITCH, round(_DEFAULT_PITCH + pitch * _PITCH_PER_SEMITONE), 0)
        data = text.encode("utf-8", "replace") + b"\0"
        size = ctypes.c_size_t(len(data))
        failed = self._library.espeak_Synth(data, size, 0, _POSITION_IS_CHARACTER, 0, _CHARS_UTF8, None, None)
        if failed:
            raise VoiceError(
                f"eSpeak NG failed to speak the text {text[:60]!r} (code {failed})",
                remedy="Shorten or fix the narration.",
            )
        return b"".join(self._pcm), self._words

    def phonemes(self, text: str) -> str:
        """Return `text` in IPA with stress marks, its words separated by spaces, in the selected language.

        A sound of several letters has "^" between them. Punctuation is left out.
        """
        pointer = ctypes.c_char_p(text.encode("utf-8", "replace"))
        clauses: list[str] = []
        # Each call reads one clause and moves the pointer, to null at the end.
        while pointer.value is not None and len(clauses) < _MAX_CLAUSES:
            found = self._library.espeak_TextToPhonemes(
                ctypes.byref(pointer), _CHARS_UTF8, _PHONEMES_IPA | _PHONEMES_TIED
            )
            clauses.append((found or b"").decode("utf-8", "replace"))
        return " ".join(" ".join(clauses).split())

    def _receive(self, samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            self._pcm.append(ctypes.string_at(samples, count * 2))
        index = 0
        while events[index].type != _EVENT_END_OF_LIST:
            event = events[index]
            if event.type == _EVENT_WORD:
                self._words.append((event.text_position, event.sample))
            index += 1
        return 0


_lock = threading.Lock()


@contextmanager
def exclusive_engine() -> Iterator[Engine]:
    """Give exclusive use of the engine of this process. Raises `VoiceError` if it cannot be loaded."""
    with _lock:
        yield _engine()


@cache
def _engine() -> Engine:
    return Engine()


def _short_path(data: Path) -> Path:
    """Return `data`, or a link to it in the temporary folder if its path is too long for the library."""
    if len(str(data).encode(sys.getfilesystemencoding())) <= _LONGEST_DATA_PATH:
        return data
    folder = Path(tempfile.mkdtemp(prefix="pressrun-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    link = folder / data.name
    link.symlink_to(data, target_is_directory=True)
    return link
