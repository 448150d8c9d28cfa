"""script: what is said in a video about an idea, given word for word or written."""

from __future__ import annotations

from pressrun.model.idea import FILE, Idea
from pressrun.model.script import Script
from pressrun.services.languages import Language, language_of
from pressrun.services.pace import spoken_seconds, video_seconds
from pressrun.services.protocols import Brief
from pressrun.services.writers.ideas import as_given, directions, spoken_text
from pressrun.stages.process import MISSED, brief_of, save_script, writer_of
from pressrun.stages.work import Work


def run(work: Work) -> None:
    """Writes `script.json` of `idea.json`, and adds the titles to `output.titles.json`.

    Notes what of the idea has no effect, and a script that will be longer or shorter than asked. Raises `ScriptError`
    when there is too little to say, and what the writer raises.
    """
    idea = work.load(FILE, Idea)
    brief = brief_of(work)
    language = language_of(spoken_text(idea.text), str(work.settings["language"]))
    if idea.script.strip():
        script, why = as_given(idea, language, brief), "the script is said as it stands"
        if left_out := directions(idea.script):
            work.note(f"Not spoken: {left_out} stage direction{'s' * (left_out > 1)} in square brackets")
    else:
        writer = writer_of(work)
        script = writer.write_idea(idea, language, brief, work.context)
        why = "the model wrote it so" if writer.NEEDS_NETWORK else _why(idea, language, brief)
        if not writer.NEEDS_NETWORK and (unused := [name for name in ("audience", "tone") if getattr(idea, name)]):
            work.note(f"Without a language model the {' and the '.join(unused)} of the idea change nothing")
    save_script(work, script)
    if missed := _missed(script, brief, why):
        work.note(missed)


def _why(idea: Idea, language: Language, brief: Brief) -> str:
    seconds = spoken_seconds(idea.description, language.code, brief.speech_rate)
    if seconds >= brief.target_seconds:
        return "no choice of whole sentences comes nearer"
    return f"the description has text for {seconds:.0f} s, and nothing is invented without a language model"


def _missed(script: Script, brief: Brief, why: str) -> str:
    """What the user is told of a video that misses its length by more than `MISSED`; empty otherwise."""
    seconds = video_seconds(script, brief.speech_rate, brief.scene_pause)
    if abs(seconds - brief.target_seconds) <= MISSED * brief.target_seconds:
        return ""
    return f"The video will take about {seconds:.0f} s, {brief.target_seconds:.0f} s were asked: {why}"
