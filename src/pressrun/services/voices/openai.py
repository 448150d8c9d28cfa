"""Speak with any server that has OpenAI's speech interface (`POST .../audio/speech`): OpenAI, or your own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from pressrun import redaction
from pressrun.errors import AuthenticationError, NetworkError, QuotaExceededError, VoiceError
from pressrun.services.fetching import Response, fetch, host_of
from pressrun.services.network import is_near
from pressrun.services.protocols import Context, Progress, Readiness, Speech
from pressrun.services.voices import online
from pressrun.services.voices.online import RejectedError, SpeechApi
from pressrun.services.voices.voice_options import voice_gender

NAME = "openai"
NEEDS_NETWORK = True

OFFICIAL_URL = "https://api.openai.com/v1"
ENDPOINT = "/audio/speech"
DEFAULT_VOICES = {"female": "nova", "male": "onyx"}
"""Voices of OpenAI's models."""
MAX_CHARACTERS = 1000
"""Characters per request: a sentence, however long; the interface accepts 4,096."""
SAMPLE_RATE = 48_000
"""Sample rate that all replies are converted to: servers differ, and a book has one rate."""
TIMEOUT = 12.0
"""Timeouts in seconds: to connect, and between two bytes of a reply."""
MAX_AUDIO_BYTES = 100_000_000
RETRYABLE_STATUSES = (408, 409, 425, 429)
"""Statuses below 500 that may be temporary."""


@dataclass(frozen=True)
class _Server:
    """The server, its model and voice."""

    url: str
    model: str
    voice: str
    key: redaction.SecretText | None


def ready(context: Context) -> Readiness:
    url = str(context.settings["speech_url"])
    if not url and context.settings["voice"] != NAME:
        remedy = f"Set speech_url, or set voice to {NAME} and PRESSRUN_OPENAI_API_KEY to a key."
        return Readiness(False, "speech_url is not set", remedy)
    if problem := _url_problem(url):
        return Readiness(False, problem, "Write speech_url as https://host/v1.", configured=True)
    if not url and redaction.find_secret("openai") is None:
        remedy = "Set PRESSRUN_OPENAI_API_KEY, or speech_url."
        return Readiness(False, "there is no OpenAI key", remedy, configured=True)
    if not _voice_for(gender := voice_gender(context), url, context):
        setting = f"speech_voice_{gender}"
        return Readiness(False, f"{setting} is not set", f"Set {setting} to a voice of that server.", configured=True)
    remedy = 'Set network to "on", or choose another voice.'
    host = host_of(url or OFFICIAL_URL)
    return Readiness(True, f"the text goes to {host}", remedy, configured=True, near=is_near(host))


def check(context: Context) -> str:
    """Request one spoken word."""
    return online.check_service(_speech_api("en", context))


def prepare(texts: Sequence[str], language: str, rate: int, progress: Progress, context: Context) -> None:
    """Request all parts of `texts`, several at once. Raises like `speak`."""
    online.prepare(texts, rate, _speech_api(language, context), progress, context)


def speak(text: str, language: str, rate: int, context: Context) -> Speech:
    """Return `text` as speech with its words.

    Raises `VoiceError` for a text without a letter and for a rejected request, `AuthenticationError`,
    `QuotaExceededError`, and `NetworkError` if the server does not respond.
    """
    return online.speak(text, rate, _speech_api(language, context), context)


def _speech_api(language: str, context: Context) -> SpeechApi:
    url = str(context.settings["speech_url"])
    voice = _voice_for(voice_gender(context), url, context)
    server = _Server(_endpoint(url), str(context.settings["speech_model"]), voice, _key(url))
    return SpeechApi(
        host_of(server.url), (NAME, server.url, server.model, server.voice), language, MAX_CHARACTERS, SAMPLE_RATE,
        partial(_request_speech, server=server),
    )


def _voice_for(gender: str, url: str, context: Context) -> str:
    """Return the voice of the model, or an empty string if none is configured for another server."""
    if gender == "neutral":
        return str(context.settings["speech_voice"])
    own = DEFAULT_VOICES[gender] if host_of(url or OFFICIAL_URL) == host_of(OFFICIAL_URL) else ""
    return str(context.settings[f"speech_voice_{gender}"]) or own


def _key(url: str) -> redaction.SecretText | None:
    """Return the key of the server; OpenAI's key is sent to no other server."""
    key = redaction.find_secret("speech")
    if key is None and host_of(url or OFFICIAL_URL) == host_of(OFFICIAL_URL):
        key = redaction.find_secret("openai")
    return key


def _endpoint(url: str) -> str:
    whole = (url or OFFICIAL_URL).rstrip("/")
    return whole if whole.endswith(ENDPOINT) else whole + ENDPOINT


def _url_problem(url: str) -> str:
    """Return why `url` is invalid as a setting, or an empty string."""
    try:
        found = urlsplit(url or OFFICIAL_URL)
    except ValueError:
        return "speech_url is not an address"
    if found.scheme not in ("http", "https") or not found.hostname:
        return "speech_url is not a server address"
    return "speech_url contains a password, which belongs in PRESSRUN_SPEECH_API_KEY" if "@" in found.netloc else ""


def _request_speech(text: str, server: _Server) -> bytes:
    body = {"model": server.model, "voice": server.voice, "input": text, "response_format": "wav"}
    headers = {"Authorization": f"Bearer {server.key.reveal()}"} if server.key else {}
    try:
        answer = fetch("POST", server.url, timeout=TIMEOUT, max_bytes=MAX_AUDIO_BYTES, body=body, headers=headers)
    except NetworkError as error:
        raise NetworkError(
            error.message, remedy="Run the same command again when it answers; finished parts are kept."
        ) from None
    if answer.status == 200:
        return answer.body
    raise _translate_error(answer, server)


def _translate_error(answer: Response, server: _Server) -> Exception:
    host, (code, detail) = host_of(server.url), _server_message(answer.body)
    if answer.status in (401, 403):
        return AuthenticationError(
            f"{host} does not accept the key{detail}", remedy="Set PRESSRUN_SPEECH_API_KEY to a key of that server."
        )
    if answer.status == 402 or code == "insufficient_quota":
        return QuotaExceededError(
            f"{host} requires payment{detail}", remedy="Add credit there, or choose another voice."
        )
    if answer.status in RETRYABLE_STATUSES or answer.status >= 500:
        after = answer.headers.get("retry-after", "").strip()
        wait = float(after) if after.isdigit() else None
        return RejectedError(f"rejected the request with HTTP {answer.status}", wait)
    return VoiceError(
        f"{host} rejected the request with HTTP {answer.status}{detail}",
        remedy="Check speech_url, speech_model and speech_voice.",
    )


def _server_message(body: bytes) -> tuple[str, str]:
    """Return the code and the message of the server, the latter prepared to follow our own; empty if there is none."""
    try:
        error = json.loads(body)["error"]
        sentence = " ".join(str(error.get("message") or "").split())[:200]
        return str(error.get("code") or error.get("type") or ""), f": {redaction.redact(sentence)}" * bool(sentence)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return "", ""
