"""A pipeline is refused when it is declared, not when it runs."""

from __future__ import annotations

import pytest

from pressrun.errors import PipelineError
from pressrun.model.stage import Cost, Stage, pipeline

FIRST = Stage("first", "m", makes=("a.json",))


def complaint(*stages: Stage) -> str:
    with pytest.raises(PipelineError) as caught:
        pipeline("p", *stages)
    assert caught.value.remedy
    assert caught.value.message.startswith("Pipeline p, stage ")
    return caught.value.message


def test_stages_in_a_possible_order_make_a_pipeline() -> None:
    made = pipeline("p", FIRST, Stage("second", "m", needs=("a.json",), makes=("b.json",)))
    assert made.names == ("first", "second")
    assert made.index("second") == 1


def test_given_files_can_be_needed_and_not_made() -> None:
    made = pipeline("p", Stage("second", "m", needs=("wish.json",)), given=("wish.json",))
    assert made.given == made.with_settings({}).given == ("wish.json",)
    with pytest.raises(PipelineError, match="which the caller already makes"):
        pipeline("p", Stage("first", "m", makes=("wish.json",)), given=("wish.json",))


def test_a_stage_that_needs_a_file_no_stage_makes_is_rejected() -> None:
    assert "stage second: needs b.json" in complaint(FIRST, Stage("second", "m", needs=("b.json",)))


def test_a_stage_that_needs_a_later_file_is_rejected() -> None:
    assert "needs a.json" in complaint(Stage("early", "m", needs=("a.json",)), FIRST)


def test_a_stage_that_needs_its_own_product_is_rejected() -> None:
    assert "needs x" in complaint(Stage("own", "m", needs=("x",), makes=("x",)))


def test_a_stage_cannot_need_a_file_of_one_that_can_be_switched_off() -> None:
    unsure = Stage("maybe", "m", makes=("b.json",), enabled_by="shorts")
    assert "no earlier stage always makes" in complaint(FIRST, unsure, Stage("last", "m", needs=("b.json",)))


def test_two_stages_with_one_name_are_rejected() -> None:
    assert "used twice" in complaint(FIRST, Stage("first", "m"))


def test_two_stages_that_make_one_file_are_rejected() -> None:
    assert "makes a.json, which first already makes" in complaint(FIRST, Stage("second", "m", makes=("a.json",)))


@pytest.mark.parametrize(
    "stage",
    [
        Stage("send", "m", publishes="youtube_url"),
        Stage("send", "m", makes=("r.json",), receipt="r.json"),
        Stage("send", "m", publishes="youtube_url", receipt="r.json"),
    ],
)
def test_a_publishing_stage_needs_a_receipt_that_it_makes(stage: Stage) -> None:
    assert "receipt" in complaint(stage)


@pytest.mark.parametrize(
    "stage",
    [
        Stage("s", "m", needs=("a.json",), cost=Cost(computes_with=(("voice:own", 1),))),
        Stage("s", "m", services=("voice",), cost=Cost(False, (("voice:own", 1),), ("a.json", "x", "y"))),
    ],
    ids=["the service", "the file"],
)
def test_the_cost_of_a_stage_depends_only_on_what_it_declares(stage: Stage) -> None:
    assert "depends on a service or a file that it does not declare" in complaint(FIRST, stage)


def test_a_stage_without_a_module_is_rejected() -> None:
    assert "has no module" in complaint(Stage("idle"))
