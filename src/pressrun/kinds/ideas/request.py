"""The request for a batch of ideas: the body of `POST /api/bulk-jobs`, validated field by field."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator, model_validator
from pydantic_core import PydanticCustomError

from pressrun.errors import SettingsError
from pressrun.jobs.batches import MAX_PARALLEL
from pressrun.jobs.states import FIRST_PRIORITY, LAST_PRIORITY, parse_priority, priority_number
from pressrun.jobs.webhooks import DEFAULT_EVENTS, WEBHOOK_EVENTS
from pressrun.kinds.ideas import IDEAS
from pressrun.kinds.ideas.callback import MAX_URL_LENGTH, WebhookEvent, parse_callback_url
from pressrun.kinds.ideas.rows import Reading, Row, Rows, SheetFormat, ValidationLevel, read_csv, read_list
from pressrun.kinds.ideas.sheets.opening import DEFAULT_ACCESS, SheetAccess, read_sheet_rows
from pressrun.kinds.ideas.templates import StyleName
from pressrun.kinds.validation import MISMATCH, NAME_PATTERN, StrictModel, validate
from pressrun.media.output import parse_output, parse_resolution
from pressrun.media.style import STYLES
from pressrun.services.sheets.address import parse_address
from pressrun.services.untrusted_text import to_one_line
from pressrun.settings import ItemSettings, as_plain

MIN_DEADLINE, MAX_DEADLINE = 60_000, 86_400_000
"""Milliseconds: one minute to one day."""
MAX_TITLE_LENGTH = 200

Priority = Annotated[
    str | int,
    BeforeValidator(parse_priority),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "enum": ["low", "normal", "high", "urgent"]},
                {"type": "integer", "minimum": FIRST_PRIORITY, "maximum": LAST_PRIORITY},
            ]
        }
    ),
]


def _one_line(value: object) -> object:
    return to_one_line(value).encode("utf-8", "replace").decode() if isinstance(value, str) else value


Line = Annotated[str, BeforeValidator(_one_line)]
RowList = Annotated[
    list[Any],
    WithJsonSchema({"type": "array", "items": {"anyOf": [{"type": "object"}, {"type": "array", "items": {}}]}}),
]


class Source(StrictModel):
    """Options of all sources of rows."""

    format: Annotated[SheetFormat, Field(strict=False)] = Field(
        default=SheetFormat.STANDARD, description="standard: ten columns; minimal: title and script; custom: `columns`"
    )
    validation: Annotated[ValidationLevel, Field(strict=False)] = Field(
        default=ValidationLevel.MODERATE,
        description="strict: all ten columns; moderate: idea_title and script_content; permissive: one of idea_title, "
        "description and script_content",
    )
    columns: dict[str, str] = Field(
        default={},
        max_length=50,
        description="For the format custom: header or letter of a column -> field",
        examples=[{"Headline": "idea_title", "B": "script_content"}],
    )
    header: bool | None = Field(default=None, description="Whether row 1 has the column names; null: detected")


class SheetSource(Source):
    type: Literal["sheet"]
    sheet_id: str = Field(
        min_length=1, max_length=MAX_URL_LENGTH, description="ID of a Google sheet, or its URL",
        examples=["1A2B3C4D5E6F7G8H9I0J"],
    )
    range: Line = Field(
        default="A1:Z1000", min_length=1, max_length=200,
        description="Cells in A1 notation, e.g. A1:J100, A:J or Ideas!A1:J, or the name of a tab",
    )

    @field_validator("sheet_id")
    @classmethod
    def _check_address(cls, value: str) -> str:
        parse_address(value)
        return value


class CsvSource(Source):
    type: Literal["csv"]
    content: str = Field(description="CSV text, not a path", examples=["idea_title,script_content\nA,B"])
    delimiter: Literal[",", ";", "\t"] | None = Field(default=None, description="Cell separator; null: detected")


class RowsSource(Source):
    type: Literal["rows"]
    rows: RowList = Field(description="Objects with column names as keys, or lists of cells")


_CODEC_SYNONYMS = {
    "x264": "h264", "avc": "h264", "avc1": "h264", "x265": "h265", "hevc": "h265", "hvc1": "h265", "aom": "av1",
    "aomav1": "av1", "libopus": "opus", "mp4a": "aac", "quicktime": "mov",
}  # fmt: skip


class OutputOptions(StrictModel):
    """Format and destination of the videos."""

    format: Literal["mp4", "mov", "webm"] = "mp4"
    video_codec: Literal["auto", "h264", "h265", "vp9", "av1"] = "auto"
    audio_codec: Literal["auto", "aac", "opus"] = "auto"
    resolution: str = Field(
        default="1080p", max_length=20, description="720p, 1080p, 4K, or WIDTHxHEIGHT in pixels", examples=["1080p"]
    )
    output_bucket: str | None = Field(
        default=None,
        max_length=MAX_URL_LENGTH,
        examples=["s3://videos/spring"],
        description="s3://, gs:// or az:// URL, or the name of an S3 bucket; null: a folder on the server",
    )

    @field_validator("format", "video_codec", "audio_codec", mode="before")
    @classmethod
    def _normalize_name(cls, value: object) -> object:
        """Accept the usual spellings, e.g. H.264, HEVC or .mp4."""
        if not isinstance(value, str):
            return value
        name = re.sub(r"[\s._-]", "", value.lower())
        return _CODEC_SYNONYMS.get(name, name or value)

    @field_validator("resolution")
    @classmethod
    def _check_resolution(cls, value: str) -> str:
        try:
            parse_resolution(value)
        except SettingsError:
            raise ValueError("720p, 1080p, 4K, or WIDTHxHEIGHT in even numbers of pixels, e.g. 1920x1080") from None
        return value

    @field_validator("output_bucket")
    @classmethod
    def _normalize_bucket(cls, value: str | None) -> str | None:
        return parse_bucket_url(value) if value and value.strip() else None

    @model_validator(mode="after")
    def _check_combination(self) -> OutputOptions:
        try:
            parse_output(as_plain(ItemSettings()) | self.settings())
        except SettingsError as error:
            context = {"found": error.message, "expected": f"a format and codecs that can be combined. {error.remedy}"}
            raise PydanticCustomError(MISMATCH, "{found}; {expected}", context) from None
        return self

    def settings(self) -> dict[str, Any]:
        """Return the requested item settings, without the bucket. The server's settings apply to all others.

        Format and codecs must fit together, so requesting one of them requests all three.
        """
        combined = {"format", "video_codec", "audio_codec"}
        requested = self.model_fields_set | (combined if combined & self.model_fields_set else set())
        return self.model_dump(include=requested - {"output_bucket"})


class Overrides(StrictModel):
    style: StyleName | None = Field(default=None, examples=["modern"])
    voice: Literal["female", "male", "neutral"] | None = None


class TemplateChoice(StrictModel):
    template_id: str | None = Field(
        default=None, pattern=NAME_PATTERN, examples=["tpl_spring"], description="null: only the overrides"
    )
    overrides: Overrides = Overrides()


InputSource = Annotated[SheetSource | CsvSource | RowsSource, Field(discriminator="type")]


class BulkJobRequest(StrictModel):
    """A batch of videos: their ideas, their look and their destination."""

    title: Line = Field(min_length=1, max_length=MAX_TITLE_LENGTH, examples=["Spring"])
    priority: Priority = Field(default="normal", description="low, normal, high, or 1 (first) to 10")
    processing_deadline_ms: int | None = Field(
        default=None,
        ge=MIN_DEADLINE,
        le=MAX_DEADLINE,
        examples=[7_200_000],
        description="Milliseconds after which the batch fails; finished videos are kept",
    )
    callback_url: str | None = Field(
        default=None,
        max_length=MAX_URL_LENGTH,
        examples=["https://example.com/hooks/videos"],
        description="URL that receives webhooks: https, or http on this machine",
    )
    callback_events: list[WebhookEvent] | None = Field(
        default=None,
        max_length=len(WEBHOOK_EVENTS),
        examples=[["bulk_job.completed", "item.failed"]],
        description="Events to send there; null: the progress (each 10 %) and the end of the batch",
    )
    max_concurrent: int = Field(default=MAX_PARALLEL, ge=1, le=MAX_PARALLEL, description="Videos made at once")
    max_retries: int = Field(default=IDEAS.max_retries, ge=0, le=10, description="Retries of a failed video")
    input_source: InputSource
    output: OutputOptions = OutputOptions()
    template: TemplateChoice | None = None

    @property
    def webhook_events(self) -> tuple[str, ...]:
        """The events to announce; none without a `callback_url`."""
        if not self.callback_url:
            return ()
        return DEFAULT_EVENTS if self.callback_events is None else tuple(dict.fromkeys(self.callback_events))

    @field_validator("callback_url")
    @classmethod
    def _check_callback(cls, value: str | None) -> str | None:
        return parse_callback_url(value) if value and value.strip() else None


def parse_bucket_url(text: str) -> str:
    """Return `text` as the URL of a bucket. A bare name means S3. Raises `ValueError` with the accepted forms."""
    from pressrun.services.bucket_location import parse_publish_location

    expected = "a URL like s3://bucket/folder, gs://bucket/folder or az://container/folder, or the name of a bucket"
    url = text.strip()
    if re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w./=-]*)?", url, re.ASCII):
        url = f"s3://{url}"
    try:
        location = parse_publish_location({"publish_to": url})
    except (SettingsError, ValueError):
        raise ValueError(expected) from None
    if location.folder or not url.isprintable() or ".." in url.split("/"):
        raise ValueError(expected)
    return location.url


def parse_request(body: Any) -> BulkJobRequest:
    """Return `body`, parsed from JSON, as a request. Raises `RequestError` with every invalid field."""
    return validate(BulkJobRequest, _nest_flat_fields(body), "input_source", ("sheet", "csv", "rows"))


FLAT_FIELDS = {
    "sheet_id": "input_source", "range": "input_source", "template_id": "template", "output_bucket": "output",
}  # fmt: skip
"""Fields that may also be at the top level -> the object that they belong to."""


def _nest_flat_fields(body: Any) -> Any:
    """Return the body with its flat fields in their objects. One that is in both places stays, and is rejected."""
    if not isinstance(body, dict):
        return body
    nested = dict(body)
    for name, parent in FLAT_FIELDS.items():
        target = nested.get(parent, {})
        if name in nested and isinstance(target, dict) and name not in target:
            nested[parent] = {**target, name: nested.pop(name)}
    if "input_source" not in body and "sheet_id" in body:
        nested["input_source"] = {"type": "sheet", **nested["input_source"]}
    return nested


def read_rows(
    request: BulkJobRequest, styles: Collection[str] = STYLES, sheets: SheetAccess = DEFAULT_ACCESS
) -> Rows:
    """Return the rows of the request, which may use the styles named in `styles`.

    Raises `RowsError` for input that cannot be read at all. For a Google sheet, also raises `SheetsUnavailableError`,
    `PermissionError`, `AuthenticationError`, `QuotaExceededError`, `NetworkError` and `ServerError`.
    """
    return read_source(request.input_source, styles, sheets)


def read_source(
    source: SheetSource | CsvSource | RowsSource, styles: Collection[str] = STYLES, sheets: SheetAccess = DEFAULT_ACCESS
) -> Rows:
    """Return the rows of an input source. Raises the errors of `read_rows`."""
    reading = Reading(source.format, source.validation, source.columns, source.header, styles)
    if isinstance(source, CsvSource):
        return read_csv(source.content, reading, source.delimiter)
    if isinstance(source, RowsSource):
        return read_list(source.rows, reading)
    return read_sheet_rows(source.sheet_id, source.range, reading, sheets)


def row_priority(request: BulkJobRequest, row: Row) -> int:
    """Return the priority of a row, 1 (first) to 10: its own, or else that of the request."""
    return priority_number(row.idea.priority if "priority" in row.given else request.priority)


def stored_request(request: BulkJobRequest) -> dict[str, Any]:
    """Return the request as plain data for the row of the batch, without its rows, which are stored as jobs."""
    return request.model_dump(mode="json", exclude={"input_source": {"content", "rows", "columns"}})


def request_digest(request: BulkJobRequest) -> str:
    """Return a digest of 64 hexadecimal digits. Field order and explicit defaults do not change it."""
    fields = request.model_dump()
    if request.callback_events is None:
        # The digest of a request from before this field existed must not change.
        del fields["callback_events"]
    plain = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()
