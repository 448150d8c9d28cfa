"""The pipelines, one module each."""

from __future__ import annotations

from pressrun.model.stage import Pipeline
from pressrun.pipelines.book_video import BOOK_VIDEO
from pressrun.pipelines.idea_video import IDEA_VIDEO

PIPELINES: dict[str, Pipeline] = {pipeline.name: pipeline for pipeline in (BOOK_VIDEO, IDEA_VIDEO)}
