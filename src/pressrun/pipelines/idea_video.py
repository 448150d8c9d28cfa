"""An idea in, or a script, a narrated and captioned video out, delivered to a folder or a bucket."""

from __future__ import annotations

from dataclasses import replace

from pressrun.model.idea import FILE
from pressrun.model.stage import Stage, pipeline
from pressrun.pipelines.book_video import BOOK_VIDEO

OUTPUT_URL = "output_url"
_OF_BOOKS = {stage.name: stage for stage in BOOK_VIDEO.stages}

IDEA_VIDEO = pipeline(
    "idea-video",
    Stage(
        "script",
        "pressrun.stages.script",
        needs=(FILE,),
        makes=("script.json",),
        editable=("script.json",),
        settings=(
            "language", "target_seconds", "short_seconds", "speech_rate", "scene_pause", "llm_models", "llm_url",
            "prompts_dir",
        ),
        services=("writer",),
    ),
    _OF_BOOKS["tts"],
    _OF_BOOKS["render"],
    replace(_OF_BOOKS["upload"], name="deliver", publishes=OUTPUT_URL),
    _OF_BOOKS["shorts"],
    given=(FILE,),
)
