"""Scripts of ideas without a model: what was given is said, in its order, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressrun.errors import ScriptError
from pressrun.model.book import Book
from pressrun.model.idea import Idea
from pressrun.model.script import Script
from pressrun.services.languages import detect_language
from pressrun.services.pace import video_seconds
from pressrun.services.protocols import Brief, Context
from pressrun.services.writers.ideas import count_directions, spoken_text, use_given_script, write_idea

BEES = (
    "Every morning a honeybee flies far from her hive. Then she comes straight home. How does she do it? "
    "She carries a clock inside her. She knows where the sun should stand at every hour. "
    "On her first flights she turns around and looks back. She learns the tree and the barn. "
    "Close to home these pictures lead her."
)
TIPS = "- Plan your meals for the week.\n- Buy rice and beans in bulk\n- Compare the prices\n- Freeze what is left"
ARABIC = "النحلة تطير بعيدا عن خليتها كل صباح. ثم تعود مباشرة إلى بيتها. إنها تعرف مكان الشمس في كل ساعة."
JAPANESE = "ミツバチは毎朝、巣から遠くまで飛びます。そしてまっすぐ帰ります。太陽の位置を知っているのです。"


def brief(title: str, seconds: float = 300, short: float = 45) -> Brief:
    return Brief(Book(title), seconds, short, 165)


def given(text: str, title: str = "Bees") -> Script:
    return use_given_script(Idea(title, script=text), detect_language(spoken_text(text)), brief(title))


def test_a_given_script_keeps_its_paragraphs() -> None:
    text = "\n\n".join(f"Bee {number} sees the sun. It flies far from home." for number in range(30))
    narrations = [scene.narration for scene in given(text).scenes]
    assert any("home.\n\nBee" in narration for narration in narrations)
    assert all(each.strip() == each and "\n\n\n" not in each for each in narrations)


def written(text: str, title: str = "Bees", seconds: float = 300) -> Script:
    context = Context(Path(), {})
    return write_idea(Idea(title, text), detect_language(text), brief(title, seconds), context)


def said(script: Script) -> str:
    return " ".join((script.hook, *(scene.narration for scene in script.scenes), script.close))


def test_a_script_is_said_word_for_word_in_its_order() -> None:
    assert said(given(BEES)) == BEES


def test_what_is_repeated_in_a_script_is_repeated() -> None:
    refrain = "Row on. Nobody spoke. Row on. Nobody spoke. Row on."
    assert said(given(refrain)) == refrain


@pytest.mark.parametrize("text", [ARABIC, JAPANESE], ids=["ar", "ja"])
def test_a_script_of_another_language_is_said_whole(text: str) -> None:
    script = given(text)
    assert said(script).replace(" ", "") == text.replace(" ", "")
    assert all((script.hook, script.close, script.short, *(scene.heading for scene in script.scenes)))


def test_a_script_without_a_full_stop_is_said_as_it_is_written_in_more_than_one_scene() -> None:
    text = "so the bees go out, and " * 40 + "that is all"
    script = given(text)
    assert said(script) == f"{text}."
    assert len(script.scenes) > 3


def test_headings_are_shown_and_directions_and_speakers_are_not_spoken() -> None:
    text = (
        "# The harbour\n[waves]\nNARRATOR: The sea was quiet. Nobody spoke. We waited.\n\n"
        "Scene 2: The storm\nVO: Then the wind came. It took **the roof**. We began again. [music] It took a year."
    )
    script = given(text)
    assert said(script) == (
        "The sea was quiet. Nobody spoke. We waited. Then the wind came. It took the roof. We began again. "
        "It took a year."
    )
    assert [scene.heading for scene in script.scenes] == ["The harbour", "The storm"]
    assert count_directions(text) == 2


def test_a_script_of_one_sentence_is_framed_by_its_title_and_by_nothing_else() -> None:
    script = given("Bees dance in the dark.", "How bees talk")
    assert (script.hook, script.close) == ("How bees talk.", "How bees talk.")
    assert [scene.narration for scene in script.scenes] == ["Bees dance in the dark."]


def test_a_long_script_gets_a_scene_for_every_quarter_of_a_minute() -> None:
    text = "\n\n".join(f"{number}. {BEES}" for number in range(1, 9))
    script = given(text)
    assert 10 <= len(script.scenes) <= 20
    assert len({scene.heading for scene in script.scenes}) == len(script.scenes)


def test_a_description_is_narrated_with_its_own_sentences_and_its_title() -> None:
    script = written(BEES, "How bees find home")
    assert said(script) == f"How bees find home. {BEES}"
    assert script.title == script.book_title == "How bees find home"
    assert script.description.startswith(BEES[:40])
    assert script.short.startswith("How bees find home. ")


def test_a_list_becomes_a_scene_for_every_point() -> None:
    script = written(TIPS, "Four ways to save")
    assert script.hook == "Four ways to save. Plan your meals for the week."
    assert [scene.narration for scene in script.scenes] == [
        "Buy rice and beans in bulk.", "Compare the prices.",
    ]
    assert script.close == "Freeze what is left."


def test_too_little_text_makes_a_short_video_and_is_not_padded() -> None:
    script = written("The moon pulls on the oceans.", "Tides")
    assert said(script) == "Tides. The moon pulls on the oceans. Tides."


def test_too_much_text_is_cut_to_the_length_by_whole_sentences() -> None:
    text = " ".join(f"{BEES.replace('bee', f'bee{number}')} That was number {number}." for number in range(12))
    script = written(text, seconds=60)
    assert video_seconds(script, 165, 0.6) == pytest.approx(60, rel=0.15)
    assert all(sentence in f"Bees. {text}" for scene in script.scenes for sentence in scene.narration.split(". ")[:1])


def test_only_a_title_is_too_little_and_says_what_would_be_enough() -> None:
    with pytest.raises(ScriptError, match='The idea "Bees" has no description') as caught:
        written("")
    assert "a description or a script" in caught.value.remedy
    with pytest.raises(ScriptError, match="no words to say"):
        given("[music]")


def test_the_short_stays_within_its_time() -> None:
    script = use_given_script(Idea("Bees", script=BEES * 4), detect_language(BEES), brief("Bees", short=15))
    assert 5 < len(script.short.split()) < 50
