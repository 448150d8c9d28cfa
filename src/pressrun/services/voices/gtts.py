"""Speak with gTTS, the voice of Google Translate: free, without a key, in about seventy languages.

It accepts 100 characters at once, so every part is one request. It reports no word timings and has no speech rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from io import BytesIO
from typing import Any

from pressrun.errors import NetworkError, VoiceError
from pressrun.services.protocols import Context, Progress, Readiness, Speech
from pressrun.services.voices import online
from pressrun.services.voices.online import RejectedError, SpeechApi
from pressrun.services.voices.voice_options import voice_gender

NAME = "gtts"
NEEDS_NETWORK = True
HOST = "translate.google.com"

MAX_LETTERS = 100
"""Characters the service accepts at once."""
SAMPLE_RATE = 24_000
"""Sample rate of its replies."""
TIMEOUT = (10.0, 10.0)
"""Timeouts in seconds: to connect, and between two bytes of a reply."""

_OTHER_NAMES = {"he": "iw", "jv": "jw", "in": "id", "nb": "no", "nn": "no", "fil": "tl", "zh": "zh-CN"}
"""Language codes that the service knows under another name."""
_RETRY_HINT = "Run the same command again when it answers; finished parts are kept. Or set voice to espeak."


def ready(context: Context) -> Readiness:
    from importlib.util import find_spec

    if find_spec("gtts") is None:
        return Readiness(False, "gTTS is not installed", "Install it with: pip install 'gTTS>=2.5.4'")
    if voice_gender(context) == "male":
        return Readiness(False, "it has no male voice", "Set voice to espeak or openai, or voice_gender to female.")
    return Readiness(True, "it needs no key; the text goes to Google")


def check(context: Context) -> str:  # noqa: ARG001
    """Request one spoken word."""
    return online.check_service(_speech_api("en"))


def prepare(texts: Sequence[str], language: str, rate: int, progress: Progress, context: Context) -> None:
    """Request all parts of `texts`, several at once. Raises like `speak`."""
    online.prepare(texts, rate, _speech_api(language), progress, context)


def speak(text: str, language: str, rate: int, context: Context) -> Speech:
    """Return `text` as speech with its words.

    Raises `VoiceError` for an unsupported language and for a text without a letter, and `NetworkError` if the service
    does not respond.
    """
    return online.speak(text, rate, _speech_api(language), context)


def _speech_api(language: str) -> SpeechApi:
    code = voice_code(language)
    request = partial(_request_speech, code=code)
    return SpeechApi("Google's voice", (NAME, code), language, MAX_LETTERS, SAMPLE_RATE, request)


def voice_code(language: str) -> str:
    """Return the service's own code of a language. Raises `VoiceError` for an unsupported one."""
    from gtts.lang import tts_langs

    spoken: dict[str, str] = {each.lower(): each for each in tts_langs()}
    wanted = language.lower().replace("_", "-")
    base = wanted.split("-")[0]
    for each in (wanted, _OTHER_NAMES.get(wanted, ""), base, _OTHER_NAMES.get(base, "")):
        if code := spoken.get(_OTHER_NAMES.get(each, each).lower()):
            return code
    raise VoiceError(
        f'Google\'s voice does not support the language "{language}"',
        remedy="Set voice to espeak, which supports more languages, or language to the language code of the text.",
    )


def _request_speech(text: str, code: str) -> bytes:
    from gtts import gTTS, gTTSError

    # The text is already split; the preparation by the library would make some parts too long for one request.
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
        raise RejectedError("returned an invalid response") from error
    return answer.getvalue()


def _translate_error(error: Any, text: str, code: str) -> Exception:
    response = error.rsp
    if response is None:
        return NetworkError(f"{HOST} does not answer", remedy=_RETRY_HINT)
    status = int(response.status_code)
    if status == 429 or status >= 500:
        wait = _seconds(response.headers.get("Retry-After", ""))
        return RejectedError(f"rejected the request with HTTP {status}", wait)
    if status == 200:
        return VoiceError(
            f'Google\'s voice produced no audio in the language "{code}" for the text {text[:60]!r}',
            remedy="Fix that sentence in script.json, or set voice to espeak.",
        )
    return VoiceError(
        f"Google's voice returned HTTP {status}",
        remedy="Update gTTS: pip install --upgrade gTTS. Or set voice to espeak.",
    )


def _seconds(header: str) -> float | None:
    return float(header) if header.strip().isdigit() else None
