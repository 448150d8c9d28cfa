"""`TINY`: a pipeline with the stage names of a book video, whose stages only write small files.

Use it with `PRESSRUN_PIPELINE=pressrun.testing.pipeline:TINY`. Directions in the title of a book change what a stage
does, e.g. "Emma @tts:fail @render:sleep=5"; see `pressrun.testing.tiny`.
"""

from __future__ import annotations

from dataclasses import replace

from pressrun.model.stage import Cost, Rerun, Stage, pipeline

_RUN = "pressrun.testing.tiny"

TINY = pipeline(
    "tiny",
    Stage("search", _RUN, makes=("search.json",), services=("source",), rerun=Rerun(after=("transcribe",))),
    Stage("transcribe", _RUN, needs=("search.json",), makes=("transcript.json",), settings=("language",)),
    Stage(
        "process",
        _RUN,
        needs=("transcript.json",),
        makes=("script.json",),
        editable=("script.json",),
        settings=("target_seconds",),
        services=("writer",),
    ),
    Stage("tts", _RUN, needs=("script.json",), makes=("voice.wav",), settings=("speech_rate",), services=("voice",)),
    Stage(
        "render",
        _RUN,
        needs=("script.json", "voice.wav"),
        makes=("video.mp4",),
        settings=("resolution", "style"),
        cost=Cost(computes=True),
    ),
    Stage(
        "upload",
        _RUN,
        needs=("video.mp4",),
        makes=("upload.json",),
        settings=("privacy",),
        services=("publisher",),
        publishes="youtube_url",
        receipt="upload.json",
    ),
    Stage(
        "shorts",
        _RUN,
        needs=("voice.wav", "upload.json"),
        makes=("short.mp4", "short.json"),
        settings=("style", "privacy"),
        services=("publisher",),
        enabled_by="shorts",
        publishes="short_url",
        receipt="short.json",
        cost=Cost(computes=True),
    ),
)

_RENDER, _UPLOAD, _SHORTS = TINY.stages[4:]
BRIEF = pipeline("brief", replace(_RENDER, needs=()), _UPLOAD, replace(_SHORTS, needs=("upload.json",)))
"""The last three stages of `TINY`, for tests of publishing."""
