"""process: the script, and the titles that were chosen."""

from __future__ import annotations

from pressrun.model.script import Transcript
from pressrun.services.protocols import Brief
from pressrun.services.writers import WRITERS
from pressrun.services.writers.limits import fitting_title
from pressrun.stages.work import Work
from pressrun.store import json_files

TITLES = "output.titles.json"
SHORT_MARK = "#Shorts"


def run(work: Work) -> None:
    """Writes `script.json` and adds `video_title` and `short_title` to `output.titles.json`, which keeps the rest.

    Raises `ScriptError` when the transcript is too short for a script.
    """
    transcript = work.load("transcript.json", Transcript)
    settings = work.settings
    brief = Brief(work.book, settings["target_seconds"], settings["short_seconds"], settings["speech_rate"])
    script = WRITERS[work.services["writer"]].write(transcript, brief, work.context)
    work.save("script.json", script)
    path = work.folder / TITLES
    known = json_files.load_plain(path) if path.exists() else {}
    known = known if isinstance(known, dict) else {}
    titles = {"main_title": work.book.title, "author_name": work.book.author, **known}
    short = fitting_title(f"{script.title} {SHORT_MARK}", f"{script.book_title} {SHORT_MARK}", script.title)
    work.save(TITLES, titles | {"video_title": script.title, "short_title": short})
