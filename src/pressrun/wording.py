"""Sentences for the reasons that the program gives.

Only entry points (terminal, REST API, Python API, kinds of job) import this module. Everything below them passes
`Reason` objects on and never looks at a sentence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from pressrun.model.plan import PlanRow
from pressrun.model.reason import Reason, ReasonKind, StopReason
from pressrun.model.result import OUTCOMES, BatchResult, BookResult

Values = Mapping[str, Any]
_BASE_STYLE = "modern"
"""The style that a table `[style]` builds on when it names none."""


def sentence(reason: Reason | None) -> str:
    """Return the sentence for `reason`, without a full stop; an empty string for None."""
    if reason is None:
        return ""
    own = reason.text or _own_sentence(reason)
    return "; ".join((own, *map(sentence, reason.also)))


def _own_sentence(reason: Reason) -> str:
    form = _SENTENCES[reason.kind]
    if callable(form):
        return form(reason.values)
    if not reason.values:
        return form
    return form.format(**{name: _shown(value) for name, value in reason.values.items()})


def _shown(value: Any) -> Any:
    return sentence(value) if isinstance(value, Reason) else value


def details(row: PlanRow) -> str:
    """Return what the plan says of a book: the address of one that is done, or what happens to it."""
    if row.details.kind is ReasonKind.ALREADY_DONE and row.video_url:
        return row.video_url
    return sentence(row.details)


def result_row(result: BookResult) -> dict[str, Any]:
    """Return the row of a book in the result lists, with the names that users rely on."""
    row: dict[str, Any] = {"book": result.book.title, "author": result.book.author}
    if result.outcome == "failed":
        report = result.error
        if result.video_url:
            row |= {"youtube_url": result.video_url, "short_url": result.short_url}
        row |= {
            "error": report.message if report else "",
            "remedy": report.remedy if report else "",
            "stage": result.stage,
            "log": result.log,
        }
    else:
        row |= {"youtube_url": result.video_url, "short_url": result.short_url}
        if result.reason or result.outcome == "skipped":
            row["reason"] = sentence(result.reason)
            row["reason_kind"] = result.reason.kind if result.reason else ""
    if result.warnings:
        row["warnings"] = list(result.warnings)
    return row | {"run_folder": result.run_folder, "seconds": round(result.seconds, 3)}


def result_lists(batch: BatchResult) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of a batch in the lists `success`, `resumed`, `failed` and `skipped`."""
    return {outcome: [result_row(each) for each in batch.of(outcome)] for outcome in OUTCOMES}


def warning_parts(warning: Reason) -> tuple[str, str]:
    """Return what a warning shares with those of other books, and what it adds for its own."""
    heading = _HEADINGS.get(warning.kind)
    if heading is None:
        whole = sentence(warning)
        return whole[:1].lower() + whole[1:], ""
    return heading[0], heading[1].format(**warning.values)


def stop_sentence(reason: str) -> str:
    """Return the sentence for the reason of a stop; names of orders are sentences already."""
    return _STOPS.get(reason, reason)


def _setting_changed(values: Values) -> str:
    name, before, now = values["setting"], values["before"], values["now"]
    return f"{name} changed: {_style_change(before, now) if name == 'style' else f'{before} -> {now}'}"


def _style_change(before: Any, now: Any) -> str:
    """A table `[style]` is stored as JSON; only the parts that differ are worth reading."""
    old, new = _style_table(before), _style_table(now)
    parts = sorted(key for key in old.keys() | new.keys() if key != "name" and old.get(key) != new.get(key))
    *most, last = parts or [""]
    its = f"its {', '.join(most)} and {last}" if most else f"its {last}" if last else ""
    names = "" if old["name"] == new["name"] else f"{old['name']} -> {new['name']}"
    return ", and ".join(each for each in (names, its) if each)


def _style_table(setting: Any) -> dict[str, Any]:
    text = str(setting)
    if not text.lstrip().startswith("{"):
        return {"name": text}
    try:
        return {"name": _BASE_STYLE, **json.loads(text)}
    except ValueError:
        return {"name": text}


_SENTENCES: dict[ReasonKind, str | Callable[[Values], str]] = {
    ReasonKind.FRESH_START: "fresh start",
    ReasonKind.UP_TO_DATE: "done",
    ReasonKind.NOT_RUN_YET: "not run yet",
    ReasonKind.FAILED_BEFORE: "failed before",
    ReasonKind.SKIPPED_BEFORE: "skipped before",
    ReasonKind.SWITCHED_OFF: 'skipped: the setting "{setting}" is off',
    ReasonKind.AFTER_UNTIL: "after --until {stage}",
    ReasonKind.REQUESTED_BY_FROM: "requested with --from {stage}",
    ReasonKind.STAGE_CHANGED: "the stage has changed: version {before} -> {now}",
    ReasonKind.SERVICE_CHANGED: "{service} changed: {before} -> {now}",
    ReasonKind.SETTING_CHANGED: _setting_changed,
    ReasonKind.FILE_CHANGED: "{file} changed",
    ReasonKind.FILE_REBUILT: "{file} is rebuilt",
    ReasonKind.FILE_MISSING: "{file} is missing",
    ReasonKind.FOLDER_CHANGED: "the folder {folder} contains other files now",
    ReasonKind.PRODUCT_CHANGED: "{file} was changed",
    ReasonKind.LATER_STAGE_FAILED: "{stage} failed before, and the input of this stage may have changed since",
    ReasonKind.PUBLISHED: "published; stays unchanged",
    ReasonKind.PUBLISHED_OUTDATED: "published with older settings ({why})",
    ReasonKind.PUBLISHES_TO: "publishes to {destination}",
    ReasonKind.UNCHANGED: "unchanged",
    ReasonKind.ROW_REJECTED: "rejected: {message}",
    ReasonKind.ROW_EDITED: "the row was edited after its video was made",
    ReasonKind.ALREADY_DONE: "Already done",
    ReasonKind.START_UNKNOWN: "--from {stage} has no effect without a run folder",
    ReasonKind.RESUMES_AT: "resumes at {stage}: {why}",
    ReasonKind.STOPPED_AT_UNTIL: "already run up to {stage}",
    ReasonKind.DATABASE_OUTDATED: "all stages done; the database will be corrected",
    ReasonKind.RUN_FOLDER_GONE: "done, but its run folder is gone: use --no-skip to create it again",
    ReasonKind.RUN_FOLDER_UNREADABLE: "its run folder cannot be read",
    ReasonKind.DATABASE_UNCLEAR: "its entry in the database is unclear",
    ReasonKind.UPLOAD_UNRESOLVED: (
        "it is unknown whether its {product} was published; answer with: "
        'pressrun resolve "{book}" --url URL, or --not-published'
    ),
    ReasonKind.UPLOADS_WAIT: "uploads tomorrow: it needs {needed}, and {left} of today's {limit} are left",
    ReasonKind.PUBLISHES_ELSEWHERE: "publishes {products} to {destination}; nothing else runs",
    ReasonKind.PUBLISHED_THERE: "already published to {destination}",
    ReasonKind.PUBLISHED_MEANWHILE: (
        "published since the plan was made; running the command again would publish a second copy"
    ),
    ReasonKind.PUBLICATION_STAYS: "the published copy stays unchanged",
    ReasonKind.PUBLICATION_OUTDATED: "published with older settings",
    ReasonKind.SECOND_COPY: "a second copy will be published",
    ReasonKind.NO_SOURCE: "No source: {reason}",
    ReasonKind.STAGE_WARNING: "{text}",
    ReasonKind.NOTHING_SENT_AGAIN: "nothing is uploaded again until you resolve it",
    ReasonKind.MAYBE_PUBLISHED: (
        "the upload of its {product} to {publisher} was interrupted and may have succeeded: "
        "--publisher {publisher} continues it"
    ),
    ReasonKind.BROKEN_FILE: "{message}. {remedy}",
    ReasonKind.DATABASE_AMBIGUOUS: "{message}. {remedy}",
    ReasonKind.LANGUAGE_DIFFERS: (
        '{file} is in "{found}", but the language is set to "{setting}": '
        "omit --language to use the language of the text, or choose another text"
    ),
    ReasonKind.LETTERS_MISSING: (
        "no font has these letters of {file}: {letters}{more}; put a font that has them into a folder and name it "
        "with --font-dir"
    ),
    ReasonKind.PICTURES_UNUSED: "not used in {folder}: {names}; save pictures as JPEG or PNG, and clips as MP4",
    ReasonKind.PICTURES_NEAR: "the pictures in {folder} are not used; name the folder {expected} if they belong to it",
    ReasonKind.SHARED_SOURCE: "{file} is also the source of {books}",
    ReasonKind.PUBLISHED_FILE_MISSING: "published, but the file is missing; use --no-skip to make it again",
    ReasonKind.PUBLISHED_OUTSIDE: "its address is outside of this workspace: {path}",
    ReasonKind.LISTED_TWICE: "{name}: {book} is listed twice, on lines {first} and {second}; it runs once",
    ReasonKind.LIST_READ_AS: '{name} is not written as "Title | Author"; line {line} was read as: {book}',
    ReasonKind.LIST_HEADER: '{name}, line {line}: "{header}" was read as a header, not as a book',
    ReasonKind.LIST_IS_CSV: (
        '{name}: is this a CSV? Every line contains {separator} and none contains "|", so each line is read as one '
        "title. Write, for example: {example}"
    ),
    ReasonKind.LIST_IS_AMBIGUOUS: (
        '{name}: does "{separator}" separate title and author? Each line is read as one title. '
        "Write, for example: {example}"
    ),
    ReasonKind.DISK_TOO_SMALL: (
        "The batch needs about {needed}, but the disk has only {free} free: "
        "free disk space, or run fewer books at a time"
    ),
    ReasonKind.UPLOADS_UNCOUNTED: "{message}",
    ReasonKind.INTERRUPTED: "User interrupted batch",
    ReasonKind.ABORTED: "An earlier book failed and --abort-on-error was given",
    ReasonKind.BUSY: "Another process is working on this book",
    ReasonKind.SECOND_COPY_UNCONFIRMED: "{stages} would publish a second copy, which was not confirmed",
    ReasonKind.STOPPED_AFTER: "stopped after {stage}, as requested",
    ReasonKind.OLDER_PUBLICATION: "the published copy is older; --from {stage} publishes the rebuilt one",
    ReasonKind.JOB_CONTINUES: "Its job continues in the queue",
    ReasonKind.JOB_CANCELLED: "Its job was cancelled",
    ReasonKind.JOB_ENDS: "the job is paused or cancelled",
    ReasonKind.NO_FREE_PROCESSOR: "a free processor",
    ReasonKind.NOT_ENOUGH_MEMORY: "memory: {needed:,} MB needed, {free:,} MB free",
    ReasonKind.RUN_PUBLISHED: "published: intermediate sound and video",
    ReasonKind.RUN_SUPERSEDED: "replaced by a newer, finished run",
    ReasonKind.RUN_NEVER_STARTED: "killed before it started",
    ReasonKind.PARTIAL_FILES: "partial files of a killed run",
    ReasonKind.RUN_UNREADABLE: "its files cannot be read",
    ReasonKind.RUN_UNRESOLVED: "it is unknown whether it was published",
    ReasonKind.RUN_UNFINISHED: "not finished: {stage} has not run",
    ReasonKind.RUN_NOT_PUBLISHED: "not published",
    ReasonKind.RECEIPT_INCOMPLETE: "{file} does not contain the published address",
    ReasonKind.PUBLICATION_GONE: "the published file no longer exists",
    ReasonKind.REBUILT_SINCE_PUBLISHED: "rebuilt since it was published",
    ReasonKind.OTHER: "",
}

_HEADINGS = {
    ReasonKind.STAGE_WARNING: ("its narration may not read well", "{text}"),
    ReasonKind.NO_SOURCE: ("no source", "{reason}"),
    ReasonKind.BROKEN_FILE: ("its run folder cannot be read", "{message}. {remedy}"),
    ReasonKind.DATABASE_AMBIGUOUS: ("it matches several entries of the database", "{message}. {remedy}"),
    ReasonKind.LANGUAGE_DIFFERS: ("the text is not in the language that is set", '{file} is in "{found}"'),
    ReasonKind.LETTERS_MISSING: ("no font has all letters of the text", "{letters}{more}"),
    ReasonKind.PICTURES_UNUSED: ("some pictures cannot be used", "{names}"),
    ReasonKind.PICTURES_NEAR: ("its pictures are in a folder with another name", "{folder}, expected {expected}"),
    ReasonKind.SHARED_SOURCE: ("its source is also that of another book", "{file}, like {books}"),
    ReasonKind.PUBLISHED_FILE_MISSING: ("published, but the file is missing; use --no-skip to make it again", ""),
    ReasonKind.PUBLISHED_OUTSIDE: ("its address is outside of this workspace", "{path}"),
    ReasonKind.MAYBE_PUBLISHED: (
        "its upload was interrupted and may have succeeded",
        "to {publisher}; --publisher {publisher} continues it",
    ),
}

_STOPS: dict[str, str] = {StopReason.INTERRUPTED: "User interrupted batch"}
