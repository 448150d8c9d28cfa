"""Three ideas of the README become videos despite a pause, a killed worker and failures."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from tests import postgres
from tests.acceptance.readme_queue import run_scenario, start_service

IDEAS = 3


@pytest.fixture
def database() -> Iterator[dict[str, str]]:
    """No setup, as on a fresh machine; or the server that the tests were given."""
    if given := os.environ.get(postgres.URL_VARIABLE):
        with postgres.database(given) as url, tempfile.TemporaryDirectory() as keys:
            yield {"PRESSRUN_DATABASE_URL": url, "PRESSRUN_DATABASE_DIR": f"{keys}/data"}
        return
    # Not in pytest's own folder: the user that runs the server cannot enter it.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield {"PRESSRUN_DATABASE_DIR": str(Path(name).resolve() / "data")}


def test_the_ideas_of_the_readme_become_videos_through_a_pause_a_death_and_a_retry(
    tmp_path: Path, database: dict[str, str]
) -> None:
    with start_service(tmp_path, IDEAS, database) as session:
        outcome = run_scenario(session, 60)
    assert len([path for path in outcome.videos if path.name == "video.mp4"]) == IDEAS
    for path in outcome.videos:
        with av.open(str(path)) as film:
            assert film.duration
            assert film.duration > 5 * av.time_base
    assert {item["state"] for item in outcome.items} == {"completed"}
    assert outcome.repeated == []
    assert outcome.takeover_seconds <= 20, "15 s on an idle machine: bench.queue"
    assert "event: end" in outcome.events
    log = (tmp_path / "serve.log").read_text()
    assert "was killed by signal 9; restarting it" in log
    assert "Traceback" not in log
