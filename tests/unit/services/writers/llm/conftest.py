"""A session: a language model on this machine, the keys of the user, and the writer between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.loopback.language_model import KEYS, LanguageModel

from pressrun import redaction
from pressrun.model.book import Book
from pressrun.model.script import Script, Segment, Transcript
from pressrun.services.languages import direction_of
from pressrun.services.protocols import Brief, Context
from pressrun.services.sources.texts import to_prose
from pressrun.services.writers import llm
from pressrun.settings import ItemSettings, as_plain

NOTE = (Path(__file__).parents[5] / "examples" / "sources" / "walden.md").read_text(encoding="utf-8")
BRIEF = Brief(Book("Walden", "Henry David Thoreau"), 120.0, 45.0, 165)


@dataclass
class WriterSession:
    """`write` asks the models of `settings`; what the writer told is kept."""

    server: LanguageModel
    workspace: Path
    settings: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def context(self) -> Context:
        values = as_plain(ItemSettings()) | self.settings
        return Context(self.workspace, values, note=self.notes.append, fact=self.facts.__setitem__)

    def write(self, text: str = NOTE, code: str = "en", brief: Brief = BRIEF) -> Script:
        return llm.write(transcript(text, code), brief, self.context)

    @property
    def told(self) -> str:
        return "\n".join([*self.notes, *self.facts.values()])


def transcript(text: str, code: str = "en") -> Transcript:
    return Transcript(code, direction_of(code), to_prose(text, markdown=True), "notes.md")


@pytest.fixture
def captions() -> Callable[[str, int], Transcript]:
    def made(text: str, times: int) -> Transcript:
        each = [Segment(f"{text} {number}.", float(number), number + 1.0) for number in range(times)]
        return Transcript("en", "ltr", tuple(each), "talk.srt")

    return made


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WriterSession]:
    """Without a key and without a model: `openai`, `gemini` and `custom` below give it one."""
    for secret in redaction.SECRETS.values():
        for variable in secret.variables:
            monkeypatch.delenv(variable, raising=False)
            monkeypatch.delenv(variable + redaction.FILE_SUFFIX, raising=False)
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(variable, raising=False)
    with LanguageModel() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield WriterSession(server, tmp_path)


@pytest.fixture
def openai(session: WriterSession, monkeypatch: pytest.MonkeyPatch) -> WriterSession:
    monkeypatch.setenv("PRESSRUN_OPENAI_API_KEY", KEYS["PRESSRUN_OPENAI_API_KEY"])
    session.settings["llm_models"] = "openai:gpt-6-luna"
    return session


@pytest.fixture
def gemini(session: WriterSession, monkeypatch: pytest.MonkeyPatch) -> WriterSession:
    monkeypatch.setenv("PRESSRUN_GEMINI_API_KEY", KEYS["PRESSRUN_GEMINI_API_KEY"])
    session.settings["llm_models"] = "gemini:gemini-3.8-flash"
    return session


@pytest.fixture
def custom(session: WriterSession) -> WriterSession:
    session.settings |= {"llm_models": "custom:llama", "llm_url": session.server.llm_url}
    return session


@pytest.fixture(params=["openai", "gemini", "custom"])
def each(request: pytest.FixtureRequest) -> WriterSession:
    """Each provider in turn."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, WriterSession)
    return found
