"""The declaration of idea-video is consistent and shares stages with book-video."""

from __future__ import annotations

from importlib import import_module

import pytest

from pressrun.model.idea import FILE
from pressrun.model.stage import Stage
from pressrun.pipelines import PIPELINES
from pressrun.pipelines.book_video import BOOK_VIDEO
from pressrun.pipelines.idea_video import IDEA_VIDEO, OUTPUT_URL
from pressrun.settings import SERVICE_KINDS, ItemSettings

STAGE_IDS = {"argvalues": IDEA_VIDEO.stages, "ids": IDEA_VIDEO.names}


def test_it_is_registered_by_name_and_starts_from_an_idea() -> None:
    assert PIPELINES["idea-video"] is IDEA_VIDEO
    assert IDEA_VIDEO.given == (FILE,)
    assert IDEA_VIDEO.stages[0].needs == (FILE,)


@pytest.mark.parametrize("stage", **STAGE_IDS)
def test_every_stage_has_a_module_and_existing_settings_and_services(stage: Stage) -> None:
    assert callable(import_module(stage.run).run)
    assert set(stage.settings) <= set(ItemSettings.__dataclass_fields__)
    assert set(stage.services) <= set(SERVICE_KINDS)


def test_stages_with_the_name_of_a_book_stage_are_the_same() -> None:
    of_books = {stage.name: stage for stage in BOOK_VIDEO.stages}
    for stage in IDEA_VIDEO.stages:
        if stage.name in of_books:
            assert stage == of_books[stage.name]


def test_delivered_files_have_a_url() -> None:
    assert {stage.name: stage.publishes for stage in IDEA_VIDEO.stages if stage.publishes} == {
        "deliver": OUTPUT_URL, "shorts": "short_url",
    }
