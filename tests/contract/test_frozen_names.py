"""Names that are stored on disk or sent to other programs.

Older files, running workers of another version and users' scripts depend on every name below. You may add a name; you
may not rename or remove one without a migration. Add new names here when they are released.
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import click
import msgspec
import pytest

SOURCE = Path(__file__).parents[2] / "src" / "pressrun"

# Stored as `kind` in `stages.json` and in the column `error` of the queue; retry rules and remedies look them up.
ERRORS = """
    AmbiguousBookError AuthenticationError BodySyntaxError BodyTimeoutError BodyTooLargeError BodyTypeError
    BookTimeoutError BooksFileError BrokenFileError DatabaseAwayError DatabaseError DeadlineError FencedError
    FileTroubleError IdempotencyError Interrupted MissingGlyphsError MoveError NetworkError NoSourceError NoSpaceError
    NoSuchBatchError NoSuchFileError NoSuchWebhookError NoUsableRowsError OutdatedLibraryError PermissionError
    PipelineError PressrunError PublishError QuotaExceededError RangeError RenderError RequestError RowsError
    RunStoreError ScriptError ServerError ServiceUnavailableError SettingsError SheetsUnavailableError SourceError
    StageDiedError StageOutputError StageTimeoutError TemplateError TokenError TooManyRequestsError UnexpectedError
    UploadUnknownError UsageError VoiceError
"""

# Their class names are the `type` of the events that workers write and other processes read.
EVENTS = """
    BatchStarted BookStarted StageWaits StageStarted StageProgress StageNote StageRetried StageFinished BookFinished
    Paused Stopping BatchFinished
"""

# Keys of `summary.json` and `stages.json`, and values of --from and --until, which depend on the order.
STAGES = {
    "book-video": "search transcribe process tts render upload shorts",
    "idea-video": "script tts render deliver shorts",
}

# Values in `summary.json`; null is the fourth.
CHECKPOINTS = "success failed skipped"

# Columns of the queue, fields of the REST API, and values that programs compare with.
JOB_STATES = "queued rate_limited dispatched in_progress retried completed failed cancelled skipped"
BATCH_STATES = "pending running pausing paused completing completed canceling canceled failed"

# Stored as `reason_kind` in batch records and in results of the queue, and part of the JSON output.
REASONS = """
    fresh_start up_to_date not_run_yet failed_before skipped_before switched_off after_until requested_by_from
    stage_changed service_changed setting_changed file_changed file_rebuilt file_missing folder_changed
    product_changed later_stage_failed published published_outdated publishes_to unchanged already_done
    start_unknown resumes_at stopped_at_until database_outdated run_folder_gone run_folder_unreadable
    upload_unresolved uploads_wait publishes_elsewhere published_there published_meanwhile publication_stays
    publication_outdated second_copy no_source nothing_sent_again maybe_published broken_file interrupted aborted
    busy second_copy_unconfirmed stopped_after older_publication job_continues job_cancelled job_ends
    no_free_processor not_enough_memory run_published run_superseded run_never_started partial_files run_unreadable
    run_unresolved run_unfinished run_not_published receipt_incomplete publication_gone rebuilt_since_published
    other
"""

# Keys of `pressrun.toml` and `item.json`, flags, environment variables, and part of every fingerprint.
SETTINGS = """
    all_tracks audio_codec audio_track bucket_url channels_allowed channels_blocked cover delay
    font_dir format fps grace keep_intermediate
    kokoro_fallback kokoro_voice language largest_copied_share llm_models llm_url longest_copy longest_source
    made_for_kids music network piper_speaker piper_voice privacy prompts_dir publish_at publish_to publisher quality
    renders resolution retries runs scene_pause search_engine search_phrases search_results short_seconds
    shortest_source shorts source source_hosts source_licence source_rate speech_model speech_rate speech_url
    speech_voice speech_voice_female speech_voice_male style synthetic_media target_seconds timeout transcriber
    upload_chunk uploads_per_day video_codec voice voice_gender voice_pitch whisper_model workers writer
    youtube_captions youtube_category youtube_playlist
"""

# Set in users' shells, service files and containers.
VARIABLES = """
    PRESSRUN_API_ORIGINS PRESSRUN_API_REQUESTS PRESSRUN_API_SECRET PRESSRUN_API_URL PRESSRUN_COOKIES
    PRESSRUN_DATABASE_DIR PRESSRUN_KEEP_BATCHES PRESSRUN_KEEP_EVENTS PRESSRUN_KEEP_FILES PRESSRUN_LINK_HOURS
    PRESSRUN_PUBLIC_URL
    PRESSRUN_DATABASE_URL PRESSRUN_GEMINI_API_KEY PRESSRUN_GOOGLE_CREDENTIALS PRESSRUN_LLM_API_KEY
    PRESSRUN_MAX_WORKERS PRESSRUN_NOTIFY PRESSRUN_OPENAI_API_KEY PRESSRUN_OPENLIBRARY_URL PRESSRUN_OVERALL
    PRESSRUN_OWNER PRESSRUN_PIPELINE PRESSRUN_PROXY PRESSRUN_RATE_LIMIT_PROJECT PRESSRUN_RATE_LIMIT_USER
    PRESSRUN_MODELS_URL PRESSRUN_RUN_ID PRESSRUN_SPEECH_API_KEY PRESSRUN_TASK PRESSRUN_UPLOAD_LEDGER PRESSRUN_VOICES_URL
    PRESSRUN_WEBHOOK_NETWORKS
    PRESSRUN_WORKSPACE PRESSRUN_YOUTUBE_API PRESSRUN_YOUTUBE_CLIENT_FILE PRESSRUN_YOUTUBE_TOKEN_FILE
    PRESSRUN_YTDLP_PLUGINS
"""

# Typed by users and called from their scripts.
COMMANDS = """
    run-batch run-pipeline pressrun batch pipeline preview publish retry-failed report logs clean resolve auth youtube
    doctor voices say get serve worker token create queue send list pause resume cancel retry webhooks replay test
    secret
"""

# Values of the service settings, stored in `item.json` and in fingerprints.
SERVICES = {
    "sources:SOURCES": "folder youtube",
    "transcribers:TRANSCRIBERS": "whisper pocketsphinx none",
    "writers:WRITERS": "llm extractive",
    "voices:VOICES": "openai kokoro piper gtts espeak",
    "covers:COVERS": "openlibrary drawn none",
    "publishers:PUBLISHERS": "bucket youtube folder",
}

# Keys of JSON files: a run folder, a batch record or a request of one version is read by the next.
STORED = {
    # item.json and stages.json
    "pressrun.store.run_folder:Item": "id pipeline title author settings services",
    "pressrun.store.run_folder:StageRecord": (
        "started seconds attempts exit fingerprint outputs error facts warnings publication published"
    ),
    "pressrun.store.run_folder:Fingerprint": "version settings services needs reads",
    "pressrun.store.run_folder:Output": "size sha256 mtime_ns",
    "pressrun.errors:ErrorReport": "kind message remedy retryable",
    # products of stages
    "pressrun.model.idea:Idea": "title description audience tone script",
    "pressrun.model.script:SourceMatch": "chosen candidates reason left_out",
    "pressrun.model.script:Candidate": "name location kind score reason video spare author",
    "pressrun.model.script:Video": "seconds licence captions language views published",
    "pressrun.model.script:Transcript": (
        "language direction segments source language_reason source_url source_author written_by low_quality"
        " left_out"
    ),
    "pressrun.model.script:Segment": "text start end heading",
    "pressrun.model.script:Script": (
        "title book_title author language direction hook scenes close description tags short target_seconds"
    ),
    "pressrun.model.script:Scene": "heading narration",
    "pressrun.model.script:Narration": "language direction duration timing passages",
    "pressrun.model.script:Passage": "heading text start end words",
    "pressrun.model.script:Word": "text start end",
    "pressrun.services.protocols:Published": "url marker publisher privacy",
    # runs/.batches/<time>.json
    "pressrun.store.batch_record:BatchRecord": (
        "started ended seconds interrupted asked settings services counts books left_out warnings estimate disk"
    ),
    "pressrun.store.batch_record:BookRecord": (
        "number title author action details outcome planned youtube_url short_url reason reason_kind error remedy "
        "stage log run_folder seconds stages warnings expected"
    ),
    "pressrun.store.batch_record:StageTime": "name seconds attempts",
    "pressrun.model.plan:ServiceChoice": "kind name reason",
    "pressrun.model.plan:Estimate": "seconds disk free uploads unknown",
    # uploads.json in the user's data folder
    "pressrun.store.upload_ledger:Uploads": "uploads",
    "pressrun.store.upload_ledger:Upload": "publisher marker day",
    # the request of a batch of books in the queue
    "pressrun.kinds.books.send:BookOrder": "settings options services total",
    "pressrun.settings:Settings": "item run explicit",
    "pressrun.model.plan:RunOptions": (
        "skip_completed until start_at abort_on_error publish_again ignore_quota publish_elsewhere"
    ),
    # events of a book in the queue
    "pressrun.model.event:BookStarted": "book number total action run_folder stages",
    "pressrun.model.event:StageWaits": "book stage reason",
    "pressrun.model.event:StageStarted": "book stage attempt attempts",
    "pressrun.model.event:StageProgress": "book stage done total unit",
    "pressrun.model.event:StageNote": "book stage text",
    "pressrun.model.event:StageRetried": "book stage attempt attempts wait error",
    "pressrun.model.event:StageFinished": "book stage outcome seconds error",
}


def missing(frozen: str, current: Any) -> set[str]:
    return set(frozen.split()) - set(current)


def attribute(path: str) -> Any:
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)


def test_error_classes_keep_their_names() -> None:
    from pressrun import errors

    assert not missing(ERRORS, vars(errors))
    for name in ERRORS.split():
        assert vars(errors)[name].__name__ == name


def test_events_keep_their_names() -> None:
    from pressrun.model.event import Event

    assert not missing(EVENTS, (each.__name__ for each in get_args(Event)))


@pytest.mark.parametrize("pipeline", STAGES)
def test_pipelines_and_stages_keep_their_names_and_order(pipeline: str) -> None:
    from pressrun.pipelines import PIPELINES

    frozen = STAGES[pipeline].split()
    assert [name for name in PIPELINES[pipeline].names if name in frozen] == frozen


def test_checkpoints_keep_their_values() -> None:
    from pressrun.model.stage import Checkpoint

    assert not missing(CHECKPOINTS, get_args(Checkpoint))


def test_reasons_keep_their_kinds() -> None:
    from pressrun.model.reason import ReasonKind

    assert not missing(REASONS, (each.value for each in ReasonKind))


def test_states_of_the_queue_keep_their_values() -> None:
    from pressrun.jobs.states import BatchState, JobStatus

    assert not missing(JOB_STATES, (each.value for each in JobStatus))
    assert not missing(BATCH_STATES, (each.value for each in BatchState))


def test_settings_keep_their_names() -> None:
    from pressrun.settings import setting_fields

    assert not missing(SETTINGS, setting_fields())


def test_environment_variables_keep_their_names() -> None:
    named = set()
    for path in SOURCE.rglob("*.py"):
        named |= set(re.findall(r"PRESSRUN_[A-Z]+(?:_[A-Z]+)*", path.read_text(encoding="utf-8")))
    assert not missing(VARIABLES, named)


def test_the_suffix_of_secrets_in_files_stays() -> None:
    """`PRESSRUN_COOKIES_FILE` names a file that holds the value of `PRESSRUN_COOKIES`."""
    from pressrun.redaction import FILE_SUFFIX

    assert FILE_SUFFIX == "_FILE"


def test_commands_keep_their_names() -> None:
    import tomllib

    from pressrun.cli.main import pressrun

    def names(command: click.Command) -> set[str]:
        children = command.commands if isinstance(command, click.Group) else {}
        return {*children}.union(*map(names, children.values()))

    project = tomllib.loads((SOURCE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    assert not missing(COMMANDS, names(pressrun) | project["project"]["scripts"].keys())


@pytest.mark.parametrize("registry", SERVICES)
def test_services_keep_their_names(registry: str) -> None:
    assert not missing(SERVICES[registry], attribute(f"pressrun.services.{registry}"))


@pytest.mark.parametrize("path", STORED)
def test_stored_objects_keep_their_keys(path: str) -> None:
    info = msgspec.inspect.type_info(attribute(path))
    assert isinstance(info, msgspec.inspect.DataclassType | msgspec.inspect.StructType)
    assert not missing(STORED[path], (each.encode_name for each in info.fields))


def test_a_run_folder_keeps_its_files() -> None:
    """An older run folder is resumed from these."""
    from pressrun.model import idea
    from pressrun.store import run_folder

    assert (run_folder.ITEM, run_folder.TITLES, run_folder.SUMMARY, run_folder.STAGES, run_folder.LOGS, idea.FILE) == (
        "item.json", "output.titles.json", "summary.json", "stages.json", "logs", "idea.json",
    )  # fmt: skip


def test_database_entries_keep_their_fields() -> None:
    """People edit `database.json`, and their scripts read it."""
    from pressrun.store.database import FIELDS

    assert FIELDS == (
        "main_title", "author_name", "status", "youtube_url", "short_url", "date_added", "run_folder",
    )  # fmt: skip


def test_locks_keep_their_files(tmp_path: Path) -> None:
    """Two versions that run at the same time must exclude each other."""
    from pressrun.model.book import Book
    from pressrun.store.locks import book_lock, database_lock

    with database_lock(tmp_path / "database.json"), book_lock(tmp_path / "locks", Book("Emma")):
        found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert found - {".database.json.queue"} == {
        "database.json.lock", "locks/f4aa0655cdb8d4fcf6f719c7.lock",
    }  # fmt: skip


def test_queues_and_their_task_keep_their_names(tmp_path: Path) -> None:
    """Jobs that wait in the database name their queue and task; workers of any version must find them."""
    from pressrun.jobs.tickets import TASK
    from pressrun.kinds import KINDS, queue_names
    from pressrun.python.arguments import own_queue_name

    assert TASK == "pressrun.run"
    items, books = queue_names(tmp_path)
    assert list(KINDS) == ["ideas", "books"]
    assert items == "items"
    assert books == f"books-{(tmp_path / 'runs' / '.workspace').read_text().strip()}"
    assert own_queue_name("maker") == "own:maker"
