"""Sound of our own voice in a small film, made once."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.loopback.video_site import film

from pressrun.services.protocols import Context
from pressrun.services.voices import espeak


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film in which two sentences are said, with a pause of a second between them."""
    context = Context(Path(), {})
    first = espeak.speak("Two hundred thousand people in the country.", "en", 165, context)
    second = espeak.speak("A thousand years ago.", "en", 165, context)
    path = tmp_path_factory.mktemp("spoken") / "talk.mp4"
    path.write_bytes(film(first.pcm + bytes(2 * first.sample_rate) + second.pcm, first.sample_rate))
    return path


@pytest.fixture(scope="session")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of a second in which nothing is heard."""
    path = tmp_path_factory.mktemp("silent") / "silent.mp4"
    path.write_bytes(film(bytes(32_000)))
    return path
