"""Upload the finished files of a job to the API, for a worker whose run folders the API cannot see."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from pressrun.engine.stage_run import retry_delay
from pressrun.errors import AuthenticationError, NetworkError, PressrunError, RunStoreError, SettingsError
from pressrun.jobs.handler import JobContext, JobReport
from pressrun.jobs.signing import LinkSigner, signing_key
from pressrun.kinds.run_store.disk_store import DiskRunStore
from pressrun.kinds.run_store.transfer import Abandoned, raise_if_abandoned
from pressrun.store.run_folder import RunFolder
from pressrun.store.workspace import Workspace

if TYPE_CHECKING:
    from requests import Response, Session

API_URL_VARIABLE = "PRESSRUN_API_URL"
CHUNK_BYTES = 1 << 20
CONNECT_TIMEOUT, READ_TIMEOUT = 5.0, 60.0
LINK_SECONDS = 3600
MAX_FINAL_UPLOADS = 4
"""Attempts to upload the files of a job at its end."""

logger = logging.getLogger(__name__)


def upload_address(environment: Mapping[str, str] | None = None) -> str:
    """Return the address of the API that gets the files of this worker, or an empty string.

    Raises `SettingsError` for a value that is not the address of a server.
    """
    value = (os.environ if environment is None else environment).get(API_URL_VARIABLE, "").strip().rstrip("/")
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
        raise SettingsError(
            f"Environment variable {API_URL_VARIABLE}: found {value!r}; it must be the address of the API",
            remedy="Write it as http://videos.example.com:8750.",
        )
    return value


class ApiRunStore(DiskRunStore):
    """Run folders on this machine, whose finished files are uploaded to the API after each stage."""

    def __init__(self, job: JobContext, workspace: Workspace, address: str) -> None:
        super().__init__(job, workspace)
        self._address = address
        self._signer = LinkSigner(signing_key())
        self._files = f"/api/bulk-jobs/{job.batch_id}/items/{job.position}/files"

    def save(self, folder: RunFolder) -> None:
        """Upload the files of a stage. An error becomes a warning of the job, and the next stage tries again."""
        if error := self._try_upload(folder):
            self._warn(f"The files cannot be uploaded to {self._address}; trying again after the next stage", error)

    def finish(self, folder: RunFolder) -> str:
        """Upload what is missing at the end. Return a warning if that failed, or an empty string."""
        if self._job.stop.reason == "cancel":
            return ""
        tries = 1
        while error := self._try_upload(folder):
            if not error.retryable or tries == MAX_FINAL_UPLOADS or self._job.stop.wait(retry_delay(tries)):
                return self._warn(f"The files cannot be uploaded to {self._address}", error)
            tries += 1
        return ""

    def _warn(self, text: str, error: PressrunError) -> str:
        message = f"{text}: {error.message}"
        logger.warning("Job %s: %s. %s", self._job.job_id, message, error.remedy)
        self._job.report(JobReport("warning", message))
        return message

    def _try_upload(self, folder: RunFolder) -> PressrunError | None:
        import requests

        try:
            with requests.Session() as session:
                self._upload(session, folder.path)
        except requests.RequestException as error:
            reason = "it did not respond" if isinstance(error, requests.Timeout) else "the connection failed"
            return NetworkError(f"{reason} ({type(error).__name__})", remedy="Check its address and the network.")
        except PressrunError as error:
            return error
        except OSError as error:
            return RunStoreError(f"{error.strerror}", remedy="Do not change run folders while their jobs run.")
        except Abandoned:
            return None
        return None

    def _upload(self, session: Session, folder: Path) -> None:
        listed = _checked(session.get(self._link("GET", self._files), timeout=(CONNECT_TIMEOUT, READ_TIMEOUT)))
        for file in listed.json()["data"]["files"]:
            path = folder / file["name"]
            if file["available"] or path.stat().st_size != file["size"]:
                continue
            link = self._link("PUT", f"{self._files}/{file['name']}")
            body = _Body(path, self._job)
            _checked(session.put(link, data=body, timeout=(CONNECT_TIMEOUT, READ_TIMEOUT), allow_redirects=False))

    def _link(self, method: str, path: str) -> str:
        return f"{self._address}{quote(path)}?{self._signer.sign(method, path, LINK_SECONDS)}"


class _Body:
    """The content of a file, read in chunks. Its length becomes Content-Length."""

    def __init__(self, path: Path, job: JobContext) -> None:
        self._path, self._job = path, job
        self._size = path.stat().st_size

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                raise_if_abandoned(self._job)
                yield chunk


def _checked(response: Response) -> Response:
    """Return a successful response. Raises the error for any other status."""
    status = response.status_code
    if status < 300:
        return response
    if status in (401, 403):
        raise AuthenticationError(
            f"it rejects the signature of this worker (status {status})",
            remedy="Set the same PRESSRUN_API_SECRET for the API and the worker, and check both clocks.",
        )
    if status in (408, 429) or status >= 500:
        raise NetworkError(f"it returned status {status}", remedy="Try again later.")
    remedy = f"Check that {API_URL_VARIABLE} is the address of the API."
    raise RunStoreError(f"it returned status {status}", remedy=remedy)
