"""The synchronous client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from pressrun_client import monitor, requests
from pressrun_client.download import download
from pressrun_client.models import Analytics, Event, File, Item, Job, NewJob, Progress, Update, Validation, WebhookEvent
from pressrun_client.transport import SyncTransport, user_agent
from pressrun_client.webhooks import TOLERANCE, verify_webhook

RECONNECT_TIMEOUT = 600.0
"""Seconds for which a monitor keeps trying to reach a server that does not answer."""


class BulkJobsClient:
    """A client for bulk jobs.

    `api_key` is the token that `pressrun token create` prints; `base_url` is where `pressrun serve` listens. Every
    method raises the errors of `pressrun_client.errors`. Requests that are safe to repeat are repeated when the server
    does not answer, has a problem, or asks to wait.
    """

    def __init__(
        self, api_key: str, base_url: str = "http://127.0.0.1:8750", *, timeout: float = 30.0,
        http: httpx.Client | None = None,
    ) -> None:
        self._http = http or httpx.Client()
        self._http.base_url = httpx.URL(base_url.rstrip("/"))
        self._http.timeout = httpx.Timeout(timeout)
        self._http.headers.update({"Authorization": f"Bearer {api_key}", "User-Agent": user_agent()})
        self._transport = SyncTransport(self._http)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def create_job(
        self, title: str | Mapping[str, Any], *, sheet_id: str | None = None, range: str | None = None,
        rows: list[dict[str, Any]] | None = None, csv: str | None = None, output_bucket: str | None = None,
        template_id: str | None = None, idempotency_key: str | None = None, **more: Any,
    ) -> NewJob:
        """Create a job from a sheet, from rows or from CSV text, or from a full body (see `docs/reference/rest.md`).

        Other fields of the body, such as `priority` or `callback_url`, are keyword arguments. Only one job is created
        even if the request has to be repeated; pass your own `idempotency_key` to be safe across restarts of your
        program too.
        """
        body = requests.job_body(
            title, sheet_id=sheet_id, range=range, rows=rows, csv=csv, output_bucket=output_bucket,
            template_id=template_id, more=more,
        )
        return self._transport.run(requests.create(body, idempotency_key))

    def validate(
        self, title: str | Mapping[str, Any], *, sheet_id: str | None = None, range: str | None = None,
        rows: list[dict[str, Any]] | None = None, csv: str | None = None, output_bucket: str | None = None,
        template_id: str | None = None, **more: Any,
    ) -> Validation:
        """Report what would become of the same call of `create_job`, without creating anything."""
        body = requests.job_body(
            title, sheet_id=sheet_id, range=range, rows=rows, csv=csv, output_bucket=output_bucket,
            template_id=template_id, more=more,
        )
        return self._transport.run(requests.validate(body))

    def get_job(self, job_id: str) -> Job:
        """Get a job."""
        return self._transport.run(requests.get_job(job_id))

    def pause(self, job_id: str) -> Job:
        """Pause a running job. Running stages finish, and no new stage starts."""
        return self._transport.run(requests.move(job_id, "pause"))

    def resume(self, job_id: str) -> Job:
        """Resume a paused job."""
        return self._transport.run(requests.move(job_id, "resume"))

    def cancel(self, job_id: str) -> Job:
        """Cancel a job. Waiting items are not made, running ones stop within seconds, finished ones stay."""
        return self._transport.run(requests.move(job_id, "cancel"))

    def retry(self, job_id: str) -> Job:
        """Retry the failed items of a failed job, each from the stage that failed."""
        return self._transport.run(requests.move(job_id, "retry"))

    def progress(self, job_id: str) -> Progress:
        """Get the progress of a job and an estimate of the time left."""
        return self._transport.run(requests.progress(job_id))

    def files(self, job_id: str, row: int) -> list[File]:
        """List the finished files of one row."""
        return self._transport.run(requests.files(job_id, row))

    def results_csv(self, job_id: str) -> str:
        """Get the results of a job as CSV text, one line for each row."""
        return self._transport.run(requests.results_csv(job_id))

    def get_job_analytics(
        self, *, start_date: date | str | None = None, end_date: date | str | None = None, group_by: str = "day",
    ) -> Analytics:
        """Sum up the jobs that were created in a range of days (UTC), the last 30 by default.

        `group_by` is `template_id`, `state`, `day` or `priority`.
        """
        params = {"start_date": start_date, "end_date": end_date, "group_by": group_by}
        return self._transport.run(requests.analytics(params))

    def download(
        self, job_id: str, path: str | Path = ".",
    ) -> Path:
        """Download all finished files of a job as a ZIP file, and return its path.

        `path` is a file, or a folder for `JOB_ID.zip`. A download that was cut continues where it ended, also in the
        next run of your program.
        """
        target = Path(path) / f"{job_id}.zip" if Path(path).is_dir() else Path(path)
        return self._transport.run(download(f"{requests.job_path(job_id)}/download", target))

    def download_file(
        self, job_id: str, row: int, file: File | str, path: str | Path = ".",
    ) -> Path:
        """Download one file of a row, and return its path. The checksum is verified if `file` comes from `files()`.

        `path` is a file, or a folder for a file with the same name.
        """
        name, checksum = (file.name, file.sha256) if isinstance(file, File) else (file, None)
        target = Path(path) / Path(name).name if Path(path).is_dir() else Path(path)
        return self._transport.run(download(requests.file_path(job_id, row, name), target, checksum))

    def list_jobs(
        self, *, state: str | None = None, sort: str = "created_at", order: str = "desc",
    ) -> Iterator[Job]:
        """List all your jobs, newest first. Pages are requested as the loop needs them."""
        return self._transport.iterate(requests.list_jobs({"state": state, "sort": sort, "order": order}))

    def items(self, job_id: str) -> Iterator[Item]:
        """List the items of a job in the order of their rows."""
        return self._transport.iterate(requests.items(job_id))

    def events(self, job_id: str) -> Iterator[Event]:
        """List the events of a job so far, oldest first."""
        return self._transport.iterate(requests.events(job_id))

    def monitor_job(self, job_id: str, *, reconnect_timeout: float = RECONNECT_TIMEOUT) -> Iterator[Update]:
        """Follow a job: an update at once, one for each change, and a last one when the job has ended.

        Survives restarts of the server. If it does not answer for `reconnect_timeout` seconds, raises
        `ConnectionFailedError`.
        """
        return self._transport.iterate(monitor.monitor(job_id, reconnect_timeout))

    @staticmethod
    def verify_webhook(
        body: bytes | str, headers: Mapping[str, str], secret: str, *, tolerance: float = TOLERANCE
    ) -> WebhookEvent:
        """Return the event of a webhook that your server sent. See `pressrun_client.webhooks.verify_webhook`."""
        return verify_webhook(body, headers, secret, tolerance=tolerance)
