"""Every error a user can meet, in one file: its exit code, whether it can pass by itself, and the remedy.

An error that leaves the program names what was found and where (`message`) and what to do (`remedy`). Code that
meets a problem it cannot name lets the exception go up: the nearest boundary turns it into `UnexpectedError` and
writes the traceback to a log.
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
    """An error as data: what a stage child sends to the engine and what `stages.json` keeps."""

    kind: str
    message: str
    remedy: str = ""
    retryable: bool = False

    def __str__(self) -> str:
        return self.message


class PressrunError(Exception):
    """The root of all errors below. `retryable` says whether the same attempt can succeed a little later."""

    exit_code: ClassVar[int] = EXIT_FAILED
    retryable: bool = False

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def report(self) -> ErrorReport:
        return ErrorReport(type(self).__name__, self.message, self.remedy, self.retryable)


# What the user gave cannot be used: nothing has run, exit 2.


class UsageError(PressrunError):
    """A flag, or flags together, that make no sense."""

    exit_code = EXIT_USAGE


class SettingsError(PressrunError):
    """A setting of `pressrun.toml`, the environment or a flag has a wrong value."""

    exit_code = EXIT_USAGE


class BooksFileError(PressrunError):
    """The list of books is missing, not UTF-8, or has a line that cannot be a book."""

    exit_code = EXIT_USAGE


class BrokenFileError(PressrunError):
    """`database.json`, or a file of a run folder, is not what it should be."""

    exit_code = EXIT_USAGE


class AmbiguousBookError(PressrunError):
    """A title without author fits two books of the database."""

    exit_code = EXIT_USAGE


class ServiceUnavailableError(PressrunError):
    """A service was asked for by name and cannot be used here."""

    exit_code = EXIT_USAGE


class PipelineError(PressrunError):
    """A pipeline declares a stage that could never run."""

    exit_code = EXIT_USAGE


class RowsError(PressrunError):
    """A sheet, a CSV or a list of rows that cannot be read as a whole."""

    exit_code = EXIT_USAGE


class RequestError(PressrunError):
    """A request for a batch has a field that is missing or wrong."""

    exit_code = EXIT_USAGE

    def __init__(self, message: str, *, remedy: str = "", problems: tuple[tuple[str, str, str], ...] = ()) -> None:
        super().__init__(message, remedy=remedy)
        self.problems = problems
        """(path of the field, what was found, what is expected), of each."""


class TemplateError(PressrunError):
    """There is no such template, or its file is not what it should be."""

    exit_code = EXIT_USAGE


class SheetsUnavailableError(PressrunError):
    """Rows are to be read from a sheet that this version cannot reach."""

    exit_code = EXIT_USAGE


# The queue.


class DatabaseError(PressrunError):
    """The database of the queue cannot be used, or is not set up for it."""

    exit_code = EXIT_USAGE


class DatabaseAwayError(DatabaseError):
    """The database of the queue does not answer; it may a little later."""

    retryable = True


class NoSuchBatchError(PressrunError):
    """There is no such batch, or it belongs to somebody else."""


class MoveError(PressrunError):
    """The `state` of a batch or job does not allow what was asked for; `allowed` is what it allows."""

    def __init__(self, message: str, *, remedy: str = "", state: str = "", allowed: tuple[str, ...] = ()) -> None:
        super().__init__(message, remedy=remedy)
        self.state = state
        self.allowed = allowed


class IdempotencyError(PressrunError):
    """The same idempotency key came with another request."""


class RunStoreError(PressrunError):
    """The place that workers on several machines share their run folders in cannot be used."""


class DeadlineError(PressrunError):
    """A batch took longer than it may; what was finished is kept."""

    retryable = True


class FencedError(PressrunError):
    """A job was given to another worker meanwhile; whoever meets this stops and writes nothing more."""


# The REST API.


class TokenError(PressrunError):
    """A request without a token, or with one that is not valid here."""


class NoUsableRowsError(RowsError):
    """Every row of a request was rejected. `rejected` says why of the first ones, `total` how many there are."""

    def __init__(
        self, message: str, *, remedy: str = "", rejected: tuple[Mapping[str, Any], ...] = (), total: int = 0
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.rejected = rejected
        self.total = total


class BodySyntaxError(PressrunError):
    """The body of a request is not JSON."""


class BodyTypeError(PressrunError):
    """The body of a request says that it is something else than JSON."""


class BodyTooLargeError(PressrunError):
    """The body of a request is larger than is allowed."""


class BodyTimeoutError(PressrunError):
    """The body of a request did not arrive in time."""

    retryable = True


class TooManyRequestsError(PressrunError):
    """A user asks for more than the API gives at once; `wait` seconds later it gives more."""

    retryable = True

    def __init__(self, message: str, *, remedy: str = "", wait: float = 1.0) -> None:
        super().__init__(message, remedy=remedy)
        self.wait = wait


# A stage failed: the book fails, the batch goes on.


class NoSourceError(PressrunError):
    """No material was found for a book."""


class SourceError(PressrunError):
    """Material was found and cannot be read."""


class OutdatedLibraryError(SourceError):
    """A site has changed, and the library that reads it here does not know how."""


class ScriptError(PressrunError):
    """No script can be made of the material."""


class VoiceError(PressrunError):
    """The text cannot be spoken."""


class RenderError(PressrunError):
    """The video cannot be made."""


class MissingGlyphsError(RenderError):
    """No font has some letters of the text."""


class PublishError(PressrunError):
    """The video cannot be published, and nothing was sent."""


class UploadUnknownError(PublishError):
    """It is not known whether the video was published; nothing is sent again before somebody says so."""


class NetworkError(PressrunError):
    """A service did not answer; it may a little later."""

    retryable = True


class AuthenticationError(PressrunError):
    """A service does not accept the credentials, or there are none."""


class QuotaExceededError(PressrunError):
    """A service has done for us what it does in a day."""


class PermissionError(PressrunError, builtins.PermissionError):
    """Something may not be used by whoever runs this: a file, a folder, or what a service keeps. Of the Python door."""


class ServerError(PressrunError):
    """The side that does the work had a problem, which may be over a little later. Of the Python door."""

    retryable = True


class NoSpaceError(PressrunError):
    """A disk is full."""


class FileTroubleError(PressrunError):
    """A file or folder cannot be used: permissions, a folder where a file belongs, a read-only disk."""


class UnexpectedError(PressrunError):
    """An error with no class of its own: a defect, whose traceback stands in a log."""


# The engine ended a stage, or found it ended.


class StageTimeoutError(PressrunError):
    """A stage took longer than it may."""


class BookTimeoutError(PressrunError):
    """All stages of a book together took longer than they may."""


class StageDiedError(PressrunError):
    """A stage's process ended by a signal, or without saying what was wrong."""


class StageOutputError(PressrunError):
    """A stage said success and did not make what it declares."""


class Interrupted(PressrunError):
    """The user, or a signal, asked the program to stop."""

    exit_code = EXIT_INTERRUPTED
