"""An idea: what a video is to be about, in the words of whoever wants it."""

from __future__ import annotations

from dataclasses import dataclass

FILE = "idea.json"
"""In the run folder, written by the door that made it."""


@dataclass(frozen=True)
class Idea:
    """`idea.json`. Texts that were not given are empty."""

    title: str
    description: str = ""
    audience: str = ""
    tone: str = ""
    script: str = ""
    """Spoken as it stands where there is one; the rest then only names the video."""

    @property
    def text(self) -> str:
        """What a script is made of, and its language told by."""
        return self.script or self.description or self.title
