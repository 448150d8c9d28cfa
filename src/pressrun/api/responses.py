"""Models of the responses, for the description of the API. The responses themselves are written from plain data.

Their names are those of the schemas in `/openapi.json`.
"""

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
FILE_LINK = f"https://videos.example.com/api/bulk-jobs/{ID}/items/2/files/video.mp4?expires=1767225600&signature=kZr3"
_LINK = "Address where it was published, or a signed link that expires; null before it exists"


class Shown(BaseModel):
    """Later versions may add fields."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": True})


class BulkJob(Shown):
    id: str = Field(examples=[ID])
    title: str = Field(examples=["Spring"])
    state: BatchState
    allowed: list[Action] = Field(description="Actions allowed in this state", examples=[["pause", "cancel"]])
    priority: int = Field(ge=1, le=10, description="1 (first) to 10 (last)", examples=[5])
    percent_complete: float = Field(ge=0, le=100, description="Progress of the accepted rows", examples=[42.5])
    items_total: int = Field(examples=[12])
    items_completed: int = Field(examples=[5])
    items_failed: int = Field(examples=[0])
    items_pending: int = Field(description="Waiting and running items", examples=[7])
    items_skipped: int = Field(description="Rejected rows", examples=[0])
    items_canceled: int = Field(examples=[0])
    template_id: str | None = Field(examples=["tpl_spring"])
    cost: float = Field(description="Cost of paid services, in US dollars", examples=[0.0])
    output_url: str | None = Field(description="Signed link of all files as a ZIP; null before an item is completed")
    results_url: str = Field(description="Signed link of the results as CSV")
    warnings: list[str] = Field(description="What was requested but is ignored or changed", examples=[[]])
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
    number: int = Field(description="Row number; column, found and expected are of the first problem")
    problems: list[RejectedCell]
    message: str


class Fix(Shown):
    number: int
    column: str
    found: str
    used: str


class NewBulkJob(BulkJob):
    rejected: list[RejectedRow] = Field(description="The first 100 rejected rows")
    rejected_total: int
    fixes: list[Fix] = Field(description="The first 100 values that were corrected automatically")
    fixes_total: int


class Estimate(Shown):
    based_on: int = Field(description="Your completed items that the estimate is based on")
    seconds: float | None = Field(description="From the start to the end; null without earlier items")
    cost: float | None = Field(description="In US dollars")
    disk_bytes: int | None
    uploads: int = Field(description="Videos and shorts to publish")


class Validation(Shown):
    valid: bool = Field(description="Whether a batch would be created")
    items_total: int
    accepted_total: int
    accepted: list[int] = Field(description="The numbers of the first 100 accepted rows")
    rejected: list[RejectedRow] = Field(description="The first 100 rejected rows")
    rejected_total: int
    fixes: list[Fix] = Field(description="The first 100 values that would be corrected automatically")
    fixes_total: int
    warnings: list[str]
    estimate: Estimate


class BulkJobPage(Shown):
    jobs: list[BulkJob]
    next_page_token: str | None = Field(description="Token of the next page; null on the last one")


class ItemsStatus(Shown):
    total: int
    completed: int
    failed: int
    pending: int
    skipped: int
    canceled: int


class Timing(Shown):
    started_at: datetime | None
    processing_time_ms: int = Field(description="Milliseconds from the start to now or to the end")
    eta_ms: int | None = Field(description="Estimated milliseconds left; null if unknown")


class Progress(Shown):
    job_id: str = Field(examples=[ID])
    state: BatchState
    percent_complete: float = Field(ge=0, le=100)
    items_status: ItemsStatus
    timing: Timing
    rate_limited: bool = Field(description="Whether items wait for a rate limit")


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
    row: int = Field(description="Row number in the sheet")
    title: str
    state: ItemState
    priority: int = Field(ge=1, le=10)
    percent_complete: float = Field(ge=0, le=100)
    stage: str | None = Field(description="Current stage, or the one that failed")
    message: str
    stages: list[Stage]
    attempts: int
    output_url: str | None = Field(description=_LINK, examples=[FILE_LINK])
    short_url: str | None = Field(description=_LINK)
    captions: dict[str, str] = Field(description="Format, srt or vtt, and a signed link", examples=[{"srt": FILE_LINK}])
    thumbnail: str | None = Field(description=_LINK)
    duration: float | None = Field(description="Seconds of the video")
    size: int | None = Field(description="Bytes of the video")
    sha256: str | None = Field(description="Hash of the video")
    cost: float
    error: ItemError | None
    problems: list[RejectedCell] = Field(description="Cells for which the row was rejected")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ItemPage(Shown):
    items: list[Item]
    next_page_token: str | None = Field(description="Token of the next page; null on the last one")


class Event(Shown):
    id: int = Field(description="Rises from event to event; also the id in a stream")
    created_at: datetime
    level: Literal["info", "warning", "error"]
    kind: str = Field(description="A state, batch_STATE for the whole batch, stage, progress, note or warning")
    job_id: int | None = Field(description="Id of the item; null for an event of the whole batch")
    row: int | None = Field(description="Row number; null for an event of the whole batch")
    book: str | None = Field(description="Title of the item")
    stage: str | None
    progress: float | None = Field(description="Progress of the item, or of the batch, in percent")
    status: str = Field(description="State of the item, or of the batch")
    scene: int | None
    scenes_total: int | None
    message: str
    data: Any = None


class EventPage(Shown):
    events: list[Event]
    next_page_token: str | None = Field(description="Id of the last event; null if there is no later one yet")


class Costs(Shown):
    total: float
    by_template: dict[str, float] = Field(description="Costs by template; batches without one are under the empty name")


class Sums(Shown):
    total_jobs: int
    total_items: int
    success_rate: float | None = Field(description="Completed items of all that ended, 0 to 1; null if none ended")
    avg_processing_time: float | None = Field(description="Average seconds of work per ended item")


class Group(Sums):
    cost: float
    template_id: str | None = None
    state: str | None = None
    day: str | None = None
    priority: str | None = None


class Analytics(Sums):
    cost_summary: Costs
    groups: list[Group] = Field(description="Sums for each value of group_by")


class Answer(Shown):
    success: Literal[True]


class BulkJobAnswer(Answer):
    data: BulkJob


class NewBulkJobAnswer(Answer):
    data: NewBulkJob


class ValidationAnswer(Answer):
    data: Validation


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


class Webhook(Shown):
    id: str = Field(description="The header webhook-id; the same at every attempt", examples=["msg_0f9d…"])
    event: str = Field(examples=["bulk_job.completed"])
    job_id: str = Field(examples=[ID])
    url: str
    state: Literal["pending", "delivered", "failed", "disabled"]
    attempts: int
    last_status: int | None = Field(description="Status of the latest response; null if there was none")
    last_error: str | None
    created_at: datetime
    attempted_at: datetime | None
    delivered_at: datetime | None
    next_attempt_at: datetime | None
    body: dict[str, Any]


class WebhookPage(Shown):
    webhooks: list[Webhook]
    next_page_token: str | None = Field(description="Token of the next page; null on the last one")


class WebhookList(Shown):
    webhooks: list[Webhook]


class WebhookSecret(Shown):
    secret: str = Field(examples=["whsec_…"])
    previous: str | None = Field(description="The earlier secret, while it still signs")


class WebhookTest(Shown):
    delivered: bool
    status: int | None
    error: str | None


class WebhookPageAnswer(Answer):
    data: WebhookPage


class WebhookListAnswer(Answer):
    data: WebhookList


class WebhookSecretAnswer(Answer):
    data: WebhookSecret


class WebhookTestAnswer(Answer):
    data: WebhookTest


class Health(Shown):
    status: Literal["ok"]


class Wrong(Shown):
    path: str = Field(description="Path of the field, e.g. output.format, or parameter, e.g. query.page_size")
    row: int | None = Field(description="Row number in the sheet")
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
    errors_total: int | None = Field(default=None, description="Number of rejected rows; errors lists the first 100")
    state: str | None = Field(default=None, description="State of the batch that does not allow the move")
    allowed: list[Action] | None = Field(default=None, description="Actions allowed in that state")
    log_number: str | None = Field(default=None, description="Identifies the error in the server's log")
