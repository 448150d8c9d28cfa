"""The REST API asked what nobody thought of: every operation, made up from its description, by schemathesis."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.loopback.queue_api import KEY, served
from tests.manual_worker import DEFECT, ManualWorker

from bench.queueing.world import database
from bench.report import Figure
from pressrun.api.settings import ApiSettings
from pressrun.api.tokens import create_token
from pressrun.jobs.batches import NewBatch, NewJob, create_batch
from pressrun.jobs.connection import Queue

EXAMPLES = 50
USER = "bench"
BEYOND_THE_SCHEMA = (
    "POST /api/bulk-jobs", "POST /api/bulk-jobs/validate", "POST /api/bulk-jobs/{id}/rows", "GET /api/bulk-jobs",
    "GET /api/bulk-jobs/analytics", "POST /api/webhooks/test",
)  # fmt: skip
"""What is right by their schema may be refused: rows that make no sense together, a token of a page that was never
given out, days in the wrong order."""


@dataclass
class Trial:
    cases: int = 0
    failures: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    """How often each was answered."""


def schema(url: str, *, short: bool) -> list[Figure]:
    target = database(url, "schema")
    with target.queue(USER) as queue, tempfile.TemporaryDirectory() as folder:
        trial = ask_everything(target.url, Path(folder), batches(queue, target.url), examples=5 if short else EXAMPLES)
    for failure in trial.failures:
        print(failure)
    defects = sum(count for status, count in trial.statuses.items() if status >= 500)
    return [
        Figure("responses that contradict the description", len(trial.failures), "", required=0),
        Figure("requests of schemathesis", trial.cases, ""),
        Figure("responses with status 500 or above", defects, "", required=0),
    ]


def batches(queue: Queue, url: str) -> list[str]:
    """Ids of batches that wait, run, have failed and are done, so that requests find something."""
    rows = [NewJob(number, f"Idea {number}", {"idea_title": f"Idea {number}"}) for number in range(1, 3)]

    def some() -> list[str]:
        batch = NewBatch("Spring", "ideas", "idea-video", "items")
        return [str(create_batch(queue, batch, rows)[0]["id"]) for _ in range(3)]

    with ManualWorker(url) as worker:
        ended = some()
        for number in range(2 * len(ended)):
            job = worker.claim()
            assert job
            worker.finish(job, *(("failed", DEFECT) if number < 2 else ()))
        running = some()
        while worker.claim():
            pass
    return ended + running + some()


def ask_everything(
    url: str, workspace: Path, ids: list[str], *, examples: int, phases: tuple[str, ...] = (), seed: int | None = None
) -> Trial:
    """Asks every operation `examples` times, and as often as its description names special values."""
    import schemathesis
    from schemathesis.config import SchemathesisConfig
    from schemathesis.engine import events, from_schema

    settings = ApiSettings(workspace, requests_per_minute=0)
    trial = Trial()
    with served(url, settings) as address:
        config = SchemathesisConfig.from_dict(_config(ids, examples, phases) | ({} if seed is None else {"seed": seed}))
        described = schemathesis.openapi.from_url(f"{address}/openapi.json", config=config)
        for event in from_schema(described).execute():
            if isinstance(event, events.ScenarioFinished):
                _count(trial, event)
            elif isinstance(event, events.NonFatalError | events.FatalError):
                trial.failures.append(str(event))
    return trial


def _config(ids: list[str], examples: int, phases: tuple[str, ...]) -> dict[str, object]:
    everything = ("examples", "coverage", "fuzzing", "stateful")
    return {
        "headers": {"Authorization": f"Bearer {create_token(USER, key=KEY)}"},
        "generation": {"max-examples": examples, "database": "none"},
        "phases": {name: {"enabled": not phases or name in phases} for name in everything},
        "continue-on-failure": True,
        "dictionaries": {"batches": {"values": ids}},
        "parameters": {"path.id": {"dictionary": "batches", "probability": 0.7}},
        "operations": [
            {"include-name": name, "checks": {"positive_data_acceptance": {"enabled": False}}}
            for name in BEYOND_THE_SCHEMA
        ],
    }


def _count(trial: Trial, event: object) -> None:
    recorder = event.recorder  # type: ignore[attr-defined]
    trial.cases += len(recorder.interactions)
    trial.statuses.update(each.response.status_code for each in recorder.interactions.values() if each.response)
    for checks in recorder.checks.values():
        trial.failures += [
            f"{recorder.label}: {check.name}: {check.failure_info.failure}" for check in checks if check.failure_info
        ]
