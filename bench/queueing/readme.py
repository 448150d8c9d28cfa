"""The ideas of the README, posted as it shows: a pause, a resume, the death of the worker and a retry in between.

Once on a fresh machine, where nothing is set up, and once on a PostgreSQL that is given by its address.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests import postgres
from tests.acceptance.readme_queue import Outcome, play, told

from bench.report import Figure

IDEAS, FEW_IDEAS = 12, 3
PATIENCE = 300.0
"""Seconds that all videos together may take, twice."""


def readme(url: str, *, short: bool) -> list[Figure]:
    figures = []
    for where, address in (("fresh machine", ""), ("PostgreSQL by URL", url)):
        ideas = FEW_IDEAS if short else IDEAS
        outcome = _played(ideas, address)
        made = sum(path.name == "video.mp4" for path in outcome.videos)
        figures += [
            Figure(f"README on a {where}: ideas without a video, of {ideas}", ideas - made, "", required=0),
            Figure(f"README on a {where}: finished videos made again", len(outcome.repeated), "", required=0),
            Figure(f"README on a {where}: a dead worker's job taken up again", outcome.taken_up, "s", required=15),
        ]
    return figures


def _played(ideas: int, url: str) -> Outcome:
    # Not in a folder that the user the server runs as may not enter.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        environment = {"PRESSRUN_DATABASE_DIR": str(folder / "data")}
        (folder / "reader").mkdir()
        if not url:
            with told(folder / "reader", ideas, environment) as story:
                return play(story, PATIENCE)
        with postgres.database(url) as own:
            environment["PRESSRUN_DATABASE_URL"] = own
            with told(folder / "reader", ideas, environment) as story:
                return play(story, PATIENCE)
