"""A script by a language model: whole, as long as asked, in the language asked for, and what it cost."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from typing import Any

import pytest
from tests.loopback.language_model import KEYS, ModelRequest, Trouble, usual

from pressrun.errors import ScriptError
from pressrun.model.book import Book
from pressrun.model.script import Script
from pressrun.services.pace import short_seconds, video_seconds
from pressrun.services.protocols import Brief
from pressrun.services.writers import llm

WriterSession = Any
BRIEF = Brief(Book("Walden", "Henry David Thoreau"), 120.0, 45.0, 165)


def test_a_script_is_whole_and_within_the_limits(each: WriterSession) -> None:
    script = each.write()
    assert len(script.scenes) == 5
    assert all(scene.heading and scene.narration for scene in script.scenes)
    assert 0 < len(script.title) <= 100
    assert len(script.description.encode()) <= 5000
    assert sum(map(len, script.tags)) <= 500
    assert video_seconds(script, 165, 0.6) == pytest.approx(120, rel=0.25)
    assert short_seconds(script, 165) == pytest.approx(45, rel=0.25)
    assert (script.book_title, script.author, script.language) == ("Walden", "Henry David Thoreau", "en")


def test_no_model_is_given_a_tool(each: WriterSession) -> None:
    each.write()
    (asked,) = each.server.asked
    assert not {"tools", "tool_choice", "toolConfig", "functions"} & set(asked.body)
    assert "hut that he had built himself" in asked.source


def test_the_shape_of_the_reply_is_requested_in_the_way_of_the_provider(openai: WriterSession) -> None:
    openai.write()
    shape = openai.server.asked[0].body["response_format"]["json_schema"]
    assert shape["strict"]
    assert set(shape["schema"]["properties"]) == {"title", "hook", "scenes", "close", "short", "description", "tags"}


def test_a_server_of_the_user_is_asked_without_a_key_and_without_response_format(custom: WriterSession) -> None:
    custom.write()
    (asked,) = custom.server.asked
    assert "response_format" not in asked.body
    assert asked.key == "none"


def test_tokens_model_and_price_are_kept(openai: WriterSession) -> None:
    openai.server.tokens = (10_000, 2_000)
    openai.write()
    assert openai.facts["model"] == "openai:gpt-6-luna"
    assert (openai.facts["tokens_in"], openai.facts["tokens_out"]) == ("10000", "2000")
    assert 0 < float(openai.facts["cost_usd"]) < 0.1


def test_a_price_that_is_not_known_is_left_out(custom: WriterSession) -> None:
    custom.write()
    assert "cost_usd" not in custom.facts
    assert custom.facts["tokens_in"] == "1200"


def test_tokens_are_kept_even_when_nothing_came_of_them(openai: WriterSession) -> None:
    openai.server.replies = ["no JSON"] * 3
    with pytest.raises(ScriptError):
        openai.write()
    assert openai.facts["tokens_in"] == "3600"


def test_the_language_is_that_of_the_source(openai: WriterSession) -> None:
    script = openai.write("Das Haus am See war klein und trocken. " * 20, "de")
    assert script.language == "de"
    assert "Gewohnheit" in " ".join(scene.narration for scene in script.scenes)


def test_the_length_follows_the_brief(openai: WriterSession) -> None:
    for seconds in (60.0, 240.0):
        script = openai.write(brief=Brief(BRIEF.book, seconds, 30.0, 165))
        assert video_seconds(script, 165, 0.6) == pytest.approx(seconds, rel=0.3)


def test_a_reply_of_the_wrong_length_is_asked_again_with_the_figures(each: WriterSession) -> None:
    def hasty(asked: ModelRequest) -> dict[str, Any]:
        reply = usual(asked)
        return reply | {"scenes": reply["scenes"][:2]}

    each.server.replies = [hasty]
    script = each.write()
    assert len(script.scenes) == 5
    assert "seconds when spoken" in each.server.asked[1].prompt


def test_what_stays_too_long_is_cut_where_that_is_safe(each: WriterSession) -> None:
    def boundless(asked: ModelRequest) -> dict[str, Any]:
        reply = usual(asked)
        more = {"title": "Word " * 40, "description": "It describes the book. " * 300, "tags": ["tag " * 12] * 20}
        return reply | more | {"short": reply["short"] * 4}

    each.server.replies = [boundless] * 3
    script = each.write()
    assert len(each.server.asked) == 3
    assert "title has" in each.server.asked[1].prompt
    assert len(script.title) <= 100
    assert len(script.description.encode()) <= 5000
    assert sum(map(len, script.tags)) <= 500
    assert short_seconds(script, 165) <= 45 * 1.25
    assert script.short.endswith(".")


def test_a_reply_in_another_language_is_asked_again_and_then_rejected(openai: WriterSession) -> None:
    openai.server.replies = [lambda asked: usual(asked, "de")]
    assert "habit" in " ".join(scene.narration for scene in openai.write().scenes)
    assert 'the language is "de"' in openai.server.asked[1].prompt
    openai.server.replies = [lambda asked: usual(asked, "de")] * 3
    with pytest.raises(ScriptError, match='the language is "de"'):
        openai.write()


def test_json_in_a_fence_of_markdown_is_read(custom: WriterSession) -> None:
    custom.server.replies = [lambda asked: f"```json\n{json.dumps(usual(asked))}\n```"]
    assert len(custom.write().scenes) == 5
    assert len(custom.server.asked) == 1


def test_a_script_that_copies_is_written_again_with_the_finding(each: WriterSession) -> None:
    def copying(asked: ModelRequest) -> dict[str, Any]:
        reply = usual(asked)
        reply["scenes"][0]["narration"] = " ".join(asked.source.split()[10:60])
        return reply

    each.server.replies = [copying]
    each.write()
    assert "words in a row" in each.server.asked[1].prompt
    assert any("rewritten" in note for note in each.notes)


def test_a_script_that_copies_twice_fails_with_the_figures(openai: WriterSession) -> None:
    def copying(asked: ModelRequest) -> dict[str, Any]:
        reply = usual(asked)
        reply["scenes"][0]["narration"] = " ".join(openai.server.asked[0].source.split()[10:60])
        return reply

    openai.server.replies = [copying, copying]
    with pytest.raises(ScriptError, match=r"copies \d\d words in a row from its source \(limit: 25\)") as caught:
        openai.write()
    assert "longest_copy" in caught.value.remedy
    assert len(openai.server.asked) == 2


def test_the_limits_of_copying_are_settings(openai: WriterSession) -> None:
    def copying(asked: ModelRequest) -> dict[str, Any]:
        reply = usual(asked)
        reply["scenes"][0]["narration"] = " ".join(asked.source.split()[10:60])
        return reply

    openai.settings |= {"longest_copy": 1000, "largest_copied_share": 1.0}
    openai.server.replies = [copying]
    openai.write()
    assert len(openai.server.asked) == 1


def test_a_long_source_is_cut_to_whole_segments_and_said(custom: WriterSession, captions: Any) -> None:
    long = captions("The pond was deep and the winter was long in that part of the country, as line", 2000)
    llm.write(long, Brief(BRIEF.book, 120.0, 45.0, 165), custom.context)
    source = custom.server.asked[0].source
    assert 40_000 < len(source.encode()) <= 48_000
    assert source.startswith("The pond")
    assert "as line 1850" in source
    assert any("was given" in note and "of it, spread over the whole" in note for note in custom.notes)


def test_a_model_with_a_small_context_is_given_less(custom: WriterSession, captions: Any) -> None:
    custom.server.replies = [Trouble(400, "context_length_exceeded", "maximum context length")] * 2
    llm.write(captions("The pond was deep and the winter was long, as line", 3000), BRIEF, custom.context)
    assert [len(each.source.encode()) // 12_000 for each in custom.server.asked] == [3, 1, 0]


def test_a_source_that_is_too_short_is_reported_before_anybody_is_asked(each: WriterSession) -> None:
    with pytest.raises(ScriptError, match=r"notes\.md has 3 words"):
        each.write("Three words only.")
    assert each.server.asked == []


def test_the_next_model_is_asked_when_one_fails(openai: WriterSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSRUN_GEMINI_API_KEY", KEYS["PRESSRUN_GEMINI_API_KEY"])
    openai.settings["llm_models"] = "gemini:gemini-3.8-flash, openai:gpt-6-luna"
    openai.server.replies = [Trouble(503)]
    openai.write()
    assert ["generateContent" in each.path for each in openai.server.asked] == [True, False]
    assert openai.facts["model"] == "openai:gpt-6-luna"
    assert openai.notes == [
        "Gemini had a server error for gemini:gemini-3.8-flash (status 503); "
        "openai:gpt-6-luna wrote the script"
    ]


def test_a_provider_without_a_key_is_skipped(openai: WriterSession) -> None:
    openai.settings["llm_models"] = "gemini:gemini-3.8-flash, openai:gpt-6-luna"
    openai.write()
    assert len(openai.server.asked) == 1
    assert openai.notes == []


def test_the_next_key_is_used_when_one_is_rejected(each: WriterSession, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = "canary-first-key-0001, canary-second-key-0002"
    for variable in KEYS:
        monkeypatch.setenv(variable, keys)
    each.server.refused_keys = {"canary-first-key-0001"}
    if each.settings["llm_models"].startswith("custom"):
        each.server.refused_keys = set()
        each.server.replies = [Trouble(401, "invalid_api_key")]
    each.write()
    assert [asked.key for asked in each.server.asked] == ["canary-first-key-0001", "canary-second-key-0002"]
    assert "did not accept the key" in each.notes[0]
    assert "with key 2 wrote the script" in each.notes[0]
    assert "canary" not in each.told


def test_writing_works_where_an_event_loop_was_used_before(openai: WriterSession) -> None:
    asyncio.run(asyncio.sleep(0))
    assert openai.write() == dataclasses.replace(openai.write())


def test_the_reply_has_no_field_but_those_of_a_script(openai: WriterSession) -> None:
    openai.server.replies = [lambda asked: usual(asked) | {"privacy": "public", "path": "../../x"}]
    script = openai.write()
    assert {each.name for each in dataclasses.fields(script)} == {each.name for each in dataclasses.fields(Script)}
    assert "public" not in repr(script)
    assert "../../x" not in repr(script)


def test_a_script_has_no_markup(openai: WriterSession) -> None:
    openai.server.replies = [lambda asked: usual(asked, note="This **matters** 🎉 a lot.") | {"title": "**Walden** 🎉"}]
    script = openai.write()
    assert script.title == "Walden"
    assert "This matters a lot." in script.scenes[0].narration
    assert "*" not in repr(script)
