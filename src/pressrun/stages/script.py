"""script: the script of a video about an idea, given word for word or written from its description."""

from __future__ import annotations

from pressrun.model.idea import FILE, Idea
from pressrun.services.languages import Language, detect_language
from pressrun.services.pace import spoken_seconds, video_seconds
from pressrun.services.protocols import Brief
from pressrun.services.writers.ideas import count_directions, spoken_text, use_given_script
from pressrun.stages.process import (
    MODEL_CHOSE_LENGTH,
    NO_BETTER_SENTENCES,
    length_note,
    make_brief,
    save_script,
    select_writer,
)
from pressrun.stages.work import Work


def run(work: Work) -> None:
    """Write `script.json` from `idea.json`, and add the titles to `output.titles.json`.

    Notes which parts of the idea have no effect, and a script that is longer or shorter than requested. Raises
    `ScriptError` if there is too little text, and the errors of the writer.
    """
    idea = work.load(FILE, Idea)
    brief = make_brief(work)
    language = detect_language(spoken_text(idea.text), str(work.settings["language"]))
    if idea.script.strip():
        script, reason = use_given_script(idea, language, brief), "the script is spoken word for word"
        if left_out := count_directions(idea.script):
            work.note(f"Not spoken: {left_out} stage direction{'s' * (left_out > 1)} in square brackets")
    else:
        writer = select_writer(work)
        script = writer.write_idea(idea, language, brief, work.context)
        reason = MODEL_CHOSE_LENGTH if writer.NEEDS_NETWORK else _length_reason(idea, language, brief)
        if not writer.NEEDS_NETWORK and (unused := [name for name in ("audience", "tone") if getattr(idea, name)]):
            effect = f"{' and '.join(unused)} of the idea {'have' if len(unused) > 1 else 'has'} no effect"
            work.note(f"Without a language model, the {effect}")
    save_script(work, script)
    if note := length_note("video", video_seconds(script, brief.speech_rate, brief.scene_pause), brief.target_seconds):
        work.note(f"{note}: {reason}")


def _length_reason(idea: Idea, language: Language, brief: Brief) -> str:
    seconds = spoken_seconds(idea.description, language.code, brief.speech_rate)
    if seconds >= brief.target_seconds:
        return NO_BETTER_SENTENCES
    return f"the description only has text for {seconds:.0f} s, and without a language model nothing is added"
