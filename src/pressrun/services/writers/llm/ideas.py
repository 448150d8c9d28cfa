"""Build the question for a script about an idea, with its own task and nothing that could be copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pressrun.errors import ScriptError
from pressrun.model.idea import Idea
from pressrun.model.script import Script, Segment, Transcript
from pressrun.services.languages import Language
from pressrun.services.protocols import Brief, Context
from pressrun.services.writers.llm.prompt_files import fill_placeholders, load_prompts

if TYPE_CHECKING:
    from pressrun.services.writers.llm.client import Question


def idea_transcript(idea: Idea, language: Language) -> Transcript:
    """Return the idea as the source of a script."""
    labelled = ((idea.title, ""), (idea.description, ""), (idea.audience, "Audience: "), (idea.tone, "Tone: "))
    segments = tuple(Segment(label + text) for text, label in labelled if text)
    return Transcript(language.code, language.direction, segments, "the idea")


def build_question(transcript: Transcript, brief: Brief, context: Context) -> Question:
    """Return the question for the models."""
    from pressrun.services.writers.llm.client import Question
    from pressrun.services.writers.llm.drafting import task_and_validator, task_values

    texts = load_prompts(str(context.settings["prompts_dir"]), context.workspace)
    task = fill_placeholders(texts["idea.md"], task_values(transcript, brief))
    build_task, validate = task_and_validator(task, transcript, brief)

    return Question(texts["idea_role.md"], build_task, validate, lambda _: "", _rejection_error)


def _rejection_error(script: Script) -> ScriptError:
    return ScriptError(f'The script "{script.title}" cannot be used', remedy="Run the same command again.")
