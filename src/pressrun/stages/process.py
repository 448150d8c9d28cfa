"""process: write the script of a book and its titles."""

from __future__ import annotations

from pressrun.model.script import Script, Transcript
from pressrun.services.pace import short_seconds, spoken_seconds, video_seconds
from pressrun.services.protocols import Brief, Writer
from pressrun.services.writers import WRITERS
from pressrun.services.writers.final_check import script_warnings
from pressrun.services.writers.originality import measure_overlap, script_texts
from pressrun.services.writers.publishing_text import add_credit, short_title
from pressrun.stages.work import Work
from pressrun.store import json_files

TITLES = "output.titles.json"

LENGTH_TOLERANCE = 0.15
"""Share by which a length may differ from the requested one before the user is notified."""
MODEL_CHOSE_LENGTH = "the model chose this length"
NO_BETTER_SENTENCES = "no choice of whole sentences comes closer"


def run(work: Work) -> None:
    """Write `script.json`, and add `video_title` and `short_title` to `output.titles.json`.

    Notes a script that is longer or shorter than requested. Records two facts: `longest_copy`, the words in a row that
    are shared with the source, and `copied_share`, the share of its runs of eight words that are. Raises `ScriptError`
    if the transcript is too short, and the errors of the writer.
    """
    transcript = work.load("transcript.json", Transcript)
    brief, writer = make_brief(work), select_writer(work)
    script = writer.write(transcript, brief, work.context)
    _record_copying(work, script, transcript)
    script = add_credit(script, transcript)
    save_script(work, script)
    for note in _length_notes(script, transcript, brief, own_words=writer.NEEDS_NETWORK):
        work.note(note)


def make_brief(work: Work) -> Brief:
    """Return the requirements that the settings define for a script."""
    settings = work.settings
    return Brief(
        work.book, settings["target_seconds"], settings["short_seconds"], settings["speech_rate"],
        settings["scene_pause"],
    )


def select_writer(work: Work) -> Writer:
    """Return the writer selected for this item, and declare the files that it reads."""
    writer = WRITERS.require(work.services["writer"])
    for path in getattr(writer, "files_read", lambda _: ())(work.context):
        # For a folder, adding or removing a file is a change too.
        if path.is_dir():
            work.reads_names(path)
        else:
            work.reads(path)
    return writer


def save_script(work: Work, script: Script) -> None:
    """Write `script.json`, warn about sentences that nobody would say, and add its titles to those already there."""
    work.save("script.json", script)
    for warning in script_warnings(script):
        work.warn(warning)
    path = work.folder / TITLES
    known = json_files.load_plain(path) if path.exists() else {}
    known = known if isinstance(known, dict) else {}
    titles = {"main_title": work.book.title, "author_name": work.book.author, **known}
    work.save(TITLES, titles | {"video_title": script.title, "short_title": short_title(script)})


def _record_copying(work: Work, script: Script, transcript: Transcript) -> None:
    """Record how much of the script is copied. Call this before the credit, which repeats the title of the source."""
    found = measure_overlap(script_texts(script), transcript.text, script.language)
    work.fact("longest_copy", str(found.longest))
    work.fact("copied_share", f"{found.share:.3f}")


def length_note(name: str, seconds: float, requested: float) -> str:
    """Return a note if the length of a video or short differs too much from the requested one, else an empty string."""
    if abs(seconds - requested) <= LENGTH_TOLERANCE * requested:
        return ""
    return f"The {name} will take about {seconds:.0f} s instead of {requested:.0f} s"


def _length_notes(script: Script, transcript: Transcript, brief: Brief, *, own_words: bool) -> list[str]:
    """Return a note, with its reason, for each of video and short that differs too much from the requested length.

    `own_words`: the script does not consist of sentences of the source.
    """
    rate = brief.speech_rate
    text = "\n".join(segment.text for segment in transcript.segments if not segment.heading)
    source_seconds = spoken_seconds(text, script.language, rate)
    notes = []
    for name, seconds, requested in (
        ("video", video_seconds(script, rate, brief.scene_pause), brief.target_seconds),
        ("short", short_seconds(script, rate), brief.short_seconds),
    ):
        if not (note := length_note(name, seconds, requested)):
            continue
        if own_words:
            reason = MODEL_CHOSE_LENGTH
        elif seconds > requested:
            reason = "the source has long sentences, which are never cut"
        elif source_seconds < requested:
            reason = f"{transcript.source} only has text for {source_seconds:.0f} s"
        elif name == "short" and brief.target_seconds < requested:
            reason = f"it has the content of a video of {brief.target_seconds:.0f} s"
        else:
            reason = NO_BETTER_SENTENCES
        notes.append(f"{note}: {reason}")
    return notes
