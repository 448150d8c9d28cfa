"""Every error of the program, with its exit code and whether it is worth retrying.

PressrunError
  Invalid input. Nothing has run, and the exit code is 2.
  - InputError
    - UsageError
    - SettingsError
    - BooksFileError
    - BrokenFileError
    - AmbiguousBookError
    - ServiceUnavailableError
    - PipelineError
    - RequestError
    - RowsError
      - NoUsableRowsError
    - SheetsUnavailableError
    - TemplateError
    - DatabaseError
      - DatabaseAwayError (retryable)
  The queue.
  - NoSuchBatchError
  - NoSuchWebhookError
  - MoveError
  - IdempotencyError
  - RunStoreError
  - DeadlineError (retryable)
  - FencedError
  The REST API.
  - TokenError
  - NoSuchFileError
  - RangeError
  - BodySyntaxError
  - BodyTypeError
  - BodyTooLargeError
  - BodyTimeoutError (retryable)
  - TooManyRequestsError (retryable)
  A stage failed. The book fails, and the batch continues.
  - NoSourceError
  - SourceError
    - OutdatedLibraryError
  - ScriptError
  - VoiceError
  - RenderError
    - MissingGlyphsError
  - PublishError
    - UploadUnknownError
  - NetworkError (retryable)
  - AuthenticationError
  - QuotaExceededError
  The engine ended a stage, or found that it had ended.
  - StageTimeoutError
  - BookTimeoutError
  - StageDiedError
  - StageOutputError
  - Interrupted
  The machine.
  - NoSpaceError
  - FileTroubleError
  - OutOfMemoryError
  - UnexpectedError
  Raised by the Python API and for Google sheets.
  - PermissionError
  - ServerError (retryable)

Class names are stored as `ErrorReport.kind`, so they never change. `message` says what was found and where, `remedy`
what to do about it. Let an exception that fits none of these classes propagate: the nearest boundary turns it into an
`UnexpectedError` and logs the traceback (`pressrun.error_reports`).
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


@dataclass(frozen=True)
class ErrorReport:
    """An error as data: sent from a stage to the engine, and stored in `stages.json`."""

    kind: str
    """The name of its class."""
    message: str
    remedy: str = ""
    retryable: bool = False

    def __str__(self) -> str:
        return self.message


class PressrunError(Exception):
    """The base class of all errors. `retryable` means that the same attempt may succeed a little later."""

    exit_code: ClassVar[int] = EXIT_FAILED
    retryable: bool = False

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def report(self) -> ErrorReport:
        return ErrorReport(type(self).__name__, self.message, self.remedy, self.retryable)


class InputError(PressrunError):
    """The user's input cannot be used."""

    exit_code = EXIT_USAGE


class UsageError(InputError):
    """A flag or a combination of flags is invalid."""


class SettingsError(InputError):
    """A setting in `pressrun.toml`, the environment or a flag has an invalid value."""


class BooksFileError(InputError):
    """The list of books is missing, is not UTF-8, or has an invalid line."""


class BrokenFileError(InputError):
    """`database.json` or a file of a run folder is invalid."""


class AmbiguousBookError(InputError):
    """A title without an author matches several books of the database."""


class ServiceUnavailableError(InputError):
    """A service was requested by name and cannot be used here."""


class PipelineError(InputError):
    """A pipeline declares a stage that could never run."""


class RequestError(InputError):
    """A field of a request for a batch is missing or invalid."""

    def __init__(self, message: str, *, remedy: str = "", problems: tuple[tuple[str, str, str], ...] = ()) -> None:
        super().__init__(message, remedy=remedy)
        self.problems = problems
        """(path of the field, what was found, what is expected) for each invalid field."""


class RowsError(InputError):
    """A sheet, a CSV or a list of rows cannot be read."""


class NoUsableRowsError(RowsError):
    """Every row of a request was rejected. `rejected` has the reasons for the first rows; `total` counts all rows."""

    def __init__(
        self, message: str, *, remedy: str = "", rejected: tuple[Mapping[str, Any], ...] = (), total: int = 0
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.rejected = rejected
        self.total = total


class SheetsUnavailableError(InputError):
    """The rows are in a Google sheet that does not exist or cannot be read."""


class TemplateError(InputError):
    """A template does not exist, or its file is invalid."""


class DatabaseError(InputError):
    """The database of the queue is not set up or cannot be used."""


class DatabaseAwayError(DatabaseError):
    """The database of the queue does not respond."""

    retryable = True


class NoSuchBatchError(PressrunError):
    """The batch does not exist, or it belongs to another user."""


class NoSuchWebhookError(PressrunError):
    """The webhook does not exist, or it belongs to another user."""


class MoveError(PressrunError):
    """The `state` of a batch or job does not allow the action; `allowed` lists the actions that it does allow."""

    def __init__(self, message: str, *, remedy: str = "", state: str = "", allowed: tuple[str, ...] = ()) -> None:
        super().__init__(message, remedy=remedy)
        self.state = state
        self.allowed = allowed


class IdempotencyError(PressrunError):
    """The idempotency key was used before, with another request."""


class RunStoreError(PressrunError):
    """The shared storage of run folders cannot be used."""


class DeadlineError(PressrunError):
    """A batch exceeded its deadline. Finished jobs keep their results."""

    retryable = True


class FencedError(PressrunError):
    """The job was given to another worker. Stop, and write nothing more."""


class TokenError(PressrunError):
    """A request has no token, or an invalid one."""


class NoSuchFileError(PressrunError):
    """An item does not have the file, or the file is out of reach of the API."""


class RangeError(PressrunError):
    """A request asks for bytes beyond the end of a file of `size` bytes."""

    def __init__(self, message: str, *, remedy: str = "", size: int = 0) -> None:
        super().__init__(message, remedy=remedy)
        self.size = size


class BodySyntaxError(PressrunError):
    """The body of a request is not valid JSON."""


class BodyTypeError(PressrunError):
    """The content type of a request is not JSON."""


class BodyTooLargeError(PressrunError):
    """The body of a request exceeds the size limit."""


class BodyTimeoutError(PressrunError):
    """The body of a request did not arrive in time."""

    retryable = True


class TooManyRequestsError(PressrunError):
    """A user exceeded the rate limit. Retry after `wait` seconds."""

    retryable = True

    def __init__(self, message: str, *, remedy: str = "", wait: float = 1.0) -> None:
        super().__init__(message, remedy=remedy)
        self.wait = wait


class NoSourceError(PressrunError):
    """No material was found for a book."""


class SourceError(PressrunError):
    """The material for a book cannot be read."""


class OutdatedLibraryError(SourceError):
    """A site has changed, and the installed version of the library that reads it no longer works."""


class ScriptError(PressrunError):
    """No script can be written from the material."""


class VoiceError(PressrunError):
    """The text cannot be spoken."""


class RenderError(PressrunError):
    """The video cannot be rendered."""


class MissingGlyphsError(RenderError):
    """No font has all letters of the text."""


class PublishError(PressrunError):
    """The video cannot be published, and nothing was sent."""


class UploadUnknownError(PublishError):
    """It is unknown whether the video was published. Nothing is sent again until the user resolves it."""


class NetworkError(PressrunError):
    """A service did not respond."""

    retryable = True


class AuthenticationError(PressrunError):
    """The credentials for a service are missing or invalid."""


class QuotaExceededError(PressrunError):
    """The daily quota of a service is used up."""


class StageTimeoutError(PressrunError):
    """A stage exceeded its time limit."""


class BookTimeoutError(PressrunError):
    """The stages of a book together exceeded their time limit."""


class StageDiedError(PressrunError):
    """The process of a stage was ended by a signal, or ended without reporting an error."""


class StageOutputError(PressrunError):
    """A stage succeeded without creating the files it declares."""


class Interrupted(PressrunError):
    """The user or a signal stopped the program."""

    exit_code = EXIT_INTERRUPTED


class NoSpaceError(PressrunError):
    """A disk is full."""


class FileTroubleError(PressrunError):
    """A file or folder cannot be used: permissions, a folder in place of a file, a read-only disk."""


class OutOfMemoryError(PressrunError):
    """A stage needed more memory than there was. The engine runs it once more, with nothing else at the same time."""


class UnexpectedError(PressrunError):
    """An error without a class of its own: a defect. Its traceback is in a log."""


class PermissionError(PressrunError, builtins.PermissionError):
    """The user has no access to a file, a folder, or an object of a service."""


class ServerError(PressrunError):
    """The worker had a problem that is not caused by the job."""

    retryable = True
