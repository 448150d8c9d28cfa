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
        "What is searched for, several phrasings", "source:youtube",
    )
    search_results: Annotated[int, Ge(1), Le(50)] = setting(10, "Videos looked at per phrasing", "source:youtube")
    search_engine: str = setting("ytsearch", "Search of yt-dlp that is asked", "source:youtube")
    shortest_source: Annotated[float, Ge(0), Le(86400)] = duration(300.0, "Shortest video used", "source:youtube")
    longest_source: Annotated[float, Ge(0), Le(86400)] = duration(3600.0, "Longest video used", "source:youtube")
    source_licence: Literal["any", "creativeCommon"] = setting("any", "Licence a video must have", "source:youtube")
    channels_allowed: str = setting("", "Channels that alone are used, by name or id", "source:youtube")
    channels_blocked: str = setting("", "Channels that are never used, by name or id", "source:youtube")
    source_hosts: str = setting(
        "youtube.com, youtu.be, googlevideo.com, ytimg.com",
        "Hosts that are asked, with those below them", "source:youtube",
    )
    source_rate: Annotated[int, Ge(0), Le(1_000_000)] = setting(
        0, "Kilobytes per second a download may take; 0 for no limit", "source:youtube"
    )
    whisper_model: str = setting("", "Name of a faster-whisper model, or its folder", "transcriber:whisper")
    llm_models: str = setting(
        "gemini:gemini-3.8-flash, openai:gpt-6-luna",
        "Models asked in this order, as provider:model; custom:model for llm_url", "writer:llm",
    )
    llm_url: str = setting("", "Address of a server with the interface of OpenAI", "writer:llm")
    prompts_dir: str = setting("", "Folder with prompts of your own", "writer:llm")
    longest_copy: Annotated[int, Ge(5), Le(1000)] = setting(
        25, "Words in a row that a script may share with its source", "writer:llm"
    )
    largest_copied_share: Annotated[float, Ge(0), Le(1)] = setting(
        0.15, "Share of runs of eight words that a script may share with its source", "writer:llm"
    )
    speech_url: str = setting("", "Address of a server with the speech interface of OpenAI", "voice:openai")
    speech_model: str = setting("gpt-4o-mini-tts", "Model that speaks", "voice:openai")
    speech_voice: str = setting("alloy", "Voice of that model", "voice:openai")
    speech_voice_female: str = setting("", "Woman's voice of that model; that of OpenAI by itself", "voice:openai")
    speech_voice_male: str = setting("", "Man's voice of that model; that of OpenAI by itself", "voice:openai")
    bucket_url: str = setting(
        "", "What addresses in the bucket begin with for the public, as https://media.example.org", "publisher:bucket"
    )
    youtube_category: Annotated[int, Ge(1), Le(99)] = setting(27, "Category; 27 is education", "publisher:youtube")
    youtube_playlist: str = setting("", "Id of a playlist that each video is put into", "publisher:youtube")
    made_for_kids: bool = setting(False, "Whether the videos are made for children", "publisher:youtube")
    synthetic_media: bool = setting(
        True, "Whether YouTube is told that the video holds synthetic media", "publisher:youtube"
    )
    youtube_captions: bool = setting(
        True, "Whether captions go up too: 400 of a project's 10,000 units a day for each video", "publisher:youtube"
    )
    upload_chunk: Annotated[int, Ge(1), Le(256)] = setting(8, "Megabytes sent at once", "publisher:youtube")
