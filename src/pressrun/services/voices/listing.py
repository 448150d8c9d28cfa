"""List every voice by language and gender, with what it requires; speak a sample; download more voices."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pressrun.errors import VoiceError
from pressrun.services import downloads
from pressrun.services.protocols import Context, Speech
from pressrun.services.voices import VOICES, kokoro, piper
from pressrun.services.voices.kokoro import catalog, model
from pressrun.services.voices.narration import speak_text

ADDRESS_VARIABLE = "PRESSRUN_VOICES_URL"
"""Environment variable with another address to download voices from."""
ADDRESS = "https://cdn.jsdelivr.net/npm/kokoro-js@1.2.1/voices"
ANY = "any"


@dataclass(frozen=True)
class ListedVoice:
    """One voice, or all voices of a service that has no names."""

    name: str
    service: str
    language: str
    """A name of eSpeak NG, e.g. "en-us", or "any"."""
    gender: str
    """"female", "male", or empty if it is not known."""
    requirement: str
    """What has to be done first; empty if it can be used."""


def list_voices(context: Context) -> list[ListedVoice]:
    """Return all voices, by language and gender. Uses no network."""
    missing = model.find_missing_packages()
    install = "pip install 'pressrun[voice]'" if missing else ""
    found = [
        ListedVoice(
            style.name, kokoro.NAME, style.accent, style.gender,
            install or ("" if catalog.is_installed(style.name) else f"pressrun voices get {style.name}"),
        )
        for style in catalog.VOICES.values()
    ]
    found += [ListedVoice(each.name, piper.NAME, each.accent, "", "") for each in piper.find_voices(context.workspace)]
    found.sort(key=lambda each: (each.language, each.gender, bool(each.requirement)))
    found += [ListedVoice("espeak", "espeak", ANY, gender, "") for gender in ("female", "male")]
    found.append(ListedVoice("gtts", "gtts", ANY, "female", "a network; the text goes to Google"))
    missing_edge = "" if find_spec("edge_tts") else "pip install 'pressrun[edge]'; "
    requirement = f"{missing_edge}a network; the text goes to Microsoft"
    found += [ListedVoice("edge", "edge", ANY, gender, requirement) for gender in ("female", "male")]
    ready = VOICES["openai"].ready(context)
    return [*found, ListedVoice("openai", "openai", ANY, "", "" if ready.ready else ready.remedy.rstrip("."))]


def say(text: str, name: str, language: str, rate: int, context: Context) -> Speech:
    """Return `text` in the voice `name`; `language` is for voices of any language, and empty for the voice's own.

    Raises `VoiceError` for an unknown name or another language, and the errors of the voice.
    """
    settings = dict(context.settings)
    service = name
    if name in catalog.VOICES:
        service, settings["kokoro_voice"] = kokoro.NAME, name
        language = language or catalog.VOICES[name].language
        if catalog.language_code(language) != catalog.VOICES[name].language:
            raise VoiceError(
                f'The voice {name} speaks "{catalog.VOICES[name].language}", not the language "{language}"',
                remedy="List the voices with: pressrun voices",
            )
        settings["voice_gender"] = "neutral"
    elif name.endswith(".onnx") or name in {each.name for each in piper.find_voices(context.workspace)}:
        service, settings["piper_voice"] = piper.NAME, name
        language = language or piper.read_voice(piper.model_path(name, context.workspace)).language
    elif re.fullmatch(r"[a-z]{2,3}-[A-Z]{2}-\w+Neural", name):
        service, settings["edge_voice"] = "edge", name
        language = language or name.partition("-")[0]
    if service not in VOICES:
        raise VoiceError(f'There is no voice "{name}"', remedy="List the voices with: pressrun voices")
    settings["voice"] = service
    asked = Context(context.workspace, settings, note=context.note)
    voice = VOICES[service]
    readiness = voice.ready(asked)
    if not readiness.ready:
        raise VoiceError(f"The voice {name} cannot be used: {readiness.reason}", remedy=readiness.remedy)
    return speak_text(voice, text, language or "en", rate, asked)


def download(name: str) -> Path | None:
    """Download a voice of kokoro and return its file, or None if it is installed already.

    Raises `VoiceError` for an unknown name, and what `downloads.download` raises.
    """
    if name not in catalog.VOICES:
        raise VoiceError(
            f'There is no voice "{name}" to download', remedy="List the voices with: pressrun voices"
        )
    if catalog.shipped_file(name).is_file():
        return None
    path = catalog.downloaded_file(name)
    address = f"{(os.environ.get(ADDRESS_VARIABLE) or ADDRESS).rstrip('/')}/{name}.bin"
    new = downloads.download(address, path, catalog.DOWNLOAD_BYTES, catalog.VOICES[name].sha256, ADDRESS_VARIABLE)
    return path if new else None
