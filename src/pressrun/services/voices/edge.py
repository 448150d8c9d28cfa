"""Speak with the online voices of Microsoft Edge: free, without a key, in about thirty languages, with word times.

The text goes to Microsoft, so `auto` never chooses it.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path

from pressrun.errors import NetworkError, VoiceError
from pressrun.services.protocols import Context, Progress, Readiness, Speech
from pressrun.services.voices import online
from pressrun.services.voices.online import RejectedError, SpeechApi
from pressrun.services.voices.splitting import NATURAL_RATE
from pressrun.services.voices.voice_options import voice_gender
from pressrun.services.voices.word_matching import HeardWord

NAME = "edge"
NEEDS_NETWORK = True
HOST = "speech.platform.bing.com"

MAX_CHARACTERS = 1000
"""Characters per request: a sentence, however long; the service accepts 4,096 bytes."""
SAMPLE_RATE = 24_000
"""Sample rate of its replies."""
CONNECT_TIMEOUT, READ_TIMEOUT = 10, 20
"""Seconds to connect, and between two messages."""
SLOWEST, FASTEST = 0.5, 2.0
"""Speech rates that it supports, relative to its own."""
MP3_DELAY = 0.046
"""Seconds by which a decoded MP3 without a header is late."""
TICKS_PER_SECOND = 10_000_000
_HEADER_BYTES = 4

VOICES = {
    "ar": "ar-SA-Zariyah ar-SA-Hamed", "bg": "bg-BG-Kalina bg-BG-Borislav", "ca": "ca-ES-Joana ca-ES-Enric",
    "cs": "cs-CZ-Vlasta cs-CZ-Antonin", "da": "da-DK-Christel da-DK-Jeppe", "de": "de-DE-Katja de-DE-Conrad",
    "el": "el-GR-Athina el-GR-Nestoras", "en": "en-US-Aria en-US-Guy", "es": "es-ES-Elvira es-ES-Alvaro",
    "fi": "fi-FI-Noora fi-FI-Harri", "fr": "fr-FR-Denise fr-FR-Henri", "he": "he-IL-Hila he-IL-Avri",
    "hi": "hi-IN-Swara hi-IN-Madhur", "hr": "hr-HR-Gabrijela hr-HR-Srecko", "hu": "hu-HU-Noemi hu-HU-Tamas",
    "id": "id-ID-Gadis id-ID-Ardi", "it": "it-IT-Elsa it-IT-Diego", "ja": "ja-JP-Nanami ja-JP-Keita",
    "ko": "ko-KR-SunHi ko-KR-InJoon", "nb": "nb-NO-Pernille nb-NO-Finn", "nl": "nl-NL-Colette nl-NL-Maarten",
    "no": "nb-NO-Pernille nb-NO-Finn", "pl": "pl-PL-Zofia pl-PL-Marek", "pt": "pt-BR-Francisca pt-BR-Antonio",
    "ro": "ro-RO-Alina ro-RO-Emil", "ru": "ru-RU-Svetlana ru-RU-Dmitry", "sk": "sk-SK-Viktoria sk-SK-Lukas",
    "sv": "sv-SE-Sofie sv-SE-Mattias", "th": "th-TH-Premwadee th-TH-Niwat", "tr": "tr-TR-Emel tr-TR-Ahmet",
    "uk": "uk-UA-Polina uk-UA-Ostap", "vi": "vi-VN-HoaiMy vi-VN-NamMinh", "zh": "zh-CN-Xiaoxiao zh-CN-Yunxi",
}
"""Language -> its default female and male voice, without the "Neural" at the end of their names."""
_UPDATE = "Update edge-tts: pip install --upgrade edge-tts. Or set voice to another."


def ready(context: Context) -> Readiness:
    from importlib.util import find_spec

    if context.settings.get("voice") != NAME:
        return Readiness(False, "it is used only by name, because the text goes to Microsoft", "Set voice to edge.")
    if find_spec("edge_tts") is None:
        return Readiness(False, "edge-tts is not installed", "Install it with: pip install 'pressrun[edge]'")
    language = str(context.settings.get("language", "auto"))
    if language != "auto" and not supports(language, context):
        return Readiness(False, f'it has no voice for the language "{language}"', _set_voice(language))
    return Readiness(True, "it needs no key; the text goes to Microsoft")


def supports(language: str, context: Context) -> bool:
    """Return whether it has a voice for the language and the settings."""
    return bool(_voice_name(language, context))


def check(context: Context) -> str:
    """Request one spoken word."""
    return online.check_service(_speech_api("en", NATURAL_RATE, context))


def prepare(texts: Sequence[str], language: str, rate: int, progress: Progress, context: Context) -> None:
    """Request all parts of `texts`, several at once. Raises like `speak`."""
    online.prepare(texts, rate, _speech_api(language, rate, context), progress, context)


def speak(text: str, language: str, rate: int, context: Context) -> Speech:
    """Return `text` as speech with the word times of the service.

    Raises `VoiceError` for an unsupported language and for a text without a letter, and `NetworkError` if the service
    does not respond.
    """
    return online.speak(text, rate, _speech_api(language, rate, context), context)


def _speech_api(language: str, rate: int, context: Context) -> SpeechApi:
    voice = _voice_name(language, context)
    if not voice:
        raise VoiceError(
            f'Microsoft\'s voices do not support the language "{language}"', remedy=_set_voice(language)
        )
    percent = round((min(max(rate / NATURAL_RATE, SLOWEST), FASTEST) - 1) * 100)
    return SpeechApi(
        "Microsoft's voice", (NAME, voice, f"{percent:+d}%"), language, MAX_CHARACTERS, SAMPLE_RATE,
        partial(_request_speech, voice=voice, percent=percent), has_rate=True, unpack=unpack,
    )


def _voice_name(language: str, context: Context) -> str:
    """Return the voice of the settings for books in its language, else the default of the language, or ""."""
    wanted = str(context.settings.get("edge_voice", ""))
    code = language.lower().replace("_", "-").split("-")[0]
    if wanted.lower().split("-")[0] == code:
        return wanted
    female, male = (VOICES.get(code) or " ").split(" ")
    name = male if voice_gender(context) == "male" else female
    return f"{name}Neural" if name else ""


def _set_voice(language: str) -> str:
    return f"Set edge_voice to a voice for {language}, as edge-tts --list-voices prints them, or set voice to another."


def _request_speech(text: str, voice: str, percent: int) -> bytes:
    """Return the word times and the MP3 of a text; see `unpack`."""
    import aiohttp
    from edge_tts import exceptions

    try:
        return asyncio.run(_receive(text, voice, percent))
    except aiohttp.ClientResponseError as error:
        if error.status == 429 or error.status >= 500:
            raise RejectedError(f"rejected the request with HTTP {error.status}") from None
        raise VoiceError(f"Microsoft's voice returned HTTP {error.status}", remedy=_UPDATE) from None
    except exceptions.SkewAdjustmentError:
        raise VoiceError("Microsoft's voice does not accept the request", remedy=_UPDATE) from None
    except exceptions.NoAudioReceived:
        raise VoiceError(
            f"Microsoft's voice {voice} produced no audio for the text {text[:60]!r}",
            remedy="Fix that sentence in script.json, check edge_voice, or set voice to another.",
        ) from None
    except aiohttp.ClientSSLError:
        raise NetworkError(
            f"{HOST} has an untrusted certificate", remedy="Set SSL_CERT_FILE to the certificates of your network."
        ) from None
    except (aiohttp.ClientError, TimeoutError, OSError):
        raise NetworkError(
            f"{HOST} does not answer",
            remedy="Run the same command again when it answers; finished parts are kept. Or set voice to another.",
        ) from None
    except (exceptions.EdgeTTSException, ValueError) as error:
        raise RejectedError("returned an invalid response") from error


async def _receive(text: str, voice: str, percent: int) -> bytes:
    import edge_tts

    _trust_own_certificates()
    # The library's stream_sync waits forever if the connection fails.
    stream = edge_tts.Communicate(
        text, voice, rate=f"{percent:+d}%", boundary="WordBoundary", proxy=_proxy(),
        connect_timeout=CONNECT_TIMEOUT, receive_timeout=READ_TIMEOUT,
    ).stream()
    words: list[tuple[str, float]] = []
    sound = bytearray()
    async for message in stream:
        if message["type"] == "audio":
            sound += message["data"]
        else:
            words.append((message["text"], round(message["offset"] / TICKS_PER_SECOND + MP3_DELAY, 4)))
    header = json.dumps(words, ensure_ascii=False).encode()
    return len(header).to_bytes(_HEADER_BYTES, "big") + header + bytes(sound)


def unpack(data: bytes) -> tuple[bytes, tuple[HeardWord, ...]]:
    """Return the MP3 and the words of a stored part: the length of a JSON list, the list, and the MP3."""
    end = _HEADER_BYTES + int.from_bytes(data[:_HEADER_BYTES], "big")
    words = json.loads(data[_HEADER_BYTES:end])
    return data[end:], tuple(HeardWord(str(text), float(start)) for text, start in words)


def _proxy() -> str | None:
    """Return the proxy of the environment; aiohttp looks only for one of its own for WebSockets."""
    from urllib.request import getproxies, proxy_bypass

    return None if proxy_bypass(HOST) else getproxies().get("https")


def _trust_own_certificates() -> None:
    """Also trust the certificates in SSL_CERT_FILE, e.g. those of a company's proxy.

    edge-tts 7 has a context of its own with those of certifi, and no parameter for it.
    """
    from edge_tts import communicate

    path = os.environ.get("SSL_CERT_FILE")
    if path and hasattr(communicate, "_SSL_CTX"):
        try:
            communicate._SSL_CTX = _tls_context(path, Path(path).stat().st_mtime_ns)
        except (OSError, ssl.SSLError) as error:
            raise VoiceError(
                f"The certificates in {path} cannot be used: {error.strerror or error}", remedy="Fix SSL_CERT_FILE."
            ) from error


@lru_cache(maxsize=1)
def _tls_context(path: str, _changed: int) -> ssl.SSLContext:
    import certifi

    context = ssl.create_default_context(cafile=certifi.where())
    context.load_verify_locations(path)
    return context
