"""book-video: from a title to a narrated video with captions, and a short."""

from __future__ import annotations

from pressrun.model.speech_models import BUNDLED, MODELS
from pressrun.model.stage import Cost, Rerun, Stage, pipeline

PICTURE = ("resolution", "fps", "style", "font_dir")
PUBLISHING = (
    "privacy", "publish_to", "bucket_url", "publish_at", "youtube_category", "youtube_playlist", "made_for_kids",
    "synthetic_media", "youtube_captions", "upload_chunk",
)
RENDER_COST = Cost(computes=True, memory=150, memory_per_megapixel=240)
"""Measured at the peak with H.264 and drawn backgrounds: 120 MB at 320x180, 274 at 720p, 466 at 1080p, 1351 at 4K.
Other codecs and the user's own pictures take up to half as much again."""
FILE = ("format", "video_codec", "audio_codec", "quality", "music")

BOOK_VIDEO = pipeline(
    "book-video",
    Stage(
        "search",
        "pressrun.stages.search",
        makes=("search.json",),
        settings=(
            "language", "search_phrases", "search_results", "search_engine", "shortest_source", "longest_source",
            "source_licence", "channels_allowed", "channels_blocked", "source_hosts",
        ),
        services=("source",),
        version=2,
        rerun=Rerun(after=("transcribe", "process"), errors=("NoSourceError", "SourceError", "ScriptError")),
        timeout=300,
    ),
    Stage(
        "transcribe",
        "pressrun.stages.transcribe",
        needs=("search.json",),
        makes=("transcript.json", "transcript.txt"),
        settings=("language", "source_hosts", "source_rate", "whisper_model", "audio_track", "all_tracks"),
        services=("source", "transcriber"),
        version=2,
        timeout=3600,
        cost=Cost(
            computes_with=(("transcriber:whisper", 4), ("transcriber:pocketsphinx", 1)),
            computes_if=("search.json", "chosen", "kind", "media"),
            memory_with=(("transcriber:whisper", MODELS[BUNDLED].memory), ("transcriber:pocketsphinx", 200)),
            memory_for=tuple(
                ("transcriber:whisper", "whisper_model", model.name, model.memory) for model in MODELS.values()
            ),
        ),
    ),
    Stage(
        "process",
        "pressrun.stages.process",
        needs=("transcript.json",),
        makes=("script.json",),
        editable=("script.json",),
        settings=(
            "target_seconds", "short_seconds", "speech_rate", "scene_pause", "llm_models", "llm_url", "prompts_dir",
            "longest_copy", "largest_copied_share",
        ),
        services=("writer",),
        version=3,
    ),
    Stage(
        "tts",
        "pressrun.stages.tts",
        needs=("script.json",),
        makes=("voice.wav", "words.json", "short_voice.wav", "short_words.json"),
        settings=(
            "speech_rate", "scene_pause", "short_seconds", "voice_gender", "voice_pitch", "speech_url", "speech_model",
            "speech_voice", "speech_voice_female", "speech_voice_male", "kokoro_voice", "kokoro_fallback",
            "piper_voice", "piper_speaker", "edge_voice",
        ),
        services=("voice",),
        workers=4,
        cost=Cost(
            computes_with=(("voice:kokoro", 2), ("voice:piper", 2)),
            memory_with=(("voice:kokoro", 800), ("voice:piper", 300)),
        ),
    ),
    Stage(
        "render",
        "pressrun.stages.render",
        needs=("script.json", "voice.wav", "words.json"),
        makes=("video.{format}", "captions.srt", "captions.vtt", "thumbnail.jpg", "cover.json"),
        settings=(*PICTURE, *FILE),
        services=("cover",),
        version=4,
        timeout=3600,
        workers=2,
        cost=RENDER_COST,
    ),
    Stage(
        "upload",
        "pressrun.stages.upload",
        needs=("script.json", "words.json", "video.{format}", "captions.srt", "captions.vtt", "thumbnail.jpg"),
        makes=("upload.json",),
        settings=("format", *PUBLISHING),
        services=("publisher",),
        publishes="youtube_url",
        receipt="upload.json",
        timeout=3600,
    ),
    Stage(
        "shorts",
        "pressrun.stages.shorts",
        needs=("script.json", "short_voice.wav", "short_words.json", "cover.json", "upload.json"),
        makes=("short.{format}", "short.srt", "short.json"),
        settings=(*PICTURE, *FILE, *PUBLISHING),
        version=4,
        services=("publisher",),
        enabled_by="shorts",
        publishes="short_url",
        receipt="short.json",
        timeout=3600,
        cost=RENDER_COST,
    ),
)

PREVIEW = Stage(
    "preview",
    "pressrun.stages.preview",
    needs=("script.json", "voice.wav", "words.json"),
    makes=("preview/contact-sheet.png", "preview/draft.mp4", "preview/short-draft.mp4"),
    settings=(*PICTURE, "music"),
    workers=2,
)
"""A draft of the render. This stage is in no pipeline. A short without a voice has no draft."""
