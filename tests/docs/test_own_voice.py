"""docs/how-to/own-voice.md: the example voice works unchanged, and the figures match the code."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest
from tests.loopback.speech import Speech, Trouble

from pressrun.errors import VoiceError
from pressrun.services.pace import sentence_pause
from pressrun.services.protocols import Context
from pressrun.services.voices import VOICES, edge, gtts, online

TEXT = (Path(__file__).parents[2] / "docs" / "how-to" / "own-voice.md").read_text(encoding="utf-8")


@pytest.fixture
def studio() -> ModuleType:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    module = ModuleType("studio")
    exec(compile(code, "studio.py", "exec"), module.__dict__)
    return module


def test_the_example_voice_speaks_in_parts_that_are_kept(
    studio: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = Context(tmp_path, {}, tmp_path / "parts", 4)
    assert not studio.ready(context).ready
    with Speech() as speech:
        monkeypatch.setenv("STUDIO_VOICE", f"{speech.proxy}/say")
        assert studio.ready(context).ready
        studio.prepare(["One here. Two there."], "fr", 165, lambda *_: None, context)
        made = studio.speak("One here. Two there.", "fr", 165, context)
        assert sorted(speech.texts) == ["One here.", "Two there."]
        assert [word.text for word in made.words] == ["One", "here.", "Two", "there."]
        speech.troubles = [Trouble(404)]
        with pytest.raises(VoiceError):
            studio.speak("Three.", "fr", 165, context)


def test_its_figures_match_the_code() -> None:
    least, most = (round(limit * online.NATURAL_RATE) for limit in (online.MIN_TEMPO, online.MAX_TEMPO))
    assert f"At `speech_rate = {online.NATURAL_RATE}`" in TEXT
    assert f"from {least} to {most}" in TEXT
    assert f"{gtts.MAX_LETTERS} characters" in TEXT
    assert f"for {len(set(edge.VOICES.values()))} languages" in TEXT
    slowest, fastest = (int(limit * online.NATURAL_RATE) for limit in (edge.SLOWEST, edge.FASTEST))
    assert f"from {slowest} to {fastest} words per minute" in TEXT
    assert f"{sentence_pause(online.NATURAL_RATE):.1f} s between two" in TEXT


def test_the_voices_are_listed_in_their_order() -> None:
    assert re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE) == list(VOICES)
