"""Write a script with a language model: Gemini, OpenAI, or any server with OpenAI's interface.

Steps: models with their keys (models) -> a question (questions) from prompts (prompt_files) and the delimited source
(excerpts) -> a reply that pydantic validates (reply), requested again while something is wrong (client, drafting) ->
without addresses, within the limits, and in its own words (originality).
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.errors import ScriptError, SettingsError
from pressrun.model.idea import Idea
from pressrun.model.script import Script, Transcript
from pressrun.services.languages import Language, spoken_words
from pressrun.services.protocols import Brief, Context, Readiness
from pressrun.services.writers.llm.excerpts import make_excerpt
from pressrun.services.writers.llm.models import (
    configured_models,
    is_configured_for_pressrun,
    key_variables,
    parse_models,
    total_cost,
)
from pressrun.services.writers.llm.prompt_files import find_own_prompts, load_prompts
from pressrun.services.writers.llm.providers import check as check
from pressrun.services.writers.llm.providers import is_near
from pressrun.services.writers.llm.questions import build_idea_question, build_question, idea_transcript

if TYPE_CHECKING:
    from pressrun.services.writers.llm.client import Outcome, Question

NAME = "llm"
NEEDS_NETWORK = True
LIBRARIES = ("pydantic_ai", "openai", "google.genai")
MIN_WORDS = 40.0
"""Minimum spoken words of a source, as for the writer without a model."""


def ready(context: Context) -> Readiness:
    """Return ready if a configured model has a key or an address. Raises `SettingsError` for an invalid setting."""
    found = configured_models(context.settings, None)
    if not found:
        listed = dict.fromkeys(provider for provider, _ in parse_models(str(context.settings["llm_models"])))
        needed = [key_variables(each) if each != "custom" else "the setting llm_url" for each in listed]
        return Readiness(
            False, "no model in llm_models has a key", f"Set {', or '.join(needed)}, or the setting llm_url."
        )
    if not all(_is_installed(name) for name in LIBRARIES):
        return Readiness(
            False, "its libraries are not installed", 'Install them with pip install "pressrun[llm]".',
            configured=is_configured_for_pressrun(context.settings),
        )
    try:
        load_prompts(str(context.settings["prompts_dir"]), context.workspace)
    except SettingsError as error:
        return Readiness(False, error.message, error.remedy, configured=True)
    return Readiness(True, f"it writes with {found[0]}", configured=True, near=is_near(found[0]))


def files_read(context: Context) -> list[Path]:
    """Return the files outside the run folder that a script depends on, and the folder where more may appear."""
    found = find_own_prompts(str(context.settings["prompts_dir"]), context.workspace)
    return [*{path.parent for path in found}, *found]


def write(transcript: Transcript, brief: Brief, context: Context) -> Script:
    """Return the script.

    Facts: `model`, `tokens_in`, `tokens_out`, and `cost_usd` if the price of every model is known.

    Raises `ScriptError` for a source that is too short and for a script that copies too much, and the errors of
    `llm.errors` if no model returns a script.
    """
    _require_enough(transcript, brief)
    return _ask_models(build_question(transcript, brief, context), transcript, context)


def write_idea(idea: Idea, language: Language, brief: Brief, context: Context) -> Script:
    """Return the script of an idea, with the facts and errors of `write`."""
    transcript = idea_transcript(idea, language)
    return _ask_models(build_idea_question(transcript, brief, context), transcript, context)


def _ask_models(question: Question, transcript: Transcript, context: Context) -> Script:
    from pressrun.services.writers.llm.client import Outcome, ask_models

    found = configured_models(context.settings, None)
    if not found:
        raise _missing_key(context)
    outcome = Outcome()
    try:
        ask_models(question, found, outcome)
    finally:
        _report_outcome(outcome, transcript, context)
    assert outcome.script is not None
    return outcome.script


def _require_enough(transcript: Transcript, brief: Brief) -> None:
    text = "\n".join(segment.text for segment in transcript.segments if not segment.heading)
    if (have := spoken_words(text, transcript.language)) < MIN_WORDS:
        raise ScriptError(
            f"The source {transcript.source} has {have:.0f} words; "
            f"a script for {brief.book} needs {MIN_WORDS:.0f} or more",
            remedy=f"Replace {transcript.source} with a longer text.",
        )


def _report_outcome(outcome: Outcome, transcript: Transcript, context: Context) -> None:
    """Report the usage as facts, even after a failure, and what the user should know as notes."""
    used = [(access, usage) for access, usage in outcome.usage if usage.requests]
    context.fact("tokens_in", str(sum(usage.input_tokens for _, usage in used)))
    context.fact("tokens_out", str(sum(usage.output_tokens for _, usage in used)))
    if (price := total_cost(used)) is not None:
        context.fact("cost_usd", f"{price:.6f}")
    if outcome.access is None:
        return
    context.fact("model", f"{outcome.access.provider}:{outcome.access.model}")
    for _, error in outcome.passed:
        context.note(f"{error.message}; {outcome.access} wrote the script")
    if outcome.rewritten:
        context.note("The first script copied too much of its source and was rewritten")
    share = make_excerpt(transcript.segments, transcript.language, outcome.budget).share
    if share < 1:
        context.note(f"The source is long: {outcome.access} was given {share:.0%} of it, spread over the whole")


def _missing_key(context: Context) -> ScriptError:
    return ScriptError("No model in llm_models has a key", remedy=ready(context).remedy)


def _is_installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False
