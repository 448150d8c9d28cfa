"""`pressrun sheet`: plan the rows of a sheet, ask, run them, and report the results."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pressrun.cli import results
from pressrun.cli.command import run_command
from pressrun.cli.formatting import pluralize
from pressrun.cli.plan_table import disk_space_warnings, estimate_facts, show_plan
from pressrun.cli.prompt import confirm
from pressrun.cli.run_batch import open_view
from pressrun.cli.screen import Screen, open_screen
from pressrun.cli.summary import show_summary
from pressrun.engine.batch_spec import BatchSpec
from pressrun.engine.signals import stop_on_signals
from pressrun.errors import EXIT_FAILED, EXIT_OK
from pressrun.kinds.ideas.rows import Reading, ValidationLevel
from pressrun.model.result import BatchResult, BookResult
from pressrun.pipelines import PIPELINE_VARIABLE, chosen_pipeline
from pressrun.pipelines.idea_video import IDEA_VIDEO
from pressrun.settings import load_settings
from pressrun.store.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from pressrun.kinds.ideas.sheet_run.ledger import Ledger
    from pressrun.kinds.ideas.sheet_run.plan import SheetPlan
    from pressrun.kinds.ideas.sheets.table import Sheet

MAX_SHOWN_CORRECTIONS = 20


@dataclass(frozen=True)
class SheetRequest:
    """A parsed command line."""

    sheet: str
    range_: str
    validation: str
    no_skip: bool
    full: bool
    output_format: str
    flags: dict[str, Any]
    """Setting name -> value of its option, or None."""
    plan_only: bool
    yes: bool


def run_sheet(request: SheetRequest, workspace: Path | None) -> int:
    """Do what the command line asks for; return the exit code: 1 if a row failed or was rejected."""
    is_json = request.output_format == "json"
    return run_command(
        workspace, lambda place: _plan_and_run(request, place, open_screen()), json=is_json,
        writes=not request.plan_only,
    )


def _plan_and_run(request: SheetRequest, workspace: Workspace, screen: Screen) -> int:
    from pressrun.kinds.ideas.sheet_run.ledger import Ledger, sheet_lock
    from pressrun.kinds.ideas.sheet_run.plan import identify_rows, plan_sheet
    from pressrun.kinds.ideas.sheets.opening import open_sheet
    from pressrun.media.style_files import style_names

    pipeline = chosen_pipeline() if os.environ.get(PIPELINE_VARIABLE) else IDEA_VIDEO
    settings = load_settings(workspace.root, request.flags)
    if "delay" not in settings.explicit:
        # The pause spares the sites that books are searched on; rows bring their own text.
        settings = replace(settings, run=replace(settings.run, delay=0.0))
    spec = BatchSpec(workspace, pipeline, settings)
    reading = Reading(validation=ValidationLevel(request.validation), styles=style_names(workspace.root))
    sheet = open_sheet(request.sheet, request.range_, workspace.root)
    table = sheet.read()
    if request.plan_only:
        ledger = Ledger(workspace, sheet.key)
        planned = plan_sheet(identify_rows(table, reading, ledger), ledger, spec, remake=request.no_skip)
        _show(request, planned, sheet, screen)
        if request.output_format == "json":
            results.write_plan_json(planned.plan)
        return _exit_code(BatchResult(), planned)
    with sheet_lock(workspace, sheet.key, sheet.name):
        ledger = Ledger(workspace, sheet.key)
        planned = plan_sheet(identify_rows(table, reading, ledger), ledger, spec, remake=request.no_skip)
        _show(request, planned, sheet, screen)
        if planned.plan.to_run and not request.yes and not confirm("Proceed? [y/N] "):
            screen.print("Nothing was run.")
            return _report(request, screen, BatchResult(), planned)
        return _run(request, planned, sheet, reading, ledger, screen)


def _run(
    request: SheetRequest, planned: SheetPlan, sheet: Sheet, reading: Reading, ledger: Ledger, screen: Screen
) -> int:
    from pressrun.engine.stop import StopToken
    from pressrun.kinds.ideas.sheet_run.run import run_sheet
    from pressrun.kinds.ideas.sheet_run.sync import SheetSync

    sync = SheetSync(sheet, reading, ledger)
    if planned.plan.to_run:
        stop = StopToken()
        with stop_on_signals(stop), open_view(screen, planned.plan, stop) as observer:
            result = run_sheet(planned, sheet.key, ledger, sync, observer, stop)
    else:
        screen.print("Nothing to do.")
        sync.add_rows(planned.state, {})
        sync.write(planned.state)
        result = BatchResult(tuple(map(BookResult.skipped, planned.plan.rows)))
    exit_code = _report(request, screen, result, planned)
    if sync.warning:
        screen.warn(f"{sync.warning}.")
    else:
        screen.print(f"The results are in {sheet.results_place}.")
    return exit_code


def _show(request: SheetRequest, planned: SheetPlan, sheet: Sheet, screen: Screen) -> None:
    plan = planned.plan
    plan = replace(plan, warnings=(*disk_space_warnings(plan), *plan.warnings))
    facts = estimate_facts(plan, datetime.now().astimezone())
    title = f"Plan for {pluralize(len(plan.rows), 'row')} of {sheet.name}"
    show_plan(screen, plan, title, facts, full=request.full, noun="row")
    fixes = planned.state.rows.fixes
    for fix in fixes[:MAX_SHOWN_CORRECTIONS]:
        screen.print((str(fix), "dim"))
    if len(fixes) > MAX_SHOWN_CORRECTIONS:
        screen.print((f"and {pluralize(len(fixes) - MAX_SHOWN_CORRECTIONS, 'more correction')}", "dim"))


def _report(request: SheetRequest, screen: Screen, result: BatchResult, planned: SheetPlan) -> int:
    if result.books:
        show_summary(screen, result, full=request.full)
    write = results.write_json if request.output_format == "json" else results.write_text
    write(result)
    return _exit_code(result, planned)


def _exit_code(result: BatchResult, planned: SheetPlan) -> int:
    if result.exit_code == EXIT_OK and planned.state.rows.rejected:
        return EXIT_FAILED
    return result.exit_code
