"""The request of a batch: every field checked, and said in one sentence what is wrong with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.loopback.google_sheets import SPREADSHEET, Spreadsheets
from tests.size import examples
from tests.unit.kinds.ideas.conftest import HEADER, idea

from pressrun.errors import RequestError, RowsError, SheetsUnavailableError
from pressrun.kinds.ideas.request import (
    BulkJobRequest,
    RowsSource,
    parse_request,
    read_rows,
    request_digest,
    row_priority,
    stored_request,
)

URL = "https://docs.google.com/spreadsheets/d"
ROWS = {"type": "rows", "rows": [{"idea_title": "Bees", "script_content": "Bees dance."}]}
WHOLE: dict[str, Any] = {
    "title": "Spring", "priority": "normal", "processing_deadline_ms": 7_200_000,
    "callback_url": "https://example.com/hooks",
    "input_source": ROWS,
    "output": {
        "format": "mp4", "video_codec": "h264", "audio_codec": "aac", "resolution": "1080p", "output_bucket": "s3://a/b",
    },
    "template": {"template_id": "tpl_spring", "overrides": {"style": "modern", "voice": "female"}},
}


def complaint(**change: Any) -> str:
    with pytest.raises(RequestError) as caught:
        parse_request(WHOLE | change)
    assert caught.value.remedy
    assert caught.value.problems
    return caught.value.message


def test_a_request_of_every_field_is_taken_as_it_is() -> None:
    request = parse_request(WHOLE)
    assert json.loads(request.model_dump_json(exclude_unset=True)) == WHOLE


def test_a_title_and_rows_are_enough() -> None:
    request = parse_request({"title": " Spring\n list ", "input_source": ROWS})
    assert request.title == "Spring list"
    assert (request.priority, request.max_concurrent, request.max_retries) == ("normal", 5, 3)
    assert request.output.settings() == {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": " "}, "title: found nothing; expected text that is not empty"),
        ({"title": "x" * 201}, "expected at most 200 characters"),
        ({"titel": "x"}, "titel: found an unknown field; expected a known field, e.g. title"),
        ({"priority": "asap"}, 'priority: found "asap"; expected low, normal, high or a whole number from 1 (first)'),
        ({"priority": 11}, "priority: found 11; expected low"),
        ({"processing_deadline_ms": 59_999}, "deadline_ms: found 59999; expected a number of at least 60000"),
        ({"processing_deadline_ms": 86_400_001}, "expected a number of at most 86400000"),
        ({"processing_deadline_ms": "1h"}, 'found "1h"; expected a whole number'),
        ({"processing_deadline_ms": True}, "found true; expected a whole number"),
        ({"input_source": {"type": "path", "path": "a"}}, 'input_source: found the type "path"; expected the type'),
        ({"input_source": {}}, "input_source: found nothing; expected the type sheet, csv or rows"),
        ({"input_source": {"type": "csv"}}, "input_source.content: found nothing; expected a value"),
        ({"input_source": ROWS | {"validation": "lax"}}, 'input_source.validation: found "lax"; expected strict'),
        ({"input_source": {"type": "sheet", "sheet_id": "../a"}}, "input_source.sheet_id: found"),
        ({"output": {"format": "avi"}}, 'output.format: found "avi"; expected mp4, mov or webm'),
        ({"output": {"resolution": "8K"}}, 'output.resolution: found "8K"; expected 720p, 1080p, 4K, or'),
        ({"output": {"resolution": "101x100"}}, "output.resolution: found"),
        (
            {"output": {"format": "webm", "video_codec": "h264"}},
            "output: found video_codec h264 cannot be used in format webm; expected a format and codecs",
        ),
        ({"output": {"format": "mov", "audio_codec": "opus"}}, "output: found audio_codec opus cannot be used in"),
        ({"template": {"template_id": "../a"}}, "template.template_id: found"),
        ({"template": {"template_id": "a", "overrides": {"voice": "robot"}}}, "template.overrides.voice: found"),
        ({"template": {"template_id": "a", "overrides": {"style": '{"like": "x"}'}}}, "overrides.style: found"),
        ({"max_concurrent": 6}, "max_concurrent: found 6; expected a number of at most 5"),
    ],
)
def test_what_is_wrong_is_reported_with_its_path(change: dict[str, Any], said: str) -> None:
    assert said in complaint(**change)


def test_all_that_is_wrong_is_said_at_once_and_as_data() -> None:
    with pytest.raises(RequestError) as caught:
        parse_request({"title": 5, "priority": "asap"})
    assert [path for path, _, _ in caught.value.problems] == ["title", "priority", "input_source"]


@pytest.mark.parametrize("body", [None, [], "x", 5])
def test_a_body_that_is_not_an_object_is_rejected(body: Any) -> None:
    with pytest.raises(RequestError, match="expected an object"):
        parse_request(body)


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        ("https://example.com/hooks?x=1", True), ("http://127.0.0.1:8000/a", True), ("http://localhost/a", True),
        ("http://[::1]:1/", True), ("http://example.com/", False), ("https://user:secret@example.com/", False),
        ("ftp://example.com", False), ("https://", False), ("/hooks", False), ("https://a b/", False),
        ("https://example.com:99999/", False), ("http://127.0.0.1.example.com/", False), ("https://a\u202eb/", False),
        ("http://[::1", False), ("javascript:alert(1)", False),
    ],
)
def test_a_callback_goes_over_https_or_stays_on_this_machine(address: str, taken: bool) -> None:
    if taken:
        assert parse_request(WHOLE | {"callback_url": address}).callback_url == address
    else:
        assert "expected an https URL" in complaint(callback_url=address)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("s3://videos/spring/", "s3://videos/spring"), ("gs://videos", "gs://videos"), ("az://c/f", "az://c/f"),
        ("videos", "s3://videos"), ("my.videos-2/spring", "s3://my.videos-2/spring"), ("", None), (None, None),
        ("file:///etc", ""), ("../videos", ""), ("/etc", ""), ("s3://key:secret@videos", ""), ("s3://a/../b", ""),
        ("ftp://a", ""), ("s3://", ""), ("s3://a\x00", ""), ("Videos!", ""), ("s3://[", ""),
    ],
)
def test_a_bucket_is_an_address_or_the_name_of_one_and_never_a_folder(given: Any, address: str | None) -> None:
    if address == "":
        assert "output.output_bucket: found" in complaint(output={"output_bucket": given})
    else:
        assert parse_request(WHOLE | {"output": {"output_bucket": given}}).output.output_bucket == address


def test_codecs_and_formats_are_taken_in_capitals_too() -> None:
    output = parse_request(WHOLE | {"output": {"format": "MP4", "video_codec": "H265", "resolution": "4k"}}).output
    assert (output.format, output.video_codec) == ("mp4", "h265")


def test_rows_are_read_as_the_request_says() -> None:
    csv = {"type": "csv", "content": "Head;Text\nBees;Bees, they dance.\n", "format": "custom", "delimiter": ";"}
    columns = {"Head": "idea_title", "Text": "script_content"}
    found = read_rows(parse_request(WHOLE | {"input_source": csv | {"columns": columns}}))
    assert found.accepted[0].idea.script_content == "Bees, they dance."
    styled = ROWS | {"rows": [{"title": "Bees", "script": "A", "style": "house"}]}
    assert read_rows(parse_request(WHOLE | {"input_source": styled})).rejected
    assert read_rows(parse_request(WHOLE | {"input_source": styled}), ("house",)).accepted
    with pytest.raises(RowsError, match="Row 1 is 3"):
        read_rows(parse_request(WHOLE | {"input_source": {"type": "rows", "rows": [3]}}))


def test_a_row_without_a_priority_has_that_of_the_request() -> None:
    rows = [{"title": "A", "script": "a"}, {"title": "B", "script": "b", "priority": "low"}]
    request = parse_request(WHOLE | {"priority": 2, "input_source": {"type": "rows", "rows": rows}})
    assert [row_priority(request, row) for row in read_rows(request).accepted] == [2, 9]


def test_the_rows_of_a_sheet_are_read_by_id_and_by_url(server: Spreadsheets) -> None:
    server.add([HEADER, idea(1), idea(2)])
    server.add([HEADER, idea(3)], "Later")
    for address, titles in ((SPREADSHEET, ["Idea 1", "Idea 2"]), (f"{URL}/{SPREADSHEET}/edit#gid=100", ["Idea 3"])):
        request = parse_request(WHOLE | {"input_source": {"type": "sheet", "sheet_id": address}})
        assert [row.idea.idea_title for row in read_rows(request).accepted] == titles


def test_an_address_that_is_no_sheet_is_rejected_and_a_missing_sheet_is_named(server: Spreadsheets) -> None:
    expected = "the ID of a Google sheet, or its URL"
    assert expected in complaint(input_source={"type": "sheet", "sheet_id": "https://example.com/x"})
    request = parse_request(WHOLE | {"input_source": {"type": "sheet", "sheet_id": "1AbC", "range": "A1:Z1000"}})
    with pytest.raises(SheetsUnavailableError, match="no Google sheet with the ID 1AbC"):
        read_rows(request)


def test_requests_that_ask_for_the_same_have_one_digest_and_others_another() -> None:
    digest = request_digest(parse_request(WHOLE))
    turned = dict(reversed(list(WHOLE.items())))
    assert request_digest(parse_request(turned | {"title": "Spring ", "max_retries": 3})) == digest
    for change in ({"title": "Summer"}, {"priority": 5}, {"input_source": ROWS | {"rows": [{"title": "A"}]}}):
        assert request_digest(parse_request(WHOLE | change)) != digest


def test_rows_of_any_text_have_a_digest() -> None:
    odd = ROWS | {"rows": [{"a": "\ud800", "b": float("nan"), "c": 10**30}]}
    assert len(request_digest(parse_request(WHOLE | {"input_source": odd}))) == 64


def test_the_record_of_a_request_holds_no_rows() -> None:
    record = stored_request(parse_request(WHOLE))
    assert "Bees" not in json.dumps(record)
    assert record["input_source"]["type"] == "rows"
    assert record["template"]["template_id"] == "tpl_spring"


def test_the_schema_describes_every_field() -> None:
    schema = BulkJobRequest.model_json_schema()
    assert set(WHOLE) <= set(schema["properties"])
    assert schema["properties"]["priority"]["anyOf"][0]["enum"] == ["low", "normal", "high", "urgent"]
    assert RowsSource.model_json_schema()["properties"]["rows"]["items"]["anyOf"][0] == {"type": "object"}


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from((*WHOLE, "type", "x")), inner),
    max_leaves=5,
)


@settings(max_examples=examples(300), deadline=None)
@given(st.dictionaries(st.sampled_from((*WHOLE, "x")), _ANY | st.just(ROWS), max_size=4))
def test_any_body_is_a_request_or_rejected_with_a_message(change: dict[str, Any]) -> None:
    said = "nothing is wrong"
    try:
        request_digest(parse_request(WHOLE | change))
    except RequestError as error:
        said = f"{error}{error.problems}{error.remedy}"
    assert said.encode()


@pytest.mark.parametrize(
    ("field", "spelling", "value"),
    [
        ("video_codec", "H.264", "h264"), ("video_codec", "x264", "h264"), ("video_codec", "HEVC", "h265"),
        ("video_codec", "H-265", "h265"), ("audio_codec", "AAC", "aac"), ("format", ".MP4", "mp4"),
    ],
)  # fmt: skip
def test_usual_spellings_of_formats_and_codecs_are_accepted(field: str, spelling: str, value: str) -> None:
    request = parse_request(WHOLE | {"output": {field: spelling}})
    assert getattr(request.output, field) == value


def test_flat_fields_go_where_they_belong() -> None:
    flat = {"title": "Spring", "sheet_id": "abc", "range": "A1:J9", "template_id": "tpl_a", "output_bucket": "videos"}
    request = parse_request(flat)
    nested = {
        "title": "Spring", "input_source": {"type": "sheet", "sheet_id": "abc", "range": "A1:J9"},
        "template": {"template_id": "tpl_a"}, "output": {"output_bucket": "videos"},
    }
    assert request == parse_request(nested)


def test_overrides_need_no_template() -> None:
    choice = parse_request(WHOLE | {"template": {"overrides": {"style": "minimal", "voice": "male"}}}).template
    assert choice
    assert (choice.template_id, choice.overrides.style, choice.overrides.voice) == (None, "minimal", "male")


def test_a_field_in_both_places_is_rejected() -> None:
    with pytest.raises(RequestError, match="template_id"):
        parse_request(WHOLE | {"template": {"template_id": "tpl_a"}, "template_id": "tpl_b"})
