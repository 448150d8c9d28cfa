"""idea-video: from an idea or a script to a narrated video with captions, delivered to a folder or a bucket."""

from __future__ import annotations

from dataclasses import replace

from pressrun.model.idea import FILE
from pressrun.model.stage import Stage, pipeline
from pressrun.pipelines.book_video import BOOK_VIDEO

OUTPUT_URL = "output_url"
_BOOK_STAGES = {stage.name: stage for stage in BOOK_VIDEO.stages}

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
    _BOOK_STAGES["tts"],
    _BOOK_STAGES["render"],
    replace(_BOOK_STAGES["upload"], name="deliver", publishes=OUTPUT_URL),
    _BOOK_STAGES["shorts"],
    given=(FILE,),
)
