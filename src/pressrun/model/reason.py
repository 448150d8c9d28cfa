"""Reasons as data: why a stage runs, why a book is skipped, what to know before a run.

Code decides by `Reason.kind`; `pressrun.wording` turns a reason into a sentence for the reader. Kinds are stored in
batch records, in results of the queue and in JSON output, so they are never renamed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class ReasonKind(StrEnum):
    """Every reason that the program gives. The comments name the `values` that come with it."""

    # Why a stage runs or does not.
    FRESH_START = "fresh_start"
    UP_TO_DATE = "up_to_date"
    NOT_RUN_YET = "not_run_yet"
    FAILED_BEFORE = "failed_before"
    SKIPPED_BEFORE = "skipped_before"
    SWITCHED_OFF = "switched_off"  # setting
    AFTER_UNTIL = "after_until"  # stage
    REQUESTED_BY_FROM = "requested_by_from"  # stage
    STAGE_CHANGED = "stage_changed"  # before, now: versions
    SERVICE_CHANGED = "service_changed"  # service, before, now
    SETTING_CHANGED = "setting_changed"  # setting, before, now
    FILE_CHANGED = "file_changed"  # file
    FILE_REBUILT = "file_rebuilt"  # file
    FILE_MISSING = "file_missing"  # file
    FOLDER_CHANGED = "folder_changed"  # folder
    PRODUCT_CHANGED = "product_changed"  # file
    LATER_STAGE_FAILED = "later_stage_failed"  # stage
    PUBLISHED = "published"
    PUBLISHED_OUTDATED = "published_outdated"  # why: Reason
    PUBLISHES_TO = "publishes_to"  # destination
    UNCHANGED = "unchanged"

    # What a plan does with a book.
    ALREADY_DONE = "already_done"
    START_UNKNOWN = "start_unknown"  # stage
    RESUMES_AT = "resumes_at"  # stage, why: Reason
    STOPPED_AT_UNTIL = "stopped_at_until"  # stage
    DATABASE_OUTDATED = "database_outdated"
    RUN_FOLDER_GONE = "run_folder_gone"
    RUN_FOLDER_UNREADABLE = "run_folder_unreadable"
    DATABASE_UNCLEAR = "database_unclear"
    UPLOAD_UNRESOLVED = "upload_unresolved"  # book, product
    UPLOADS_WAIT = "uploads_wait"  # left, limit, needed
    PUBLISHES_ELSEWHERE = "publishes_elsewhere"  # products, destination
    PUBLISHED_THERE = "published_there"  # destination
    PUBLISHED_MEANWHILE = "published_meanwhile"
    PUBLICATION_STAYS = "publication_stays"
    PUBLICATION_OUTDATED = "publication_outdated"

    ROW_REJECTED = "row_rejected"  # message
    ROW_EDITED = "row_edited"

    # What to know before saying yes.
    SECOND_COPY = "second_copy"
    NO_SOURCE = "no_source"  # reason
    STAGE_WARNING = "stage_warning"  # text
    NOTHING_SENT_AGAIN = "nothing_sent_again"
    MAYBE_PUBLISHED = "maybe_published"  # product, publisher
    BROKEN_FILE = "broken_file"  # message, remedy
    DATABASE_AMBIGUOUS = "database_ambiguous"  # message, remedy
    LANGUAGE_DIFFERS = "language_differs"  # file, found, setting
    LETTERS_MISSING = "letters_missing"  # file, letters, more
    PICTURES_UNUSED = "pictures_unused"  # folder, names
    PICTURES_NEAR = "pictures_near"  # folder, expected
    SHARED_SOURCE = "shared_source"  # file, books
    PUBLISHED_FILE_MISSING = "published_file_missing"  # path
    PUBLISHED_OUTSIDE = "published_outside"  # path

    # What to know about the list, or about the batch as a whole.
    LISTED_TWICE = "listed_twice"  # name, book, first, second: lines
    LIST_READ_AS = "list_read_as"  # name, line, book, table
    LIST_HEADER = "list_header"  # name, line, header
    LIST_IS_CSV = "list_is_csv"  # name, separator, example
    LIST_IS_AMBIGUOUS = "list_is_ambiguous"  # name, separator, example
    DISK_TOO_SMALL = "disk_too_small"  # needed, free: bytes
    UPLOADS_UNCOUNTED = "uploads_uncounted"  # message

    # Why a book was skipped, or how far it got.
    INTERRUPTED = "interrupted"
    ABORTED = "aborted"
    BUSY = "busy"
    SECOND_COPY_UNCONFIRMED = "second_copy_unconfirmed"  # stages
    STOPPED_AFTER = "stopped_after"  # stage
    OLDER_PUBLICATION = "older_publication"  # stage
    JOB_CONTINUES = "job_continues"
    JOB_CANCELLED = "job_cancelled"
    JOB_ENDS = "job_ends"

    # What a stage waits for.
    NO_FREE_PROCESSOR = "no_free_processor"
    NOT_ENOUGH_MEMORY = "not_enough_memory"  # needed, free: MB

    # Why files of a run folder can be removed, or have to stay.
    RUN_PUBLISHED = "run_published"
    RUN_SUPERSEDED = "run_superseded"
    RUN_NEVER_STARTED = "run_never_started"
    PARTIAL_FILES = "partial_files"
    RUN_UNREADABLE = "run_unreadable"
    RUN_UNRESOLVED = "run_unresolved"
    RUN_UNFINISHED = "run_unfinished"  # stage
    RUN_NOT_PUBLISHED = "run_not_published"
    RECEIPT_INCOMPLETE = "receipt_incomplete"  # file
    PUBLICATION_GONE = "publication_gone"
    REBUILT_SINCE_PUBLISHED = "rebuilt_since_published"

    OTHER = "other"
    """Written by a version that knows more kinds, or before reasons had any."""


class StopReason(StrEnum):
    """Why the engine is asked to stop. Workers of the queue also use the names of their orders."""

    INTERRUPTED = "interrupted"
    FORCED = "forced"



@dataclass(frozen=True, slots=True)
class Reason:
    """A reason: its kind, and the values its sentence names."""

    kind: ReasonKind
    values: Mapping[str, Any] = field(default_factory=dict)
    also: tuple[Reason, ...] = ()
    """Reasons that add to this one; their sentences follow it."""
    text: str = ""
    """The sentence, for a reason that another process or version put into words."""

    def with_also(self, *more: Reason) -> Reason:
        return Reason(self.kind, self.values, (*self.also, *more), self.text)


def stored_reason(text: str, kind: str = "") -> Reason | None:
    """Return a reason from its stored sentence and kind, or None if there is no sentence."""
    if not text:
        return None
    return Reason(ReasonKind(kind) if kind in _KINDS else ReasonKind.OTHER, text=text)


_KINDS = frozenset(ReasonKind)
