"""The promises of `docs/reference/promises.md`, in short.

`PRESSRUN_TESTS=full` tries more often, and `python -m bench.faults` for hours.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence

import pytest
from bench.faults import (
    bad_stages,
    broken_database,
    eight_batches,
    full_disk,
    fuzz,
    hand_edits,
    hostile_input,
    killed_stages,
    killed_writers,
    left_behind,
    mounts,
    power_cuts,
    simulated_disk,
)
from bench.faults.sizes import SHORT, TEST
from bench.report import Figure
from tests.size import FULL

SIZES = SHORT if FULL else TEST


def require_met(figures: Sequence[Figure]) -> None:
    broken = [f"{each.name}: {each.measured:g}, required {each.required:g}" for each in figures if not each.met]
    assert not broken, "; ".join(broken)


def test_acknowledged_updates_survive_writers_that_are_killed() -> None:
    require_met(killed_writers.figures(SIZES.writer_kills))


def test_acknowledged_updates_survive_power_cuts() -> None:
    if reason := power_cuts.why_not():
        pytest.skip(f"{reason}; the simulated disk takes its place")
    require_met(power_cuts.real_figures(SIZES.power_cuts))


def test_acknowledged_updates_survive_a_cut_at_every_step_of_a_simulated_disk() -> None:
    require_met(power_cuts.simulated_figures(SIZES.simulated_updates))


def test_the_simulated_disk_catches_a_writer_that_forgets_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pressrun.store.atomic.sync_folder", lambda _: None)
    _, wrong = simulated_disk.cut_everywhere(2)
    assert wrong > 0


@pytest.mark.parametrize("way", left_behind.WAYS)
def test_nothing_stays_behind_however_a_batch_ends(way: str) -> None:
    require_met(left_behind.figures_of(way, SIZES.ends))


def test_the_next_start_ends_what_command_and_supervisor_left_when_both_were_killed() -> None:
    require_met(left_behind.supervisor_figures(SIZES.supervisor_kills))


PLACES = killed_stages.PLACES[SIZES.stage_kills]()


@pytest.mark.parametrize("part", range(3))
def test_after_a_kill_finished_stages_never_run_again_and_the_interrupted_one_does_once(part: int) -> None:
    require_met(killed_stages.figures_of(PLACES[part::3]))


def test_eight_batches_on_one_list_make_each_book_once() -> None:
    require_met(eight_batches.figures(SIZES.shared_books))


def test_a_full_disk_costs_nothing_that_was_there_before() -> None:
    if not mounts.way_to_a_small_disk():
        pytest.skip("no small disk can be mounted, which takes Linux and root or user namespaces")
    require_met(full_disk.figures(SIZES.full_disks))


def test_no_stage_makes_the_batch_swell_hang_or_end_without_a_reason() -> None:
    require_met(bad_stages.figures(SIZES.flood))


def test_a_broken_database_is_rejected_with_its_place_or_kept_whole() -> None:
    require_met(broken_database.figures(SIZES.broken_databases))


def test_edits_by_hand_are_kept_while_a_batch_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    # Only on a disk does a write of the batch take long enough to edit the file meanwhile.
    monkeypatch.setattr(tempfile, "tempdir", "/var/tmp")
    require_met(hand_edits.figures(SIZES.edited_batches))


def test_hostile_titles_have_no_effect_beyond_an_error_line() -> None:
    require_met(hostile_input.title_figures(SIZES.titles))


def test_hostile_files_have_no_effect_beyond_an_error_line() -> None:
    require_met(hostile_input.file_figures(SIZES.files))


def test_whatever_bytes_a_parser_gets_its_error_has_a_remedy() -> None:
    require_met(fuzz.figures(SIZES.fuzz))
