"""Models of the responses about files and changes of batches, for the description of the API."""

from __future__ import annotations

from pydantic import Field

from pressrun.api.responses import FILE_LINK, Answer, ItemState, NewBulkJob, Shown
from pressrun.jobs.states import BatchState


class File(Shown):
    name: str = Field(examples=["video.mp4"])
    type: str = Field(examples=["video/mp4"])
    size: int = Field(description="Bytes")
    sha256: str
    stage: str = Field(description="Stage that created it", examples=["render"])
    available: bool = Field(description="Whether the API can send it; false if it is on the disk of another machine")
    url: str = Field(description="Signed link that expires", examples=[FILE_LINK])


class ItemFiles(Shown):
    row: int
    title: str
    state: ItemState
    files: list[File]


class ItemFilesPage(Shown):
    items: list[ItemFiles]
    next_page_token: str | None = Field(description="Token of the next page; null on the last one")


class ItemFilesAnswer(Answer):
    data: ItemFiles


class ItemFilesPageAnswer(Answer):
    data: ItemFilesPage


class AddedRows(NewBulkJob):
    first_row: int = Field(description="Number of the first added row")
    rows_added: int


class AddedRowsAnswer(Answer):
    data: AddedRows


class Removed(Shown):
    id: str
    bytes_freed: int


class RemovedAnswer(Answer):
    data: Removed


class Counts(Shown):
    jobs: dict[BatchState, int] = Field(description="Batches in each state")
    items: dict[str, int] = Field(
        description="Items: waiting, active, completed, failed, skipped and canceled",
        examples=[{"waiting": 7, "active": 2, "completed": 41, "failed": 0, "skipped": 1, "canceled": 0}],
    )


class CountsAnswer(Answer):
    data: Counts
