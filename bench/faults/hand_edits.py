"""Promise 10: what people change in `database.json` by hand while a batch runs is kept.

An editor without any idea of locks saves its changes again and again, half of the time exactly when the batch is
about to write: a field of its own, another order, a book less, a book more.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.faults.trial import WAIT_TIMEOUT, new_trial, partial_files, wait_for_exit
from bench.report import Figure
from pressrun.store.atomic import is_partial

BOOKS = 8
Entry = dict[str, Any]


@dataclass
class Editor:
    """Saves by renaming, as most editors do, or in place, as some do; remembers what must be there afterwards."""

    path: Path
    chance: random.Random
    edits: int = 0
    aimed: int = 0
    """Edits that were saved while the batch was writing."""
    notes: dict[str, list[str]] = field(default_factory=dict)
    """Title -> fields of its own."""
    removed: set[str] = field(default_factory=set)
    added: set[str] = field(default_factory=set)
    order: list[str] = field(default_factory=list)
    """Titles as they stood after the last edit."""

    def edit(self, aimed: bool) -> None:
        if aimed:
            self.aimed += self._wait_for_a_write()
        document = json.loads(self.path.read_bytes())
        self.edits += 1
        ways: list[Callable[[list[Entry]], None]] = [self._note, self._reorder, self._remove, self._add]
        self.chance.choice(ways[: 2 if aimed else 4])(document["books"])
        document[f"mine {self.edits}"] = self.edits
        self.order = [entry["main_title"] for entry in document["books"]]
        content = json.dumps(document, indent=4).encode()
        if aimed or self.edits % 2:
            new = self.path.with_name("database.json~")
            new.write_bytes(content)
            new.replace(self.path)
        else:
            self.path.write_bytes(content)

    def wrong(self) -> list[str]:
        """What is not as it was left."""
        document = json.loads(self.path.read_bytes())
        books = {entry["main_title"]: entry for entry in document["books"]}
        found = [f"mine {number} is gone" for number in range(1, self.edits + 1) if f"mine {number}" not in document]
        found += [f"{title} lost {name}" for title, names in self.notes.items() if title not in self.removed
                  for name in names if name not in books.get(title, {})]
        found += [f"{title} came back" for title in self.removed & set(books)]
        found += [f"{title} is gone" for title in self.added - set(books)]
        order = [title for title in books if title in self.order]
        return found + ([] if order == self.order else [f"the order is {order}, and was {self.order}"])

    def _wait_for_a_write(self) -> bool:
        """Until the batch has begun to write, for a second at the most."""
        deadline = time.monotonic() + 1.0
        while time.monotonic() < deadline:
            if any(is_partial(name) for name in os.listdir(self.path.parent)):
                return True
        return False

    def _note(self, books: list[Entry]) -> None:
        if books:
            entry = self.chance.choice(books)
            entry[f"note {self.edits}"] = "mine"
            self.notes.setdefault(entry["main_title"], []).append(f"note {self.edits}")

    def _reorder(self, books: list[Entry]) -> None:
        books.reverse()

    def _remove(self, books: list[Entry]) -> None:
        """A book that the batch is done with."""
        done = [entry for entry in books if entry["status"] == "done"]
        if len(done) > 1:
            books.remove(done[0])
            self.removed.add(done[0]["main_title"])

    def _add(self, books: list[Entry]) -> None:
        title = f"By hand {self.edits}"
        books.append({"main_title": title, "status": None, "shelf": self.edits})
        self.added.add(title)
        self.removed.discard(title)


def figures(batches: int) -> list[Figure]:
    seen = [_edit_during_a_batch(random.Random(number)) for number in range(batches)]
    for problem in (problem for _, problems, _, _ in seen for problem in problems):
        print(problem, file=sys.stderr)
    return [
        Figure("10 edits by hand while a batch runs", sum(each.edits for each, *_ in seen), "", required=5 * batches,
               at_most=False),
        Figure("10 of them while the batch was writing", sum(each.aimed for each, *_ in seen), "", required=batches,
               at_most=False),
        Figure("10 edits lost", sum(len(problems) for _, problems, _, _ in seen), "", required=0),
        Figure("10 batches that failed", sum(code != 0 for _, _, code, _ in seen), "", required=0),
        Figure("10 temporary files left", sum(left for *_, left in seen), "", required=0),
    ]


def _edit_during_a_batch(chance: random.Random) -> tuple[Editor, list[str], int, int]:
    with new_trial() as trial:
        trial.list_books(*(f"Book {number}" for number in range(BOOKS)))
        database = trial.folder / "database.json"
        editor = Editor(database, chance)
        database.write_text('{"books": []}', encoding="utf-8")
        process = trial.start(trial.argv(until="search", workers=str(chance.choice((1, 3)))))
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.3)
        deadline = time.monotonic() + WAIT_TIMEOUT
        while process.poll() is None and time.monotonic() < deadline:
            editor.edit(aimed=chance.random() < 0.7)
            time.sleep(chance.uniform(0.01, 0.1))
        code, output = wait_for_exit(process)
        if code:
            print(output, file=sys.stderr)
        return editor, editor.wrong(), code, len(partial_files(trial.folder))
