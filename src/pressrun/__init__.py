"""Pressrun turns a list of books into published videos: unattended, resumable, and never twice.

Public names are imported when they are first used, so `import pressrun` is fast.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers treat it as true, and `typing` does not have to be imported
if TYPE_CHECKING:
    from typing import Any

    from pressrun.cli.print_books import print_book_status_table, print_final_summary
    from pressrun.errors import (
        AuthenticationError,
        NetworkError,
        PressrunError,
        QuotaExceededError,
        ServerError,
    )
    from pressrun.errors import (
        PermissionError as PermissionError,
    )
    from pressrun.jobs.limits import RateLimiter
    from pressrun.jobs.states import JobPriority, JobStatus
    from pressrun.kinds.ideas.rows.fields import SheetFormat, ValidationLevel
    from pressrun.python.books import check_book_status, process_books_batch
    from pressrun.python.coroutine_jobs import VideoJob
    from pressrun.python.processor import BatchProcessor
    from pressrun.python.queue_manager import QueueManager
    from pressrun.python.records import BulkJob, JobEvent, RetryTemplate, SheetsErrorHandler

__version__ = "0.1.0"
__all__ = [
    "AuthenticationError", "BatchProcessor", "BulkJob", "JobEvent", "JobPriority", "JobStatus", "NetworkError",
    "PressrunError", "QueueManager", "QuotaExceededError", "RateLimiter", "RetryTemplate", "ServerError", "SheetFormat",
    "SheetsErrorHandler", "ValidationLevel", "VideoJob", "__version__", "check_book_status",
    "print_book_status_table", "print_final_summary", "process_books_batch",
]  # fmt: skip
# Not PermissionError: `from pressrun import *` would replace the built-in one.

_MODULES = {
    "pressrun.cli.print_books": ("print_book_status_table", "print_final_summary"),
    "pressrun.errors": (
        "AuthenticationError", "NetworkError", "PermissionError", "PressrunError", "QuotaExceededError", "ServerError",
    ),
    "pressrun.jobs.limits": ("RateLimiter",),
    "pressrun.python.books": ("check_book_status", "process_books_batch"),
    "pressrun.python.coroutine_jobs": ("VideoJob",),
    "pressrun.python.processor": ("BatchProcessor",),
    "pressrun.python.queue_manager": ("QueueManager",),
    "pressrun.python.records": ("BulkJob", "JobEvent", "RetryTemplate", "SheetsErrorHandler"),
    "pressrun.kinds.ideas.rows.fields": ("SheetFormat", "ValidationLevel"),
    "pressrun.jobs.states": ("JobPriority", "JobStatus"),
}  # fmt: skip


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            from importlib import import_module

            return getattr(import_module(module), name)
    raise AttributeError(f"module 'pressrun' has no attribute {name!r}")
