"""Post the ideas of the README as it shows, with a pause, a resume, a killed worker and a retry in between.

Runs once on a fresh machine without any setup, and once on a PostgreSQL server given by its URL.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests import postgres
from tests.acceptance.readme_queue import Outcome, run_scenario, start_service

from bench.report import Figure

IDEAS, FEW_IDEAS = 12, 3
PATIENCE = 300.0
"""Timeout in seconds for all videos together, applied twice."""


def readme(url: str, *, short: bool) -> list[Figure]:
    figures = []
    for where, address in (("fresh machine", ""), ("PostgreSQL by URL", url)):
        ideas = FEW_IDEAS if short else IDEAS
        outcome = _run_readme(ideas, address)
        made = sum(path.name == "video.mp4" for path in outcome.videos)
        figures += [
            Figure(f"README on a {where}: ideas without a video, of {ideas}", ideas - made, "", required=0),
            Figure(f"README on a {where}: finished videos rebuilt", len(outcome.repeated), "", required=0),
            Figure(f"README on a {where}: a dead worker's job resumed", outcome.takeover_seconds, "s", required=15),
        ]
    return figures


def _run_readme(ideas: int, url: str) -> Outcome:
    # The user that runs the server must be able to enter this folder.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        environment = {"PRESSRUN_DATABASE_DIR": str(folder / "data")}
        (folder / "reader").mkdir()
        if not url:
            with start_service(folder / "reader", ideas, environment) as session:
                return run_scenario(session, PATIENCE)
        with postgres.database(url) as own:
            environment["PRESSRUN_DATABASE_URL"] = own
            with start_service(folder / "reader", ideas, environment) as session:
                return run_scenario(session, PATIENCE)
