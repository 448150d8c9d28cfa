"""Declarations of pipelines, one file each, and the dict of all of them."""

from __future__ import annotations

from pressrun.model.stage import Pipeline
from pressrun.pipelines.book_video import BOOK_VIDEO
from pressrun.pipelines.idea_video import IDEA_VIDEO

PIPELINES: dict[str, Pipeline] = {each.name: each for each in (BOOK_VIDEO, IDEA_VIDEO)}
