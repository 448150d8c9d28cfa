"""Declare the settings of external services, which are set in `pressrun.toml` or the environment.

Each setting names the service that uses it. Changing it has no effect while another service is selected. Keys, tokens
and cookies are not settings: see `pressrun.redaction`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le


def setting(default: Any, help_text: str, of: str = "") -> Any:
    """Declare a setting. `of` names the only service that uses it, e.g. "voice:gtts"."""
    return field(default=default, metadata={"help": help_text, "of": of})


def duration(default: float, help_text: str, of: str = "") -> Any:
    """Declare a setting in seconds. Users may write it with a unit."""
    return field(default=default, metadata={"help": help_text, "of": of, "duration": True})


@dataclass(frozen=True)
class ServiceSettings:
    """Settings of external services. Lists are separated by commas."""

    search_phrases: str = setting(
        "{title} {author} summary, {title} {author} audiobook, {title} {author}",
        "Search phrases", "source:youtube",
    )
    search_results: Annotated[int, Ge(1), Le(50)] = setting(
        10, "Results to consider per search phrase", "source:youtube"
    )
    search_engine: str = setting("ytsearch", "yt-dlp search engine", "source:youtube")
    shortest_source: Annotated[float, Ge(0), Le(86400)] = duration(
        300.0, "Minimum length of a source video", "source:youtube"
    )
    longest_source: Annotated[float, Ge(0), Le(86400)] = duration(
        3600.0, "Maximum length of a source video", "source:youtube"
    )
    source_licence: Literal["any", "creativeCommon"] = setting(
        "any", "Required license of a source video", "source:youtube"
    )
    channels_allowed: str = setting("", "Only use these channels (name or ID)", "source:youtube")
    channels_blocked: str = setting("", "Never use these channels (name or ID)", "source:youtube")
    source_hosts: str = setting(
        "youtube.com, youtu.be, googlevideo.com, ytimg.com",
        "Allowed hosts, including their subdomains", "source:youtube",
    )
    source_rate: Annotated[int, Ge(0), Le(1_000_000)] = setting(
        0, "Maximum download speed in kilobytes per second; 0 for no limit", "source:youtube"
    )
    whisper_model: str = setting(
        "", "Name or folder of a Whisper model; default: the best one on this machine", "transcriber:whisper"
    )
    llm_models: str = setting(
        "gemini:gemini-3.8-flash, openai:gpt-6-luna",
        "Language models to try, in order, as provider:model; custom:model uses llm_url", "writer:llm",
    )
    llm_url: str = setting("", "Base URL of an OpenAI-compatible server", "writer:llm")
    prompts_dir: str = setting("", "Folder with custom prompts", "writer:llm")
    longest_copy: Annotated[int, Ge(5), Le(1000)] = setting(
        25, "Maximum consecutive words a script may copy from its source", "writer:llm"
    )
    largest_copied_share: Annotated[float, Ge(0), Le(1)] = setting(
        0.15, "Maximum share of eight-word sequences a script may copy from its source", "writer:llm"
    )
    speech_url: str = setting("", "Base URL of a server compatible with OpenAI's speech API", "voice:openai")
    speech_model: str = setting("gpt-4o-mini-tts", "Text-to-speech model", "voice:openai")
    speech_voice: str = setting("alloy", "Voice of the text-to-speech model", "voice:openai")
    speech_voice_female: str = setting("", "Female voice; default: OpenAI's own", "voice:openai")
    speech_voice_male: str = setting("", "Male voice; default: OpenAI's own", "voice:openai")
    kokoro_voice: str = setting(
        "", "Voice of kokoro, for books in its language; default: the first of the language", "voice:kokoro"
    )
    kokoro_fallback: Literal["espeak", "none"] = setting(
        "espeak", "Voice of books in a language that kokoro does not speak; none fails them", "voice:kokoro"
    )
    piper_voice: str = setting(
        "", "Piper voice: a file .onnx, or a name in voices/; default: the first of the language", "voice:piper"
    )
    piper_speaker: Annotated[int, Ge(0), Le(10_000)] = setting(
        0, "Speaker of a Piper voice with several, from 0", "voice:piper"
    )
    edge_voice: str = setting(
        "", "Voice of edge, e.g. en-GB-SoniaNeural, for books in its language; default: one of the language",
        "voice:edge",
    )
    bucket_url: str = setting(
        "", "Public base URL of the bucket, e.g. https://media.example.org", "publisher:bucket"
    )
    youtube_category: Annotated[int, Ge(1), Le(99)] = setting(
        27, "Video category; 27 is Education", "publisher:youtube"
    )
    youtube_playlist: str = setting("", "ID of a playlist to add each video to", "publisher:youtube")
    made_for_kids: bool = setting(False, "Declare the videos as made for kids", "publisher:youtube")
    synthetic_media: bool = setting(
        True, "Declare the videos as synthetic media", "publisher:youtube"
    )
    youtube_captions: bool = setting(
        True, "Also upload captions, which uses 400 of a project's 10,000 daily quota units per video",
        "publisher:youtube",
    )
    upload_chunk: Annotated[int, Ge(1), Le(256)] = setting(
        8, "Size of an upload chunk, in megabytes", "publisher:youtube"
    )
