from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import pytest

from pressrun.engine.freshness import EffectiveConfig, decide, fingerprint
from pressrun.errors import ErrorReport
from pressrun.model.book import Book
from pressrun.model.plan import RunOptions
from pressrun.pipelines.book_video import BOOK_VIDEO
from pressrun.service_settings import ServiceSettings
from pressrun.settings import ItemSettings, as_plain, setting_fields
from pressrun.store import run_folder
from pressrun.store.run_folder import RunFolder, StageRecord, measure
from pressrun.store.workspace import Workspace
from pressrun.wording import sentence

SERVICES = {
    "source": "folder", "transcriber": "none", "writer": "extractive", "voice": "espeak", "cover": "drawn",
    "publisher": "folder",
}
DEFAULTS = EffectiveConfig(as_plain(ItemSettings()), SERVICES)
ALL = BOOK_VIDEO.names


def finished(folder: RunFolder, *stages: str, wanted: EffectiveConfig = DEFAULTS) -> RunFolder:
    """The folder as it is after these stages, with a small file for each product."""
    for name in stages:
        stage = BOOK_VIDEO.stages[BOOK_VIDEO.index(name)].with_settings(DEFAULTS.settings)
        known = fingerprint(stage, folder, wanted, {})
        for product in stage.makes:
            (folder.path / product).write_text(json.dumps({"url": f"file:///{product}"}))
        outputs = {product: measure(folder.path / product) for product in stage.makes}
        record = StageRecord(fingerprint=known, outputs=outputs, publication=1 if stage.publishes else 0)
        folder = folder.save({name: "success"}, {name: record})
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    workspace = Workspace(tmp_path)
    return run_folder.create(workspace, Book("Emma"), BOOK_VIDEO.name, ALL, dict(DEFAULTS.settings), SERVICES)


def runs(folder: RunFolder | None, wanted: EffectiveConfig = DEFAULTS, **options: str) -> tuple[str, ...]:
    return decide(BOOK_VIDEO, folder, wanted, RunOptions(**options)).stages


def test_a_fresh_start_runs_every_stage() -> None:
    assert runs(None) == ALL


def test_a_finished_book_has_nothing_left_to_run(folder: RunFolder) -> None:
    assert runs(finished(folder, *ALL)) == ()


def test_a_run_that_was_cut_resumes_at_the_first_stage_without_a_checkpoint(folder: RunFolder) -> None:
    assert runs(finished(folder, *ALL[:4])) == ("render", "upload", "shorts")


AFTER = {
    "language": ALL,
    "target_seconds": ALL[2:],
    "short_seconds": ALL[2:],
    "speech_rate": ALL[2:],
    "scene_pause": ALL[2:],
    "voice_gender": ALL[3:],
    "voice_pitch": ALL[3:],
    "music": ALL[4:],
    "format": ALL[4:],
    "video_codec": ALL[4:],
    "audio_codec": ALL[4:],
    "quality": ALL[4:],
    "resolution": ALL[4:],
    "fps": ALL[4:],
    "style": ALL[4:],
    "font_dir": ALL[4:],
    "privacy": ALL[5:],
    "source": ALL,
    "transcriber": ALL[1:],
    "cover": ALL[4:],
    "writer": ALL[2:],
    "voice": ALL[3:],
    "publisher": ALL[5:],
    "shorts": ALL[5:6],
    **dict.fromkeys(("publish_to", "bucket_url", "publish_at"), ALL[5:]),
    **dict.fromkeys(
        (
            "search_phrases", "search_results", "search_engine", "shortest_source", "longest_source", "source_licence",
            "channels_allowed", "channels_blocked", "source_hosts",
        ),
        ALL,
    ),
    **dict.fromkeys(("source_rate", "whisper_model", "audio_track", "all_tracks"), ALL[1:]),
    **dict.fromkeys(("llm_models", "llm_url", "prompts_dir", "longest_copy", "largest_copied_share"), ALL[2:]),
    **dict.fromkeys(
        (
            "speech_url", "speech_model", "speech_voice", "speech_voice_female", "speech_voice_male", "kokoro_voice",
            "kokoro_fallback", "piper_voice", "piper_speaker", "edge_voice",
        ),
        ALL[3:],
    ),
    **dict.fromkeys(
        ("youtube_category", "youtube_playlist", "made_for_kids", "synthetic_media", "youtube_captions",
         "upload_chunk"), ALL[5:]
    ),
}
CHANGED = {"language": "de", "resolution": "720p", "voice_gender": "male"}
"""Where another value is not simply the other one of two, a larger number or a longer text."""


def changed(name: str) -> object:
    value = DEFAULTS.settings[name]
    if name in CHANGED:
        return CHANGED[name]
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, (int, float)) else f"{value} other"


def test_every_setting_has_its_exact_set_of_stages() -> None:
    assert set(AFTER) == {each.name for each in fields(ItemSettings)}


@pytest.mark.parametrize("name", AFTER)
def test_a_changed_setting_before_publishing_runs_exactly_what_depends_on_it(folder: RunFolder, name: str) -> None:
    kind, _, service = setting_fields()[name].metadata["of"].partition(":")
    in_use = replace(DEFAULTS, services=SERVICES | {kind: service}) if service else DEFAULTS
    unpublished = finished(folder, *ALL[:5], wanted=in_use)
    wanted = (
        replace(in_use, services=SERVICES | {name: "other"})
        if name in SERVICES
        else replace(in_use, settings={**DEFAULTS.settings, name: changed(name)})
    )
    expected = tuple(stage for stage in ALL if stage in AFTER[name] or (stage in ALL[5:] and name != "shorts"))
    assert runs(unpublished, wanted) == expected


@pytest.mark.parametrize("name", [each.name for each in fields(ServiceSettings)])
def test_a_setting_of_an_unused_service_rebuilds_nothing(folder: RunFolder, name: str) -> None:
    wanted = replace(DEFAULTS, settings={**DEFAULTS.settings, name: changed(name)})
    assert runs(finished(folder, *ALL[:5]), wanted) == ALL[5:]


def test_the_reason_names_the_change(folder: RunFolder) -> None:
    wanted = replace(DEFAULTS, services=SERVICES | {"voice": "gtts"})
    decision = decide(BOOK_VIDEO, finished(folder, *ALL[:5]), wanted, RunOptions())
    assert sentence(decision.reasons["tts"]) == "voice changed: espeak -> gtts"
    assert sentence(decision.reasons["render"]) == "voice.wav is rebuilt"
    assert sentence(decision.reasons["process"]) == "done"


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ({"layout": {"align": "center"}}, {"layout": {"align": "start"}, "motion": {}}, "its layout and motion"),
        ({"name": "classic", "motifs": ["disc"]}, {"name": "minimal"}, "classic -> minimal, and its motifs"),
        ("modern", {"palettes": [{"ink": "#000000"}]}, "its palettes"),
        ("modern", "minimal", "modern -> minimal"),
    ],
)
def test_a_changed_style_table_is_summarized(folder: RunFolder, before: object, now: object, said: str) -> None:
    def wanted(style: object) -> EffectiveConfig:
        setting = style if isinstance(style, str) else json.dumps(style)
        return replace(DEFAULTS, settings={**DEFAULTS.settings, "style": setting})

    done = finished(folder, *ALL[:5], wanted=wanted(before))
    reasons = decide(BOOK_VIDEO, done, wanted(now), RunOptions()).reasons
    assert sentence(reasons["render"]) == f"style changed: {said}"


def test_a_style_changed_between_upload_and_shorts_uploads_nothing_again(folder: RunFolder) -> None:
    wanted = replace(DEFAULTS, settings={**DEFAULTS.settings, "style": "classic"})
    decision = decide(BOOK_VIDEO, finished(folder, *ALL[:6]), wanted, RunOptions())
    assert decision.stages == ("shorts",)
    assert sentence(decision.reasons["render"]) == "published with older settings (style changed: modern -> classic)"


def test_a_product_of_another_size_makes_its_stage_stale(folder: RunFolder) -> None:
    folder = finished(folder, *ALL[:5])
    (folder.path / "video.mp4").write_text("cut off")
    assert runs(folder) == ("render", "upload", "shorts")


def test_an_edited_need_of_the_same_size_is_noticed(folder: RunFolder) -> None:
    folder = finished(folder, *ALL[:5])
    script = folder.path / "script.json"
    script.write_text(script.read_text().replace("file", "FILE"))
    assert runs(folder) == ALL[3:]


def test_a_raised_version_makes_the_stage_stale(folder: RunFolder) -> None:
    folder = finished(folder, *ALL[:5])
    stages = tuple(replace(each, version=2) if each.name == "tts" else each for each in BOOK_VIDEO.stages)
    decision = decide(replace(BOOK_VIDEO, stages=stages), folder, DEFAULTS, RunOptions())
    assert decision.stages == ALL[3:]
    assert sentence(decision.reasons["tts"]) == "the stage has changed: version 1 -> 2"


def test_a_file_from_outside_that_changed_makes_its_reader_stale_and_one_that_is_gone_does_not(
    folder: RunFolder, tmp_path: Path
) -> None:
    source = tmp_path / "emma.txt"
    source.write_text("first")
    folder = finished(folder, *ALL[:5])
    known = folder.record("transcribe")
    assert known.fingerprint is not None
    reads = {str(source): run_folder.file_sha256(source)}
    folder = folder.save({}, {"transcribe": replace(known, fingerprint=replace(known.fingerprint, reads=reads))})
    assert runs(folder) == ("upload", "shorts")
    source.write_text("second")
    assert runs(folder) == ALL[1:]
    source.unlink()
    assert runs(folder) == ("upload", "shorts")


def test_from_on_a_published_book_stops_before_publishing(folder: RunFolder) -> None:
    decision = decide(BOOK_VIDEO, finished(folder, *ALL), DEFAULTS, RunOptions(start_at="tts"))
    assert decision.stages == ("tts", "render")
    assert decision.publishes_again == ()


def test_from_a_publishing_step_publishes_again(folder: RunFolder) -> None:
    decision = decide(BOOK_VIDEO, finished(folder, *ALL), DEFAULTS, RunOptions(start_at="upload"))
    assert decision.stages == ("upload", "shorts")
    assert decision.publishes_again == ("upload", "shorts")


def test_until_leaves_the_rest_for_later(folder: RunFolder) -> None:
    decision = decide(BOOK_VIDEO, finished(folder, "search"), DEFAULTS, RunOptions(until="tts"))
    assert decision.stages == ("transcribe", "process", "tts")
    assert decision.later == ("render", "upload", "shorts")


def test_a_lost_file_of_a_published_book_is_rebuilt_only_when_a_stage_that_runs_needs_it(folder: RunFolder) -> None:
    folder = finished(folder, *ALL[:6])
    (folder.path / "video.mp4").unlink()
    assert runs(folder) == ("shorts",)
    (folder.path / "short_voice.wav").unlink()
    assert runs(folder) == ("tts", "shorts")


def test_a_lost_receipt_is_fetched_again_and_is_no_second_publication(folder: RunFolder) -> None:
    folder = finished(folder, *ALL)
    (folder.path / "upload.json").unlink()
    decision = decide(BOOK_VIDEO, folder, DEFAULTS, RunOptions())
    assert decision.stages == ("upload",)
    assert decision.publishes_again == ()


def test_a_file_that_is_added_to_a_folder_which_a_stage_looked_into_makes_it_stale(
    folder: RunFolder, tmp_path: Path
) -> None:
    pictures = tmp_path / "images" / "Emma"
    folder = finished(folder, *ALL[:5])
    known = folder.record("render")
    assert known.fingerprint is not None
    reads = {f"{pictures}/": run_folder.listing_sha256(pictures)}
    folder = folder.save({}, {"render": replace(known, fingerprint=replace(known.fingerprint, reads=reads))})
    assert "render" not in runs(folder)
    pictures.mkdir(parents=True)
    assert "render" not in runs(folder)
    (pictures / "garden.jpg").write_bytes(b"")
    assert "render" in runs(folder)


@pytest.mark.parametrize(
    ("kind", "looks_again"), [("ScriptError", True), ("SourceError", True), ("AuthenticationError", False)]
)
def test_search_runs_again_only_if_the_source_was_at_fault(
    folder: RunFolder, kind: str, looks_again: bool
) -> None:
    failed = finished(folder, "search", "transcribe").save(
        {"process": "failed"}, {"process": StageRecord(error=ErrorReport(kind, "It failed"))}
    )
    assert ("search" in runs(failed)) is looks_again
    assert "process" in runs(failed)


def test_publishing_elsewhere_rebuilds_nothing(folder: RunFolder) -> None:
    done = finished(folder, *ALL)
    records = {
        name: replace(done.record(name), published={"folder": "file:///there"}) for name in ("upload", "shorts")
    }
    begun = done.save({"upload": None, "shorts": None}, records)
    other = replace(DEFAULTS, settings={**DEFAULTS.settings, "style": "classic", "target_seconds": 300.0})
    assert runs(begun, other) == ("upload", "shorts")
    half = begun.save({"upload": "success"}, {})
    assert runs(half, other) == ("shorts",)
