"""What holds for every transcriber that can be used here."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.loopback.video_site import film

from pressrun.errors import PressrunError
from pressrun.services.protocols import Context, Transcriber
from pressrun.services.transcribers import TRANSCRIBERS
from pressrun.settings import ItemSettings, as_plain

ALL = [pytest.param(transcriber, id=name) for name, transcriber in TRANSCRIBERS.items()]
pytestmark = pytest.mark.parametrize("transcriber", ALL)


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(tmp_path, as_plain(ItemSettings()))


def test_it_needs_no_network_and_says_whether_its_words_can_be_trusted(
    transcriber: Transcriber, context: Context
) -> None:
    assert transcriber.NEEDS_NETWORK is False
    assert isinstance(transcriber.LOW_QUALITY, bool)
    readiness = transcriber.ready(context)
    assert ("low quality" in readiness.reason) == (transcriber.LOW_QUALITY and readiness.ready)


def test_a_file_in_which_nothing_is_said_is_a_clear_error(
    transcriber: Transcriber, context: Context, tmp_path: Path
) -> None:
    for name, data in (("silent.mp4", film(bytes(8000))), ("broken.mp3", b"nothing of the kind"), ("empty.wav", b"")):
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(PressrunError) as caught:
            transcriber.transcribe(path, "en", lambda *_: None, context)
        assert caught.value.message
        assert caught.value.remedy
        assert not caught.value.retryable
