"""Ask models for a script, one after another until one has written it. No model is given a tool.

Import this module only inside functions: pydantic-ai takes a second to import.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from pydantic_ai import Agent, AgentRetries, ModelRetry, RunContext
from pydantic_ai.exceptions import AgentRunError, ModelContextWindowExceededError
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RunUsage

from pressrun.errors import PressrunError, ScriptError
from pressrun.model.script import Script
from pressrun.services.writers.llm.drafting import Fault
from pressrun.services.writers.llm.errors import combine_errors, translate_error
from pressrun.services.writers.llm.models import PROVIDERS, ModelAccess
from pressrun.services.writers.llm.providers import REPLY_TIMEOUT, build_model, output_mode
from pressrun.services.writers.llm.reply import Reply

MAX_TRIES = 3
"""Maximum replies of one model to one question: the first, and two after feedback."""
MIN_BUDGET = 6_000
"""Bytes of a source below which a model with too small a context is skipped."""

Validator = Callable[[Reply], tuple[Script, list[Fault]]]
"""Returns the script of a reply, and its faults."""


@dataclass(frozen=True)
class Question:
    """The question for every model. `task` builds the message for a number of bytes that the source may take."""

    role: str
    task: Callable[[int], str]
    validate: Validator
    rewrite: Callable[[Script], str]
    """Return the request for a rewrite of a usable script, or an empty string if it is good."""
    rejection_error: Callable[[Script], PressrunError]
    """Return the error if a rewritten script is still not good."""


@dataclass
class Outcome:
    """The script with the model that wrote it, and the tokens used by each model that was asked."""

    script: Script | None = None
    access: ModelAccess | None = None
    budget: int = 0
    rewritten: bool = False
    usage: list[tuple[ModelAccess, RunUsage]] = field(default_factory=list)
    passed: list[tuple[ModelAccess, PressrunError]] = field(default_factory=list)


def ask_models(question: Question, accesses: Sequence[ModelAccess], outcome: Outcome) -> None:
    """Fill `outcome`. Raises one error for all `accesses` if none has written a script; it is retryable if any may work
    later."""
    asyncio.run(_ask(question, accesses, outcome))


async def _ask(question: Question, accesses: Sequence[ModelAccess], outcome: Outcome) -> None:
    for access in accesses:
        usage = RunUsage()
        outcome.usage.append((access, usage))
        try:
            outcome.script, outcome.budget, outcome.rewritten = await _ask_one(question, access, usage)
        except _ModelError as failure:
            outcome.passed.append((access, failure.error))
        else:
            outcome.access = access
            return
    raise await combine_errors(outcome.passed)


class _ModelError(Exception):
    """This model has not written a script; another may."""

    def __init__(self, error: PressrunError) -> None:
        super().__init__(error.message)
        self.error = error


async def _ask_one(question: Question, access: ModelAccess, usage: RunUsage) -> tuple[Script, int, bool]:
    """Return the script, the bytes that the source could take, and whether it was rewritten.

    Raises `_ModelError`, and the error from `question.rejection_error`.
    """
    async with AsyncExitStack() as stack:
        agent = _build_agent(question, access, await build_model(access, stack))
        budget = PROVIDERS[access.provider].budget
        while True:
            try:
                script, history = await _run(agent, access, question.task(budget), [], usage)
                break
            except _ContextTooSmallError:
                if budget // 2 < MIN_BUDGET:
                    raise _ModelError(_context_too_small(access)) from None
                budget //= 2
        again = question.rewrite(script)
        if not again:
            return script, budget, False
        script, _ = await _run(agent, access, again, history, usage)
    if question.rewrite(script):
        raise question.rejection_error(script)
    return script, budget, True


class _ContextTooSmallError(Exception):
    """The source does not fit in the context of the model."""


async def _run(
    agent: Agent[None, Script], access: ModelAccess, text: str, history: list[ModelMessage], usage: RunUsage
) -> tuple[Script, list[ModelMessage]]:
    try:
        result = await agent.run(text, message_history=history, usage=usage)
    except ModelContextWindowExceededError as error:
        raise _ContextTooSmallError from error
    except PressrunError as error:
        raise _ModelError(error) from error
    except AgentRunError as error:
        raise _ModelError(translate_error(error, access)) from error
    return result.output, result.all_messages()


def _build_agent(question: Question, access: ModelAccess, model: Model) -> Agent[None, Script]:
    """Return an agent that is asked again while its reply has faults, and whose last reply is used if none is fatal."""

    def validated_script(context: RunContext[None], reply: Reply) -> Script:
        script, faults = question.validate(reply)
        if faults and not context.last_attempt:
            raise ModelRetry("\n".join(fault.text for fault in faults))
        if fatal := [fault.text for fault in faults if fault.fatal]:
            raise ScriptError(
                f"{access} returned no usable script in {MAX_TRIES} tries: {' '.join(fatal)}",
                remedy="Set llm_models to another model, or set writer to extractive.",
            )
        return script

    settings = ModelSettings(timeout=REPLY_TIMEOUT, request_timeout=REPLY_TIMEOUT, max_retries=0)
    agent: Agent[None, Script] = Agent(
        model,
        output_type=output_mode(access, validated_script),
        system_prompt=question.role,
        retries=AgentRetries(output=MAX_TRIES - 1, tools=0),
        model_settings=settings,
    )
    return agent


def _context_too_small(access: ModelAccess) -> PressrunError:
    return ScriptError(
        f"{access} has a context too small for {MIN_BUDGET * 2:,} bytes of source and the prompt",
        remedy="Set llm_models to a model with a larger context.",
    )
