"""What reading rows gives: frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pressrun.kinds.problems import Problem

DEFAULT_SECONDS = 300
DEFAULT_PLATFORMS = ("youtube", "tiktok")
DEFAULT_PRIORITY = "normal"


@dataclass(frozen=True)
class RowIdea:
    """The ten columns of one video, checked. Empty texts were not given. `duration_seconds` in seconds."""

    idea_title: str
    description: str = ""
    target_audience: str = ""
    tone: str = ""
    duration_seconds: int = DEFAULT_SECONDS
    platform_preferences: tuple[str, ...] = DEFAULT_PLATFORMS
    script_content: str = ""
    voice_preference: str = ""
    style_override: str = ""
    priority: str | int = DEFAULT_PRIORITY

    def idea_data(self) -> dict[str, Any]:
        """The ten columns as plain data, and `script`, `voice` and `style` beside their long names."""
        return {
            "idea_title": self.idea_title,
            "description": self.description,
            "target_audience": self.target_audience,
            "tone": self.tone,
            "duration_seconds": self.duration_seconds,
            "platform_preferences": list(self.platform_preferences),
            "script_content": self.script_content,
            "voice_preference": self.voice_preference,
            "style_override": self.style_override,
            "priority": self.priority,
            "script": self.script_content,
            "voice": self.voice_preference,
            "style": self.style_override,
        }


@dataclass(frozen=True)
class Row:
    """A row that is made into a video. `number` is that of the user's sheet, whose header is row 1."""

    number: int
    idea: RowIdea
    given: frozenset[str] = frozenset()
    """The columns that the row fills in; those that are not among them stand at their defaults."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Columns that nobody here knows, by their headers, as they were."""


@dataclass(frozen=True)
class Rejected:
    """A row that is not made, with every reason."""

    number: int
    problems: tuple[Problem, ...]

    @property
    def column(self) -> str:
        return self.problems[0].column

    @property
    def found(self) -> str:
        return self.problems[0].found

    @property
    def expected(self) -> str:
        return self.problems[0].expected

    def __str__(self) -> str:
        return f"Row {self.number}, {', and '.join(map(str, self.problems))}"

    def as_data(self) -> dict[str, Any]:
        """For a reply: the first problem, all of them, and the sentence."""
        each = [{"column": one.column, "found": one.found, "expected": one.expected} for one in self.problems]
        return {"number": self.number, **each[0], "problems": each, "message": str(self)}


@dataclass(frozen=True)
class Fixed:
    """A value that was changed because what it means is certain."""

    number: int
    column: str
    found: str
    used: str

    def __str__(self) -> str:
        return f"Row {self.number}, {self.column}: {self.found} was read as {self.used}"


@dataclass(frozen=True)
class Rows:
    """All rows of one input. Each that is not blank stands once, in `accepted` or in `rejected`."""

    accepted: tuple[Row, ...]
    rejected: tuple[Rejected, ...] = ()
    fixes: tuple[Fixed, ...] = ()
    warnings: tuple[str, ...] = ()
