"""Asks models for a script, one after the other until one has written it. No model is given a tool.

Only functions import this module, as pydantic-ai takes a second to import.
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
from pressrun.services.writers.llm.providers import ANSWER_SECONDS, build_model, output_mode
from pressrun.services.writers.llm.reply import Reply

MAX_TRIES = 3
"""Answers of one model to one question: the first, and two more after feedback on what is wrong."""
MIN_BUDGET = 6_000
"""Bytes of a source below which a model whose context is too small is given up."""

Judge = Callable[[Reply], tuple[Script, list[Fault]]]
"""The script of a reply, and what is wrong with it."""


@dataclass(frozen=True)
class Question:
    """What every model is asked. `task` makes the message from a number of bytes that the source may take."""

    role: str
    task: Callable[[int], str]
    judge: Judge
    rewrite: Callable[[Script], str]
    """Return the request for a rewrite of a usable script, or an empty string if it is good."""
    refuse: Callable[[Script], PressrunError]
    """The error when it was written again and is still not good."""


@dataclass
class Outcome:
    """Who wrote the script, and what all that were asked have used: way -> tokens."""

    script: Script | None = None
    way: ModelAccess | None = None
    budget: int = 0
    rewritten: bool = False
    usage: list[tuple[ModelAccess, RunUsage]] = field(default_factory=list)
    passed: list[tuple[ModelAccess, PressrunError]] = field(default_factory=list)


def ask_models(question: Question, ways: Sequence[ModelAccess], outcome: Outcome) -> None:
    """Fills `outcome`. Raises one error for all `ways` when none has written a script: a retryable one when any of
    them may write it a little later."""
    asyncio.run(_ask(question, ways, outcome))


async def _ask(question: Question, ways: Sequence[ModelAccess], outcome: Outcome) -> None:
    for way in ways:
        usage = RunUsage()
        outcome.usage.append((way, usage))
        try:
            outcome.script, outcome.budget, outcome.rewritten = await _ask_one(question, way, usage)
        except _ModelError as trouble:
            outcome.passed.append((way, trouble.error))
        else:
            outcome.way = way
            return
    raise await combine_errors(outcome.passed)


class _ModelError(Exception):
    """This way has not written a script; another may."""

    def __init__(self, error: PressrunError) -> None:
        super().__init__(error.message)
        self.error = error


async def _ask_one(question: Question, way: ModelAccess, usage: RunUsage) -> tuple[Script, int, bool]:
    """(script, bytes that the source could take, whether it was written twice).

    Raises `_ModelError`, and what `question.refuse` makes.
    """
    async with AsyncExitStack() as stack:
        agent = _build_agent(question, way, await build_model(way, stack))
        budget = PROVIDERS[way.provider].budget
        while True:
            try:
                script, history = await _run(agent, way, question.task(budget), [], usage)
                break
            except _ContextTooSmallError:
                if budget // 2 < MIN_BUDGET:
                    raise _ModelError(_context_too_small(way)) from None
                budget //= 2
        again = question.rewrite(script)
        if not again:
            return script, budget, False
        script, _ = await _run(agent, way, again, history, usage)
    if question.rewrite(script):
        raise question.refuse(script)
    return script, budget, True


class _ContextTooSmallError(Exception):
    """The source does not fit into what the model reads at once."""


async def _run(
    agent: Agent[None, Script], way: ModelAccess, text: str, history: list[ModelMessage], usage: RunUsage
) -> tuple[Script, list[ModelMessage]]:
    try:
        result = await agent.run(text, message_history=history, usage=usage)
    except ModelContextWindowExceededError as error:
        raise _ContextTooSmallError from error
    except PressrunError as error:
        raise _ModelError(error) from error
    except AgentRunError as error:
        raise _ModelError(translate_error(error, way)) from error
    return result.output, result.all_messages()


def _build_agent(question: Question, way: ModelAccess, model: Model) -> Agent[None, Script]:
    """An agent that is asked again while anything is wrong, and whose last answer is taken with what is not fatal."""

    def judged(context: RunContext[None], reply: Reply) -> Script:
        script, faults = question.judge(reply)
        if faults and not context.last_attempt:
            raise ModelRetry("\n".join(fault.text for fault in faults))
        if fatal := [fault.text for fault in faults if fault.fatal]:
            raise ScriptError(
                f"{way} was asked {MAX_TRIES} times and its script cannot be used: {' '.join(fatal)}",
                remedy="Name another model in llm_models, or write with writer = \"extractive\".",
            )
        return script

    settings = ModelSettings(timeout=ANSWER_SECONDS, request_timeout=ANSWER_SECONDS, max_retries=0)
    agent: Agent[None, Script] = Agent(
        model,
        output_type=output_mode(way, judged),
        system_prompt=question.role,
        retries=AgentRetries(output=MAX_TRIES - 1, tools=0),
        model_settings=settings,
    )
    return agent


def _context_too_small(way: ModelAccess) -> PressrunError:
    return ScriptError(
        f"{way} reads less at once than {MIN_BUDGET * 2:,} bytes of source with the question",
        remedy="Name a model with a larger context in llm_models.",
    )
