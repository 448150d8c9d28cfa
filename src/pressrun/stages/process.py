"""process: the script, and the titles that were chosen."""

from __future__ import annotations

from pressrun.model.script import Script, Transcript
from pressrun.services.pace import short_seconds, spoken_seconds, video_seconds
from pressrun.services.protocols import Brief, Writer
from pressrun.services.writers import WRITERS
from pressrun.services.writers.credit import credited
from pressrun.services.writers.originality import copied, said
from pressrun.services.writers.short_labels import short_title
from pressrun.stages.work import Work
from pressrun.store import json_files

TITLES = "output.titles.json"

MISSED = 0.15
"""Share by which a length may miss what was asked before it is worth a word."""


def run(work: Work) -> None:
    """Writes `script.json` and adds `video_title` and `short_title` to `output.titles.json`, which keeps the rest.

    Notes a script that will be longer or shorter than asked. Facts: `longest_copy`, words in a row shared with the
    source, and `copied_share`, of its runs of eight words. Raises `ScriptError` when the transcript is too short, and
    what the writer raises.
    """
    transcript = work.load("transcript.json", Transcript)
    brief, writer = brief_of(work), writer_of(work)
    script = writer.write(transcript, brief, work.context)
    _measure(work, script, transcript)
    script = credited(script, transcript)
    save_script(work, script)
    for sentence in missed_lengths(script, transcript, brief, own_words=writer.NEEDS_NETWORK):
        work.note(sentence)


def brief_of(work: Work) -> Brief:
    """What the settings ask of a script."""
    settings = work.settings
    return Brief(
        work.book, settings["target_seconds"], settings["short_seconds"], settings["speech_rate"],
        settings["scene_pause"],
    )


def writer_of(work: Work) -> Writer:
    """The writer chosen for this item; says that the stage depends on the files it reads."""
    writer = WRITERS[work.services["writer"]]
    for path in getattr(writer, "files_read", lambda _: ())(work.context):
        # A file that is added is as good as one that is changed.
        if path.is_dir():
            work.reads_names(path)
        else:
            work.reads(path)
    return writer


def save_script(work: Work, script: Script) -> None:
    """The product `script.json`, and its titles beside those that the run folder has already."""
    work.save("script.json", script)
    path = work.folder / TITLES
    known = json_files.load_plain(path) if path.exists() else {}
    known = known if isinstance(known, dict) else {}
    titles = {"main_title": work.book.title, "author_name": work.book.author, **known}
    work.save(TITLES, titles | {"video_title": script.title, "short_title": short_title(script)})


def _measure(work: Work, script: Script, transcript: Transcript) -> None:
    """Without the credit: title and address of the source are meant to be its own."""
    found = copied(said(script), transcript.text, script.language)
    work.fact("longest_copy", str(found.longest))
    work.fact("copied_share", f"{found.share:.3f}")


def missed_lengths(script: Script, transcript: Transcript, brief: Brief, *, own_words: bool = False) -> list[str]:
    """What the user is told of a video or a short that misses its length by more than `MISSED`, and why; `own_words`
    where it is not made of the sentences of the source."""
    rate = brief.speech_rate
    text = "\n".join(segment.text for segment in transcript.segments if not segment.heading)
    source = spoken_seconds(text, script.language, rate)
    told = []
    for name, made, asked in (
        ("video", video_seconds(script, rate, brief.scene_pause), brief.target_seconds),
        ("short", short_seconds(script, rate), brief.short_seconds),
    ):
        if abs(made - asked) <= MISSED * asked:
            continue
        if own_words:
            why = "the model wrote it so"
        elif made > asked:
            why = "the sentences of the source are long, and none is cut"
        elif source < asked:
            why = f"{transcript.source} has text for {source:.0f} s"
        elif name == "short" and brief.target_seconds < asked:
            why = f"it says what a video of {brief.target_seconds:.0f} s says"
        else:
            why = "no choice of whole sentences comes nearer"
        told.append(f"The {name} will take about {made:.0f} s, {asked:.0f} s were asked: {why}")
    return told
