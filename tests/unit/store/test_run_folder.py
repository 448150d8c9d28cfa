"""A run folder is created completely, found by title, and resumed only from what it records."""

from __future__ import annotations

import errno
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from pressrun.errors import BrokenFileError, ErrorReport, NoSpaceError
from pressrun.model.book import Book
from pressrun.store import run_folder
from pressrun.store.run_folder import Fingerprint, Output, RunFolder, RunIndex, StageRecord
from pressrun.store.workspace import Workspace

STAGES = ("search", "tts", "upload")


def create(root: Path, title: str = "Emma", author: str | None = "Jane Austen") -> RunFolder:
    return run_folder.create(
        Workspace(root), Book(title, author), "book-video", STAGES, {"fps": 30}, {"voice": "espeak"}
    )


def plain(path: Path) -> Any:
    return json.loads(path.read_bytes())


def test_a_new_folder_is_named_by_time_and_title_and_has_its_first_files(tmp_path: Path) -> None:
    folder = create(tmp_path)
    assert folder.path.parent == tmp_path / "runs"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_Emma", folder.path.name)
    assert sorted(os.listdir(folder.path)) == ["item.json", "logs", "output.titles.json", "stages.json", "summary.json"]
    assert plain(folder.path / "output.titles.json") == {"main_title": "Emma", "author_name": "Jane Austen"}
    assert plain(folder.path / "summary.json") == {"search": None, "tts": None, "upload": None}
    item = plain(folder.path / "item.json")
    assert (item["title"], item["settings"], item["services"]) == ("Emma", {"fps": 30}, {"voice": "espeak"})


def test_a_new_folder_has_the_given_files_and_item_id(tmp_path: Path) -> None:
    workspace, given = Workspace(tmp_path), {"wish.json": {"a": 1}}
    folder = run_folder.create(workspace, Book("Emma"), "p", ("a",), {}, {}, given=given, item_id="known")
    assert folder.item.id == "known"
    assert json.loads((folder.path / "wish.json").read_text()) == {"a": 1}


def test_two_folders_of_one_second_have_different_names_and_ids(tmp_path: Path) -> None:
    first, second, third = create(tmp_path), create(tmp_path), create(tmp_path)
    assert len({each.path for each in (first, second, third)}) == 3
    assert len({each.item.id for each in (first, second, third)}) == 3


def test_the_checkpoint_is_flat_and_in_the_order_of_the_stages(tmp_path: Path) -> None:
    folder = create(tmp_path).save({"tts": "failed", "search": "success"}, {})
    assert (folder.path / "summary.json").read_text() == (
        '{\n  "search": "success",\n  "tts": "failed",\n  "upload": null\n}\n'
    )


def test_saved_records_can_be_read(tmp_path: Path) -> None:
    record = StageRecord(
        started="2026-01-01T00:00:00+00:00",
        seconds=1.5,
        attempts=2,
        exit=-9,
        fingerprint=Fingerprint(3, {"fps": 30, "font_dir": ""}, {"voice": "espeak"}, {"a.json": "00"}, {"/x": "11"}),
        outputs={"voice.wav": Output(10, "ab", 5)},
        error=ErrorReport("VoiceError", "no voice", "find one", True),
        publication=2,
    )
    saved = create(tmp_path).save({"tts": "success"}, {"tts": record})
    again = run_folder.read(saved.path, STAGES)
    assert again == saved
    assert again.record("tts") == record
    assert again.record("search") == StageRecord()


def test_records_are_renamed_before_the_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = create(tmp_path)
    renamed: list[str] = []
    replace = Path.replace
    monkeypatch.setattr(Path, "replace", lambda self, to: (renamed.append(to.name), replace(self, to))[1])
    folder.save({"tts": "success"}, {})
    assert renamed == ["stages.json", "summary.json"]


def test_an_incomplete_folder_is_not_resumable(tmp_path: Path) -> None:
    folder = create(tmp_path)
    assert run_folder.is_resumable(folder.path)
    (folder.path / "output.titles.json").unlink()
    assert not run_folder.is_resumable(folder.path)
    assert RunIndex(Workspace(tmp_path)).find(Book("Emma")) == []


@pytest.mark.parametrize("name", ["summary.json", "stages.json"])
def test_without_a_checkpoint_no_stage_is_done(tmp_path: Path, name: str) -> None:
    folder = create(tmp_path).save({"search": "success"}, {"search": StageRecord(attempts=1)})
    (folder.path / name).unlink()
    again = run_folder.read(folder.path, STAGES)
    assert set(again.checkpoint.values()) == {None}
    assert again.records == {}


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("summary.json", "{", "line 1, column 2"),
        ("summary.json", '{"search": "finished"}', "'finished'"),
        ("stages.json", '{"search": {"attempts": "many"}}', "attempts"),
        ("item.json", "[]", "item.json"),
    ],
)
def test_a_broken_file_is_reported_with_a_location(tmp_path: Path, name: str, text: str, what: str) -> None:
    folder = create(tmp_path)
    (folder.path / name).write_text(text)
    with pytest.raises(BrokenFileError) as caught:
        run_folder.read(folder.path, STAGES)
    assert str(folder.path / name) in caught.value.message
    assert what in caught.value.message
    assert caught.value.remedy


def test_unknown_fields_of_a_later_version_are_ignored(tmp_path: Path) -> None:
    folder = create(tmp_path)
    item = plain(folder.path / "item.json")
    (folder.path / "item.json").write_text(json.dumps({**item, "mood": "calm"}))
    assert run_folder.read(folder.path, STAGES).item == folder.item


def test_creating_a_folder_on_a_full_disk_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, *_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(NoSpaceError):
        create(tmp_path)


def test_a_recorded_hash_is_used_until_size_or_time_changes(tmp_path: Path) -> None:
    folder = create(tmp_path)
    product = folder.path / "voice.wav"
    product.write_bytes(b"sound")
    measured = run_folder.measure(product)
    folder = folder.save({}, {"tts": StageRecord(outputs={"voice.wav": Output(5, "as recorded", measured.mtime_ns)})})
    assert folder.sha256("voice.wav") == "as recorded"
    os.utime(product, ns=(0, measured.mtime_ns + 1))
    assert folder.sha256("voice.wav") == measured.sha256


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"url": 7}', "not json"])
def test_a_receipt_without_a_url_gives_none(tmp_path: Path, text: str) -> None:
    folder = create(tmp_path)
    assert folder.receipt_url("upload.json") is None
    (folder.path / "upload.json").write_text(text)
    assert folder.receipt_url("upload.json") is None


def test_a_receipt_gives_its_url(tmp_path: Path) -> None:
    folder = create(tmp_path)
    (folder.path / "upload.json").write_text('{"url": "https://example.org/1"}')
    assert folder.receipt_url("upload.json") == "https://example.org/1"


def test_folders_of_a_book_are_found_newest_first_whatever_the_spelling(tmp_path: Path) -> None:
    first, second = create(tmp_path), create(tmp_path)
    os.rename(first.path, first.path.with_name("2020-01-01_00-00-00_Emma"))  # noqa: PTH104
    create(tmp_path, "Walden")
    index = RunIndex(Workspace(tmp_path))
    for title in ("Emma", "EMMA", " emma "):
        assert [path.name for path in index.find(Book(title))] == [second.path.name, "2020-01-01_00-00-00_Emma"]


def test_a_folder_of_another_author_or_title_is_not_found(tmp_path: Path) -> None:
    create(tmp_path, "Poems", "Ann")
    index = RunIndex(Workspace(tmp_path))
    assert index.find(Book("Poems", "Bea")) == []
    assert len(index.find(Book("Poems", "ANN"))) == len(index.find(Book("Poems"))) == 1
    create(tmp_path, "A/B", None)
    assert RunIndex(Workspace(tmp_path)).find(Book("A B")) == []


def test_titles_that_end_in_a_number_are_distinguished_from_numbered_folders(tmp_path: Path) -> None:
    create(tmp_path, "Emma 2", None)
    index = RunIndex(Workspace(tmp_path))
    assert index.find(Book("Emma")) == []
    assert len(index.find(Book("Emma 2"))) == 1


def test_other_files_in_runs_are_ignored(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "README.md").write_text("x")
    (tmp_path / "runs" / "2026-01-01_00-00-00_Emma").mkdir()
    assert RunIndex(Workspace(tmp_path)).find(Book("Emma")) == []
    assert RunIndex(Workspace(tmp_path / "nowhere")).find(Book("Emma")) == []
