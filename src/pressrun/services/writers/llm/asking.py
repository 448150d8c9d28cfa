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
from pressrun.services.writers.llm.clients import ANSWER_SECONDS, model_for, output_for
from pressrun.services.writers.llm.drafting import Fault
from pressrun.services.writers.llm.reply import Reply
from pressrun.services.writers.llm.trouble import as_pressrun_error, together
from pressrun.services.writers.llm.ways import PROVIDERS, Way

TRIES = 3
"""Answers of one model to one question: the first, and two after it was told what is wrong."""
LEAST_BUDGET = 6_000
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
    """What to ask when a script stands but is to be written again; empty where it is good."""
    refuse: Callable[[Script], PressrunError]
    """The error when it was written again and is still not good."""


@dataclass
class Outcome:
    """Who wrote the script, and what all that were asked have used: way -> tokens."""

    script: Script | None = None
    way: Way | None = None
    budget: int = 0
    rewritten: bool = False
    usage: list[tuple[Way, RunUsage]] = field(default_factory=list)
    passed: list[tuple[Way, PressrunError]] = field(default_factory=list)


def ask(question: Question, ways: Sequence[Way], outcome: Outcome) -> None:
    """Fills `outcome`. Raises one error for all `ways` when none has written a script: a retryable one when any of
    them may write it a little later."""
    asyncio.run(_ask(question, ways, outcome))


async def _ask(question: Question, ways: Sequence[Way], outcome: Outcome) -> None:
    for way in ways:
        usage = RunUsage()
        outcome.usage.append((way, usage))
        try:
            outcome.script, outcome.budget, outcome.rewritten = await _of_one(question, way, usage)
        except _Trouble as trouble:
            outcome.passed.append((way, trouble.error))
        else:
            outcome.way = way
            return
    raise await together(outcome.passed)


class _Trouble(Exception):
    """This way has not written a script; another may."""

    def __init__(self, error: PressrunError) -> None:
        super().__init__(error.message)
        self.error = error


async def _of_one(question: Question, way: Way, usage: RunUsage) -> tuple[Script, int, bool]:
    """(script, bytes that the source could take, whether it was written twice).

    Raises `_Trouble`, and what `question.refuse` makes.
    """
    async with AsyncExitStack() as stack:
        agent = _agent(question, way, await model_for(way, stack))
        budget = PROVIDERS[way.provider].budget
        while True:
            try:
                script, history = await _run(agent, way, question.task(budget), [], usage)
                break
            except _TooMuch:
                if budget // 2 < LEAST_BUDGET:
                    raise _Trouble(_context_too_small(way)) from None
                budget //= 2
        again = question.rewrite(script)
        if not again:
            return script, budget, False
        script, _ = await _run(agent, way, again, history, usage)
    if question.rewrite(script):
        raise question.refuse(script)
    return script, budget, True


class _TooMuch(Exception):
    """The source does not fit into what the model reads at once."""


async def _run(
    agent: Agent[None, Script], way: Way, text: str, history: list[ModelMessage], usage: RunUsage
) -> tuple[Script, list[ModelMessage]]:
    try:
        result = await agent.run(text, message_history=history, usage=usage)
    except ModelContextWindowExceededError as error:
        raise _TooMuch from error
    except PressrunError as error:
        raise _Trouble(error) from error
    except AgentRunError as error:
        raise _Trouble(as_pressrun_error(error, way)) from error
    return result.output, result.all_messages()


def _agent(question: Question, way: Way, model: Model) -> Agent[None, Script]:
    """An agent that is asked again while anything is wrong, and whose last answer is taken with what is not fatal."""

    def judged(context: RunContext[None], reply: Reply) -> Script:
        script, faults = question.judge(reply)
        if faults and not context.last_attempt:
            raise ModelRetry("\n".join(fault.text for fault in faults))
        if fatal := [fault.text for fault in faults if fault.fatal]:
            raise ScriptError(
                f"{way} was asked {TRIES} times and its script cannot be used: {' '.join(fatal)}",
                remedy="Name another model in llm_models, or write with writer = \"extractive\".",
            )
        return script

    settings = ModelSettings(timeout=ANSWER_SECONDS, request_timeout=ANSWER_SECONDS, max_retries=0)
    agent: Agent[None, Script] = Agent(
        model,
        output_type=output_for(way, judged),
        system_prompt=question.role,
        retries=AgentRetries(output=TRIES - 1, tools=0),
        model_settings=settings,
    )
    return agent


def _context_too_small(way: Way) -> PressrunError:
    return ScriptError(
        f"{way} reads less at once than {LEAST_BUDGET * 2:,} bytes of source with the question",
        remedy="Name a model with a larger context in llm_models.",
    )
