"""The table of stages in ARCHITECTURE.md is the declaration of the pipeline."""

from __future__ import annotations

from pathlib import Path

from pressrun.model.stage import Pipeline
from pressrun.pipelines.book_video import BOOK_VIDEO

ARCHITECTURE = Path(__file__).parents[2] / "ARCHITECTURE.md"


def table(pipeline: Pipeline) -> str:
    rows = [f"| {stage.name} | {files(stage.needs)} | {files(stage.makes)} |" for stage in pipeline.stages]
    return "\n".join(["| stage | reads | creates |", "|---|---|---|", *rows])


def files(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "-"


def test_the_table_of_stages_matches_the_pipeline() -> None:
    expected = table(BOOK_VIDEO)
    assert expected in ARCHITECTURE.read_text(encoding="utf-8"), f"Put this table into ARCHITECTURE.md:\n\n{expected}"
