"""Define the pydantic schema of a model's reply. It has no field for a tool, path, address, privacy or language.

Import this module only inside functions: pydantic takes a quarter of a second to import.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class SceneReply(BaseModel):
    """A scene: its heading is shown, its narration is spoken."""

    heading: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)] = Field(
        description="Two to six words, shown and not spoken"
    )
    narration: Text = Field(description="What is spoken")


class Reply(BaseModel):
    """The script of a video."""

    title: Text = Field(description="Of the video, 100 characters at most")
    hook: Text = Field(description="Spoken first")
    scenes: Annotated[list[SceneReply], Field(min_length=2, max_length=60)]
    close: Text = Field(description="Spoken last")
    short: Text = Field(description="Spoken in the short video, understood without the long one")
    description: Text = Field(description="Of the video, 5000 bytes at most")
    tags: Annotated[list[Text], Field(min_length=1, max_length=60, description="500 characters at most together")]
