"""What is asked for when a batch is made: the body of `POST /api/bulk-jobs`, checked field by field."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
from collections.abc import Collection
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator, model_validator
from pydantic_core import PydanticCustomError

from pressrun.errors import SettingsError, SheetsUnavailableError
from pressrun.jobs.batches import MAX_PARALLEL
from pressrun.jobs.states import FIRST_PRIORITY, LAST_PRIORITY, parse_priority, priority_number
from pressrun.kinds.ideas import IDEAS
from pressrun.kinds.ideas.rows import Reading, Row, Rows, SheetFormat, ValidationLevel, read_csv, read_list
from pressrun.kinds.ideas.templates import StyleName
from pressrun.kinds.validation import MISMATCH, NAME_PATTERN, StrictModel, validate
from pressrun.media.output import parse_output, parse_resolution
from pressrun.media.style import STYLES
from pressrun.services.foreign_text import to_one_line
from pressrun.settings import ItemSettings, as_plain

SHORTEST_DEADLINE, LONGEST_DEADLINE = 60_000, 86_400_000
"""Milliseconds: a minute, and 1440 of them."""
LONGEST_TITLE = 200
LONGEST_URL = 2000

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
    """How the rows are read, wherever they come from."""

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
        description="Header or letter of a column -> field, for the format custom",
        examples=[{"Headline": "idea_title", "B": "script_content"}],
    )
    header: bool | None = Field(default=None, description="Whether row 1 names the columns; null looks whether it does")


class SheetSource(Source):
    type: Literal["sheet"]
    sheet_id: str = Field(pattern=NAME_PATTERN)
    range: Line = Field(default="A1:Z1000", min_length=1, max_length=200)


class CsvSource(Source):
    type: Literal["csv"]
    content: str = Field(description="The text of the CSV, not a path", examples=["idea_title,script_content\nA,B"])
    delimiter: Literal[",", ";", "\t"] | None = Field(default=None, description="What separates the cells; null looks")


class RowsSource(Source):
    type: Literal["rows"]
    rows: RowList = Field(description="Objects by the names of columns, or lists of cells")


class OutputWish(StrictModel):
    """The finished files. What does not go together is refused."""

    format: Literal["mp4", "mov", "webm"] = "mp4"
    video_codec: Literal["auto", "h264", "h265", "vp9", "av1"] = "auto"
    audio_codec: Literal["auto", "aac", "opus"] = "auto"
    resolution: str = Field(
        default="1080p", max_length=20, description="720p, 1080p, 4K, or WIDTHxHEIGHT in pixels", examples=["1080p"]
    )
    output_bucket: str | None = Field(
        default=None,
        max_length=LONGEST_URL,
        examples=["s3://videos/spring"],
        description="s3://, gs:// or az://, or the name of a bucket of S3; without one, the folder of the server",
    )

    @field_validator("format", "video_codec", "audio_codec", mode="before")
    @classmethod
    def _in_lower_case(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("resolution")
    @classmethod
    def _is_a_size(cls, value: str) -> str:
        try:
            parse_resolution(value)
        except SettingsError:
            raise ValueError("720p, 1080p, 4K, or WIDTHxHEIGHT in even numbers of pixels, as 1920x1080") from None
        return value

    @field_validator("output_bucket")
    @classmethod
    def _is_a_bucket(cls, value: str | None) -> str | None:
        return bucket_address(value) if value and value.strip() else None

    @model_validator(mode="after")
    def _goes_together(self) -> OutputWish:
        try:
            parse_output(as_plain(ItemSettings()) | self.settings())
        except SettingsError as error:
            context = {"found": error.message, "expected": f"a format and codecs that go together. {error.remedy}"}
            raise PydanticCustomError(MISMATCH, "{found}; {expected}", context) from None
        return self

    def settings(self) -> dict[str, Any]:
        """As item settings, without the bucket. What was not asked for is that of the server; format and codecs have to
        go together, so one of them asks for all."""
        coded = {"format", "video_codec", "audio_codec"}
        asked = self.model_fields_set | (coded if coded & self.model_fields_set else set())
        return self.model_dump(include=asked - {"output_bucket"})


class Overrides(StrictModel):
    style: StyleName | None = Field(default=None, examples=["modern"])
    voice: Literal["female", "male", "neutral"] | None = None


class TemplateChoice(StrictModel):
    template_id: str = Field(pattern=NAME_PATTERN, examples=["tpl_spring"])
    overrides: Overrides = Overrides()


class BulkJobRequest(StrictModel):
    """A batch: what the videos are about, what they look like, and where they go."""

    title: Line = Field(min_length=1, max_length=LONGEST_TITLE, examples=["Spring"])
    priority: Priority = Field(default="normal", description="low, normal, high, or 1 (first) to 10")
    processing_deadline_ms: int | None = Field(
        default=None,
        ge=SHORTEST_DEADLINE,
        le=LONGEST_DEADLINE,
        examples=[7_200_000],
        description="Milliseconds after which the batch ends as failed; what is finished is kept",
    )
    callback_url: str | None = Field(
        default=None,
        max_length=LONGEST_URL,
        examples=["https://example.com/hooks/videos"],
        description="To be told the end; https, or http on this machine. Kept, and nothing is sent to it yet",
    )
    max_concurrent: int = Field(default=MAX_PARALLEL, ge=1, le=MAX_PARALLEL, description="Videos made at once")
    max_retries: int = Field(
        default=IDEAS.max_retries, ge=0, le=10, description="Times a video that failed is tried again"
    )
    input_source: Annotated[SheetSource | CsvSource | RowsSource, Field(discriminator="type")]
    output: OutputWish = OutputWish()
    template: TemplateChoice | None = None

    @field_validator("callback_url")
    @classmethod
    def _can_be_called(cls, value: str | None) -> str | None:
        return callback_address(value) if value and value.strip() else None


def bucket_address(text: str) -> str:
    """`text` as an address of a bucket; a bare name is one of S3. Raises `ValueError` with what is expected."""
    from pressrun.services.bucket_place import publish_location

    expected = "an address as s3://bucket/folder, gs://bucket/folder or az://container/folder, or the name of a bucket"
    address = text.strip()
    if re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w./=-]*)?", address, re.ASCII):
        address = f"s3://{address}"
    try:
        place = publish_location({"publish_to": address})
    except (SettingsError, ValueError):
        raise ValueError(expected) from None
    if place.folder or not address.isprintable() or ".." in address.split("/"):
        raise ValueError(expected)
    return place.url


def callback_address(text: str) -> str:
    """`text` as an address that is told of a batch. Raises `ValueError` with what is expected."""
    expected = "an https address without user name and password (http only on this machine)"
    address = text.strip()
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(expected) from None
    plain = address.isprintable() and " " not in address and host and "@" not in parts.netloc
    if not plain or parts.scheme not in ("https", "http") or (parts.scheme == "http" and not _on_this_machine(host)):
        raise ValueError(expected)
    return address


def _on_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def parse_request(body: Any) -> BulkJobRequest:
    """Return `body`, as JSON gives it, as a request. Raises `RequestError` with every field that is wrong."""
    return validate(BulkJobRequest, body, "input_source", ("sheet", "csv", "rows"))


def read_input(request: BulkJobRequest, styles: Collection[str] = STYLES) -> Rows:
    """The rows of the request, of which `styles` are those they may ask for.

    Raises `RowsError` where they cannot be read as a whole, and `SheetsUnavailableError` for a sheet.
    """
    source = request.input_source
    reading = Reading(source.format, source.validation, source.columns, source.header, styles)
    if isinstance(source, CsvSource):
        return read_csv(source.content, reading, source.delimiter)
    if isinstance(source, RowsSource):
        return read_list(source.rows, reading)
    raise SheetsUnavailableError(
        "Sheets are not available yet", remedy='Send the rows as CSV text: {"type": "csv", "content": "…"}.'
    )


def priority_of(request: BulkJobRequest, row: Row) -> int:
    """1 (first) to 10: the row's own, else that of the request."""
    return priority_number(row.idea.priority if "priority" in row.given else request.priority)


def record_of(request: BulkJobRequest) -> dict[str, Any]:
    """The request as plain data to be kept with the batch, without the rows, which are kept one by one."""
    return request.model_dump(mode="json", exclude={"input_source": {"content", "rows", "columns"}})


def canonical_digest(request: BulkJobRequest) -> str:
    """Equal for two requests that ask for the same, however they are written: 64 hexadecimal digits."""
    plain = json.dumps(request.model_dump(), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()
