"""Build the questions for the models: a script about a source, or about an idea."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pressrun.errors import PressrunError, ScriptError
from pressrun.model.idea import Idea
from pressrun.model.script import Script, Segment, Transcript
from pressrun.services.languages import Language
from pressrun.services.protocols import Brief, Context
from pressrun.services.writers.llm.excerpts import delimit
from pressrun.services.writers.llm.prompt_files import fill_placeholders, load_prompts
from pressrun.services.writers.originality import Overlap, measure_overlap, script_texts

if TYPE_CHECKING:
    from pressrun.services.writers.llm.client import Question


def build_question(transcript: Transcript, brief: Brief, context: Context) -> Question:
    """Return the question for a script about a source. A script that copies too much of it has to be rewritten."""
    from pressrun.services.writers.llm.client import Question
    from pressrun.services.writers.llm.drafting import task_and_validator, task_values

    texts = load_prompts(str(context.settings["prompts_dir"]), context.workspace)
    task = fill_placeholders(texts["script.md"], task_values(transcript, brief))
    build_task, validate = task_and_validator(task, transcript, brief)

    def rewrite(script: Script) -> str:
        found = _find_copied(script, transcript)
        if not _copies_too_much(found, context):
            return ""
        return fill_placeholders(texts["rewrite.md"], _figures(found, context))

    def rejection_error(script: Script) -> PressrunError:
        return _copy_error(_find_copied(script, transcript), context)

    return Question(texts["role.md"], build_task, validate, rewrite, rejection_error)


def build_idea_question(transcript: Transcript, brief: Brief, context: Context) -> Question:
    """Return the question for a script about an idea, which has nothing that could be copied."""
    from pressrun.services.writers.llm.client import Question
    from pressrun.services.writers.llm.drafting import task_and_validator, task_values

    texts = load_prompts(str(context.settings["prompts_dir"]), context.workspace)
    task = fill_placeholders(texts["idea.md"], task_values(transcript, brief))
    build_task, validate = task_and_validator(task, transcript, brief)

    return Question(texts["idea_role.md"], build_task, validate, lambda _: "", _rejection_error)


def idea_transcript(idea: Idea, language: Language) -> Transcript:
    """Return the idea as the source of a script."""
    labelled = ((idea.title, ""), (idea.description, ""), (idea.audience, "Audience: "), (idea.tone, "Tone: "))
    segments = tuple(Segment(label + text) for text, label in labelled if text)
    return Transcript(language.code, language.direction, segments, "the idea")


def _find_copied(script: Script, transcript: Transcript) -> Overlap:
    return measure_overlap(script_texts(script), transcript.text, transcript.language)


def _copies_too_much(found: Overlap, context: Context) -> bool:
    settings = context.settings
    return bool(found.longest > settings["longest_copy"] or found.share > settings["largest_copied_share"])


def _figures(found: Overlap, context: Context) -> dict[str, object]:
    return {
        "longest": found.longest,
        "longest_allowed": context.settings["longest_copy"],
        "share": f"{found.share:.0%}",
        "share_allowed": f"{context.settings['largest_copied_share']:.0%}",
        "passage": delimit(found.passage),
    }


def _copy_error(found: Overlap, context: Context) -> ScriptError:
    figures = _figures(found, context)
    return ScriptError(
        f"After a rewrite, the script still copies {figures['longest']} words in a row from its source "
        f"(limit: {figures['longest_allowed']}) and {figures['share']} of its eight-word runs "
        f"(limit: {figures['share_allowed']})",
        remedy="Set llm_models to another model, or raise longest_copy and largest_copied_share.",
    )


def _rejection_error(script: Script) -> ScriptError:
    return ScriptError(f'The script "{script.title}" cannot be used', remedy="Run the same command again.")
