"""Promise 6: eight batches on one list at the same time make every book exactly once.

Every second of them works on three books at once.
"""

from __future__ import annotations

from collections import Counter

from bench.faults.trial import STAGES, new_trial, wait_for_exit
from bench.report import Figure

BATCHES = 8


def figures(books: int) -> list[Figure]:
    titles = [f"Book {number}" for number in range(books)]
    with new_trial() as trial:
        trial.list_books(*titles)
        batches = [trial.start(trial.argv(workers=str(1 + number % 2 * 2))) for number in range(BATCHES)]
        codes = [wait_for_exit(batch, 300)[0] for batch in batches]
        runs = Counter((title, stage) for title in titles for stage in trial.log(title))
        publications = len(trial.published())
        done = [each["main_title"] for each in trial.books() if each["status"] == "done"]
    per_book = [runs[title, stage] for title in titles for stage in STAGES]
    return [
        Figure(f"6 most runs of a stage of one book, {BATCHES} batches", max(per_book), "", required=1),
        Figure("6 least", min(per_book), "", required=1, at_most=False),
        Figure("6 publications too many or too few", abs(publications - 2 * books), "", required=0),
        Figure("6 books not done in the database", books - len(set(done)), "", required=0),
        Figure("6 books twice in the database", len(done) - len(set(done)), "", required=0),
        Figure("6 batches that failed", sum(code != 0 for code in codes), "", required=0),
    ]
