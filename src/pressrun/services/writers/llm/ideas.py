"""A script that a model writes about an idea: with a task of its own, and with nothing to be copied from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pressrun.errors import ScriptError
from pressrun.model.idea import Idea
from pressrun.model.script import Script, Segment, Transcript
from pressrun.services.languages import Language
from pressrun.services.protocols import Brief, Context
from pressrun.services.writers.llm.prompt_files import filled, prompts

if TYPE_CHECKING:
    from pressrun.services.writers.llm.asking import Question


def transcript_of(idea: Idea, language: Language) -> Transcript:
    """The idea as the source of a script."""
    labelled = ((idea.title, ""), (idea.description, ""), (idea.audience, "Audience: "), (idea.tone, "Tone: "))
    segments = tuple(Segment(label + text) for text, label in labelled if text)
    return Transcript(language.code, language.direction, segments, "the idea")


def question_of(transcript: Transcript, brief: Brief, context: Context) -> Question:
    """What a model is asked."""
    from pressrun.services.writers.llm.asking import Question
    from pressrun.services.writers.llm.drafting import asked_and_judged, task_values

    texts = prompts(str(context.settings["prompts_dir"]), context.workspace)
    task = filled(texts["idea.md"], task_values(transcript, brief))
    asked, judge = asked_and_judged(task, transcript, brief)

    return Question(texts["idea_role.md"], asked, judge, lambda _: "", _refused)


def _refused(script: Script) -> ScriptError:
    return ScriptError(f'The script "{script.title}" cannot be used', remedy="Run the same command again.")
