"""What the API answers, as its description shows it. The answers themselves are written from plain data."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from pressrun.jobs.states import BatchState

Action = Literal["pause", "resume", "cancel", "retry"]
ItemState = Literal[
    "queued", "rate_limited", "dispatched", "in_progress", "retried", "completed", "failed", "canceled", "skipped"
]
ID = "bj_06f1q2w3e4r5t6y7v8a9s0d1f2"


class Shown(BaseModel):
    """Fields may be added in later versions."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": True})


class BulkJob(Shown):
    id: str = Field(examples=[ID])
    title: str = Field(examples=["Spring"])
    state: BatchState
    allowed: list[Action] = Field(description="What can be done with it now", examples=[["pause", "cancel"]])
    priority: int = Field(ge=1, le=10, description="1 goes first", examples=[5])
    percent_complete: float = Field(ge=0, le=100, description="Of the rows that were not rejected", examples=[42.5])
    items_total: int = Field(examples=[12])
    items_completed: int = Field(examples=[5])
    items_failed: int = Field(examples=[0])
    items_pending: int = Field(description="Those that wait and those that are being made", examples=[7])
    items_skipped: int = Field(description="Rejected rows", examples=[0])
    items_canceled: int = Field(examples=[0])
    template_id: str | None = Field(examples=["tpl_spring"])
    cost: float = Field(description="Of services that cost something, in US dollars", examples=[0.0])
    warnings: list[str] = Field(description="What was asked for and is done otherwise", examples=[[]])
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    deadline: datetime | None


class RejectedCell(Shown):
    column: str = Field(examples=["duration_seconds"])
    found: str = Field(examples=['"long"'])
    expected: str = Field(examples=["a number of seconds from 20 to 1800"])


class RejectedRow(RejectedCell):
    number: int = Field(description="Of the row, as in the sheet; column, found and expected are the first problem's")
    problems: list[RejectedCell]
    message: str


class Fix(Shown):
    number: int
    column: str
    found: str
    used: str


class NewBulkJob(BulkJob):
    rejected: list[RejectedRow] = Field(description="Rows that are not made, the first 100")
    rejected_total: int
    fixes: list[Fix] = Field(description="Values that were changed because what they mean is certain, the first 100")
    fixes_total: int


class BulkJobPage(Shown):
    jobs: list[BulkJob]
    next_page_token: str | None = Field(description="For the next page; null where there is none")


class ItemsStatus(Shown):
    total: int
    completed: int
    failed: int
    pending: int
    skipped: int
    canceled: int


class Timing(Shown):
    started_at: datetime | None
    processing_time_ms: int = Field(description="Milliseconds since its start, or from its start to its end")
    eta_ms: int | None = Field(description="Milliseconds it may still take; null while nobody can know")


class Progress(Shown):
    job_id: str = Field(examples=[ID])
    state: BatchState
    percent_complete: float = Field(ge=0, le=100)
    items_status: ItemsStatus
    timing: Timing
    rate_limited: bool = Field(description="Whether items wait because a limit of so many per minute is reached")


class Stage(Shown):
    stage: str = Field(examples=["render"])
    state: Literal["running", "success", "failed", "skipped", "stopped"]
    percent: float
    seconds: float | None
    attempts: int
    started_at: datetime | None
    finished_at: datetime | None


class ItemError(Shown):
    kind: str
    message: str
    remedy: str
    retryable: bool


class Item(Shown):
    id: int
    row: int = Field(description="Number of the row, as in the sheet")
    title: str
    state: ItemState
    priority: int = Field(ge=1, le=10)
    percent_complete: float = Field(ge=0, le=100)
    stage: str | None = Field(description="The one it is at, or failed at")
    message: str
    stages: list[Stage]
    attempts: int
    output_url: str | None = Field(examples=["s3://videos/spring/walden/video.mp4"])
    cost: float
    error: ItemError | None
    problems: list[RejectedCell] = Field(description="Why a row was rejected")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ItemPage(Shown):
    items: list[Item]
    next_page_token: str | None = Field(description="For the next page; null where there is none")


class Event(Shown):
    id: int = Field(description="Rises; the id of an event in the stream")
    created_at: datetime
    level: Literal["info", "warning", "error"]
    kind: str = Field(description="A state, batch_STATE for the whole batch, stage, progress, note or warning")
    job_id: int | None = Field(description="Id of the item; null for an event of the whole batch")
    row: int | None = Field(description="Number of the row; null for an event of the whole batch")
    book: str | None = Field(description="Title of the item")
    stage: str | None
    progress: float | None = Field(description="Percent of the item, or of the batch")
    status: str = Field(description="State of the item, or of the batch")
    scene: int | None
    scenes_total: int | None
    message: str
    data: Any = None


class EventPage(Shown):
    events: list[Event]
    next_page_token: str | None = Field(description="Id of the last event; null where there is none after it yet")


class Costs(Shown):
    total: float
    by_template: dict[str, float] = Field(description="Batches without a template stand under the empty name")


class Sums(Shown):
    total_jobs: int
    total_items: int
    success_rate: float | None = Field(description="0 to 1, of the items that have ended; null where none has")
    avg_processing_time: float | None = Field(description="Seconds of work on an item that has ended")


class Group(Sums):
    cost: float
    template_id: str | None = None
    state: str | None = None
    day: str | None = None
    priority: str | None = None


class Analytics(Sums):
    cost_summary: Costs
    groups: list[Group] = Field(description="The same for each value of group_by")


class Answer(Shown):
    success: Literal[True]


class BulkJobAnswer(Answer):
    data: BulkJob


class NewBulkJobAnswer(Answer):
    data: NewBulkJob


class BulkJobPageAnswer(Answer):
    data: BulkJobPage


class ProgressAnswer(Answer):
    data: Progress


class ItemPageAnswer(Answer):
    data: ItemPage


class EventPageAnswer(Answer):
    data: EventPage


class AnalyticsAnswer(Answer):
    data: Analytics


class Health(Shown):
    status: Literal["ok"]


class Wrong(Shown):
    path: str = Field(description="Of the field, as output.format, or of the parameter, as query.page_size")
    row: int | None = Field(description="Number of the row, as in the sheet")
    column: str | None
    found: str
    expected: str
    message: str


class ProblemBody(Shown):
    """Every error, as RFC 9457 describes it."""

    type: str = Field(examples=["urn:pressrun:problem:no-such-batch"])
    title: str
    status: int
    detail: str
    errors: list[Wrong]
    remedy: str
    errors_total: int | None = Field(default=None, description="Rejected rows, of which errors names the first 100")
    state: str | None = Field(default=None, description="Where a move was refused: the state of the batch")
    allowed: list[Action] | None = Field(default=None, description="Where a move was refused: what can be done now")
    log_number: str | None = Field(default=None, description="Where the server failed: what its log names it")
