"""An idea for a video, in the user's words."""

from __future__ import annotations

from dataclasses import dataclass

FILE = "idea.json"
"""Written to the run folder when it is created."""


@dataclass(frozen=True)
class Idea:
    """`idea.json`. Missing texts are empty."""

    title: str
    description: str = ""
    audience: str = ""
    tone: str = ""
    script: str = ""
    """Spoken word for word if given. The other texts are then only used for the title, description and tags."""

    @property
    def text(self) -> str:
        """Return the text that the script is written from and the language is detected in."""
        return self.script or self.description or self.title
