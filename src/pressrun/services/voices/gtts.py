"""gTTS: the voice of Google Translate, free and without a key, in some seventy languages.

It takes 100 characters at once, so that every part is one request. It tells nothing of its words, and knows no rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from io import BytesIO
from typing import Any

from pressrun.errors import NetworkError, VoiceError
from pressrun.services.protocols import Context, Progress, Readiness, Speech
from pressrun.services.voices import parts
from pressrun.services.voices.parts import RejectedError, SpeechApi
from pressrun.services.voices.voice_options import voice_gender

NAME = "gtts"
NEEDS_NETWORK = True
HOST = "translate.google.com"

MAX_LETTERS = 100
"""Characters the service takes at once."""
SAMPLE_RATE = 24_000
"""As it answers."""
TIMEOUT = (10.0, 10.0)
"""Seconds to connect, and without a byte of an answer."""

_OTHER_NAMES = {"he": "iw", "jv": "jw", "in": "id", "nb": "no", "nn": "no", "fil": "tl", "zh": "zh-CN"}
"""Language codes that the service knows by another name."""
_RETRY_HINT = "Run the same command again when it answers; what was spoken is kept. Or set voice to espeak."


def ready(context: Context) -> Readiness:
    from importlib.util import find_spec

    if find_spec("gtts") is None:
        return Readiness(False, "gTTS is not installed", "Install it with: pip install 'gTTS>=2.5.4'")
    if voice_gender(context) == "male":
        return Readiness(False, "it has no man's voice", "Set voice to espeak or openai, or voice_gender to female.")
    return Readiness(True, "it needs no key; the text goes to Google")


def check(context: Context) -> str:  # noqa: ARG001
    """Has a word spoken."""
    return parts.request_with_retries(_speech_api("en"))


def prepare(texts: Sequence[str], language: str, rate: int, progress: Progress, context: Context) -> None:
    """Asks for all parts of `texts` at once; raises as `speak` does."""
    parts.prepare(texts, rate, _speech_api(language), progress, context)


def speak(text: str, language: str, rate: int, context: Context) -> Speech:
    """`text` as sound with its words.

    Raises `VoiceError` for a language the service does not speak and for a text without a letter, `NetworkError`
    where it does not answer.
    """
    return parts.speak(text, rate, _speech_api(language), context)


def _speech_api(language: str) -> SpeechApi:
    code = voice_code(language)
    request = partial(_request_speech, code=code)
    return SpeechApi("Google's voice", (NAME, code), language, MAX_LETTERS, SAMPLE_RATE, request)


def voice_code(language: str) -> str:
    """The service's own code of a language. Raises `VoiceError` for one it does not speak."""
    from gtts.lang import tts_langs

    spoken: dict[str, str] = {each.lower(): each for each in tts_langs()}
    asked = language.lower().replace("_", "-")
    for each in (asked, _OTHER_NAMES.get(asked, ""), asked.split("-")[0], _OTHER_NAMES.get(asked.split("-")[0], "")):
        if code := spoken.get(_OTHER_NAMES.get(each, each).lower()):
            return code
    raise VoiceError(
        f'Google\'s voice does not speak the language "{language}"',
        remedy="Set voice to espeak, which speaks more of them, or language to the code of the text.",
    )


def _request_speech(text: str, code: str) -> bytes:
    from gtts import gTTS, gTTSError

    # The parts are cut already; the library's own preparation would lengthen some beyond what fits in one request.
    speech = gTTS(
        text, lang=code, lang_check=False, pre_processor_funcs=[], tokenizer_func=lambda whole: [whole],
        timeout=TIMEOUT,
    )
    answer = BytesIO()
    try:
        speech.write_to_fp(answer)
    except gTTSError as error:
        raise _translate_error(error, text, code) from None
    except ValueError as error:
        raise RejectedError("gave an answer that cannot be understood") from error
    return answer.getvalue()


def _translate_error(error: Any, text: str, code: str) -> Exception:
    response = error.rsp
    if response is None:
        return NetworkError(f"{HOST} does not answer", remedy=_RETRY_HINT)
    status = int(response.status_code)
    if status == 429 or status >= 500:
        return RejectedError(f"refused with HTTP {status}", _seconds(response.headers.get("Retry-After", "")))
    if status == 200:
        return VoiceError(
            f'Google\'s voice gave no sound in the language "{code}" for the text {text[:60]!r}',
            remedy="Mend that sentence in script.json, or set voice to espeak.",
        )
    return VoiceError(
        f"Google's voice refused with HTTP {status}",
        remedy="Bring gTTS up to date with: pip install --upgrade gTTS. Or set voice to espeak.",
    )


def _seconds(header: str) -> float | None:
    return float(header) if header.strip().isdigit() else None
