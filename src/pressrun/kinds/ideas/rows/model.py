"""The result of reading rows."""

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
    """The validated ten columns of one video. Texts that were not given are empty."""

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
        """Return the ten columns as plain data, with `script`, `voice` and `style` in addition to their long names."""
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
    """An accepted row. `number` is that in the user's sheet, where the header is row 1."""

    number: int
    idea: RowIdea
    given: frozenset[str] = frozenset()
    """The columns that the row fills in; the others have their defaults."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Unknown columns by their headers, with their values unchanged."""


@dataclass(frozen=True)
class RejectedRow:
    """A row that is not made into a video, with every reason."""

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
        """Return plain data for a response: the first problem, all problems, and the sentence."""
        each = [{"column": one.column, "found": one.found, "expected": one.expected} for one in self.problems]
        return {"number": self.number, **each[0], "problems": each, "message": str(self)}


@dataclass(frozen=True)
class Correction:
    """A value that was corrected because it has only one possible meaning."""

    number: int
    column: str
    found: str
    used: str

    def __str__(self) -> str:
        return f"Row {self.number}, {self.column}: {self.found} was read as {self.used}"


@dataclass(frozen=True)
class Rows:
    """All rows of one input. Each row that is not blank is either in `accepted` or in `rejected`."""

    accepted: tuple[Row, ...]
    rejected: tuple[RejectedRow, ...] = ()
    fixes: tuple[Correction, ...] = ()
    warnings: tuple[str, ...] = ()
    header: int | None = None
    """Number of the row with the names of the columns; None without one."""
    digests: Mapping[int, str] = field(default_factory=dict)
    """Number of a row -> digest of its content. Moving a row, and its priority, do not change it."""
