"""The declaration of book-video is complete and consistent."""

from __future__ import annotations

from importlib import import_module

import pytest

from pressrun.model.stage import Stage
from pressrun.pipelines import PIPELINES
from pressrun.pipelines.book_video import BOOK_VIDEO
from pressrun.settings import SERVICE_KINDS, ItemSettings, setting_fields
from pressrun.store.run_folder import ITEM, STAGES, SUMMARY, TITLES

STAGE_IDS = {"argvalues": BOOK_VIDEO.stages, "ids": BOOK_VIDEO.names}


def test_it_is_registered_by_name() -> None:
    assert PIPELINES["book-video"] is BOOK_VIDEO


@pytest.mark.parametrize("stage", **STAGE_IDS)
def test_every_stage_has_a_module_with_run(stage: Stage) -> None:
    assert callable(import_module(stage.run).run)


@pytest.mark.parametrize("stage", **STAGE_IDS)
def test_settings_and_services_of_a_stage_exist(stage: Stage) -> None:
    of_items = ItemSettings.__dataclass_fields__
    assert set(stage.settings) <= set(of_items)
    assert set(stage.services) <= set(SERVICE_KINDS)
    assert not stage.enabled_by or isinstance(setting_fields()[stage.enabled_by].default, bool)


@pytest.mark.parametrize("stage", **STAGE_IDS)
def test_no_stage_creates_a_file_of_the_engine(stage: Stage) -> None:
    assert not {ITEM, STAGES, SUMMARY, TITLES} & set(stage.makes)


def test_every_item_setting_is_used_by_a_stage() -> None:
    read = {name for stage in BOOK_VIDEO.stages for name in (*stage.settings, *stage.services, stage.enabled_by)}
    assert set(ItemSettings.__dataclass_fields__) <= read


def test_video_and_short_have_their_own_database_field() -> None:
    assert {stage.name: stage.publishes for stage in BOOK_VIDEO.stages if stage.publishes} == {
        "upload": "youtube_url",
        "shorts": "short_url",
    }
