"""The kind of job for books: lines of a list that `run-batch` runs itself or sends to the queue."""

from __future__ import annotations

from pressrun.jobs.kind import kind, per_workspace
from pressrun.pipelines.book_video import BOOK_VIDEO

# No retries by the queue: a book that failed has used up the attempts of its stage, as in the terminal.
BOOKS = kind("books", "pressrun.kinds.books.job", BOOK_VIDEO, queue=per_workspace("books"), max_retries=0)
