"""What the short is called: its own first sentence, and the video it belongs to."""

from __future__ import annotations

from dataclasses import replace

from pressrun.model.script import Scene, Script
from pressrun.services.writers.short_labels import short_description, short_title

SCRIPT = Script(
    title="Walden by Thoreau: the key ideas", book_title="Walden", author="Thoreau", language="en", direction="ltr",
    hook="Hook.", scenes=(Scene("Ice", "Scene."),), close="Close.", description="In this video:\n• Ice", tags=(),
    short="A hut stood there. It was small.", target_seconds=20.0,
)


def test_the_title_says_that_it_is_a_short() -> None:
    assert short_title(SCRIPT) == "Walden by Thoreau: the key ideas #Shorts"
    assert short_title(replace(SCRIPT, title="x" * 95)) == "Walden #Shorts"


def test_the_description_says_what_is_in_the_short_and_where_the_video_is() -> None:
    url = "https://video.example/1"
    assert short_description(SCRIPT, url) == f"A hut stood there.\n\n{SCRIPT.title}\n{url}"


def test_a_place_on_this_machine_is_not_told() -> None:
    assert short_description(SCRIPT, "file:///books/ann/published/video.mp4") == f"A hut stood there.\n\n{SCRIPT.title}"
