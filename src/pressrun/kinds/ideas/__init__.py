"""The kind of job for ideas: rows of a request or a sheet. Each row becomes a video."""

from __future__ import annotations

from pressrun.jobs.kind import kind, shared
from pressrun.pipelines.idea_video import IDEA_VIDEO

IDEAS = kind("ideas", "pressrun.kinds.ideas.job", IDEA_VIDEO, queue=shared("items"))
