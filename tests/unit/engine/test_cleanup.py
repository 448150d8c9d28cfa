"""Removing files from run folders, after runs of small stages."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pressrun.engine.batch import run_batch
from pressrun.engine.batch_spec import BatchSpec
from pressrun.engine.cleanup import Cleaner, NotRemovable, Removable, remove_intermediates
from pressrun.engine.plan import make_plan
from pressrun.model.book import Book
from pressrun.model.plan import ServiceChoice
from pressrun.model.reason import ReasonKind
from pressrun.settings import load_settings
from pressrun.store.locks import book_lock
from pressrun.store.workspace import Workspace
from pressrun.testing.pipeline import TINY
from pressrun.wording import sentence

GOES = {"voice.wav", "video.mp4", "short.mp4"}


@pytest.fixture(scope="module")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which Emma is published."""
    root = tmp_path_factory.mktemp("published")
    choices = [ServiceChoice(kind, "folder", "") for kind in ("source", "writer", "voice", "publisher")]
    settings = load_settings(root, {"delay": 0}, environment={})
    spec = BatchSpec(Workspace(root), TINY, settings)
    assert run_batch(make_plan((Book("Emma"),), spec, choices), spec)
    return root


@pytest.fixture
def cleaner(published_once: Path, tmp_path: Path) -> Cleaner:
    shutil.copytree(published_once, tmp_path / "w")
    return Cleaner(Workspace(tmp_path / "w"), TINY)


def emma(cleaner: Cleaner) -> Path:
    """The folder of the run that is done."""
    return max(path for path in cleaner.folders() if path.name.endswith("_Emma"))


def edit(path: Path, change: Callable[[Any], None]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def changed_entry(cleaner: Cleaner, **fields: object) -> None:
    edit(cleaner.workspace.database, lambda content: content["books"][0].update(fields))


def names(found: Removable | NotRemovable | None) -> set[str]:
    assert isinstance(found, Removable), found
    return {path.name for path in found.paths}


def test_of_a_published_book_sound_and_video_go_and_all_else_stays(cleaner: Cleaner) -> None:
    folder = emma(cleaner)
    for place in (".render", "preview", "tts.parts", "upload.parts"):
        (folder / place).mkdir()
        (folder / place / "piece").write_bytes(b"x" * 100)
    before = {path.name for path in folder.iterdir()}
    found = cleaner.inspect(folder)
    goes = GOES | {".render", "preview", "tts.parts"}
    assert names(found) == goes
    assert isinstance(found, Removable)
    assert found.reason.kind is ReasonKind.RUN_PUBLISHED
    assert cleaner.remove(found) == found.size > 300
    assert {path.name for path in folder.iterdir()} == before - goes
    assert cleaner.inspect(folder) is None


def test_looking_changes_nothing(cleaner: Cleaner) -> None:
    def state() -> list[tuple[str, int]]:
        return sorted((str(path), path.lstat().st_mtime_ns) for path in cleaner.workspace.root.rglob("*"))

    before = state()
    cleaner.inspect(emma(cleaner))
    cleaner.open_markers()
    assert state() == before


@pytest.mark.parametrize("state", [None, "failed"])
@pytest.mark.parametrize("stage", ["search", "render", "upload", "shorts"])
def test_a_book_with_a_stage_to_do_keeps_everything(cleaner: Cleaner, stage: str, state: str | None) -> None:
    edit(emma(cleaner) / "summary.json", lambda content: content.update({stage: state}))
    found = cleaner.inspect(emma(cleaner))
    assert isinstance(found, NotRemovable)
    assert sentence(found.reason) == f"not finished: {stage} has not run"


def test_a_book_with_an_unresolved_upload_keeps_everything(cleaner: Cleaner) -> None:
    error = {"kind": "UploadUnknownError", "message": "Nobody knows"}
    edit(emma(cleaner) / "summary.json", lambda content: content.update(upload="failed"))
    edit(emma(cleaner) / "stages.json", lambda content: content["upload"].update(error=error))
    found = cleaner.inspect(emma(cleaner))
    assert isinstance(found, NotRemovable)
    assert "unknown whether it was published" in sentence(found.reason)


def test_a_receipt_without_an_address_and_a_published_file_that_is_gone_keep_everything(cleaner: Cleaner) -> None:
    receipt = emma(cleaner) / "upload.json"
    published = cleaner.workspace.root / "a film.mp4"
    published.touch()
    edit(receipt, lambda content: content.update(url=published.as_uri()))
    assert isinstance(cleaner.inspect(emma(cleaner)), Removable)
    published.unlink()
    for found in (cleaner.inspect(emma(cleaner)), receipt.unlink() or cleaner.inspect(emma(cleaner))):
        assert isinstance(found, NotRemovable), found
        assert sentence(found.reason).startswith(("the published file no longer exists", "upload.json does not"))


def test_a_video_that_was_rebuilt_and_not_published_stays(cleaner: Cleaner) -> None:
    edit(
        emma(cleaner) / "stages.json",
        lambda content: content["render"]["outputs"]["video.mp4"].update(sha256="another"),
    )
    found = cleaner.inspect(emma(cleaner))
    assert isinstance(found, NotRemovable)
    assert sentence(found.reason) == "rebuilt since it was published"


def test_a_book_that_is_worked_on_is_left(cleaner: Cleaner) -> None:
    found = cleaner.inspect(emma(cleaner))
    assert isinstance(found, Removable)
    with book_lock(cleaner.workspace.locks, Book("Emma")):
        assert cleaner.remove(found) is None
    assert (emma(cleaner) / "voice.wav").exists()


def test_what_changed_since_it_was_shown_is_not_removed(cleaner: Cleaner) -> None:
    found = cleaner.inspect(emma(cleaner))
    assert isinstance(found, Removable)
    edit(emma(cleaner) / "summary.json", lambda content: content.update(render=None))
    assert cleaner.remove(found) == 0
    assert (emma(cleaner) / "voice.wav").exists()


def older(cleaner: Cleaner, published: bool) -> Path:
    """An older run folder of the same book, which sent something or not."""
    path = cleaner.workspace.runs / "2020-01-01_00-00-00_Emma"
    shutil.copytree(emma(cleaner), path)
    if not published:
        edit(path / "summary.json", lambda content: content.update(upload=None, shorts=None))
        edit(path / "stages.json", lambda content: [content.pop(name) for name in ("upload", "shorts")])
    return path


def test_an_older_run_that_sent_nothing_goes_whole(cleaner: Cleaner) -> None:
    path = older(cleaner, published=False)
    found = cleaner.inspect(path)
    assert isinstance(found, Removable)
    assert (found.reason.kind, found.paths) == (ReasonKind.RUN_SUPERSEDED, (path,))
    assert cleaner.remove(found)
    assert not path.exists()
    assert cleaner.database.find(Book("Emma"))


def test_an_older_run_that_published_keeps_its_receipts(cleaner: Cleaner) -> None:
    assert names(cleaner.inspect(older(cleaner, published=True))) == GOES


def test_an_older_run_stays_while_the_newer_is_not_done(cleaner: Cleaner) -> None:
    path = older(cleaner, published=False)
    changed_entry(cleaner, status="processing")
    assert isinstance(cleaner.inspect(path), NotRemovable)
    changed_entry(cleaner, status="done", run_folder="runs/gone")
    assert isinstance(cleaner.inspect(path), NotRemovable)
    changed_entry(cleaner, run_folder=cleaner.workspace.relative(path))
    assert isinstance(cleaner.inspect(path), NotRemovable)


def test_partial_files_go_and_the_rest_of_that_run_stays(cleaner: Cleaner) -> None:
    folder = emma(cleaner)
    edit(folder / "summary.json", lambda content: content.update(render=None))
    (folder / "video.part.mp4").write_bytes(b"x" * 50)
    found = cleaner.inspect(folder)
    assert isinstance(found, Removable)
    assert (found.reason.kind, names(found), found.size) == (ReasonKind.PARTIAL_FILES, {"video.part.mp4"}, 50)


def test_a_folder_killed_as_it_began_goes_after_an_hour(cleaner: Cleaner) -> None:
    path = cleaner.workspace.runs / "2026-01-01_00-00-00_Dune"
    path.mkdir()
    assert cleaner.inspect(path) is None
    os.utime(path, (time.time() - 4000,) * 2)
    found = cleaner.inspect(path)
    assert isinstance(found, Removable)
    assert found.reason.kind is ReasonKind.RUN_NEVER_STARTED
    cleaner.remove(found)
    assert not path.exists()


def test_links_foreign_folders_and_broken_ones_are_left(cleaner: Cleaner, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (cleaner.workspace.runs / "2020-01-01_00-00-00_Linked").symlink_to(tmp_path / "elsewhere")
    (cleaner.workspace.runs / "my-notes").mkdir()
    assert cleaner.folders() == [emma(cleaner)]
    (emma(cleaner) / "stages.json").write_text("{")
    assert isinstance(cleaner.inspect(emma(cleaner)), NotRemovable)


def test_a_link_in_place_of_a_product_is_removed_and_its_target_stays(cleaner: Cleaner, tmp_path: Path) -> None:
    precious = tmp_path / "precious.mp4"
    precious.write_bytes(b"x" * 500)
    video = emma(cleaner) / "video.mp4"
    video.unlink()
    video.symlink_to(precious)
    found = cleaner.inspect(emma(cleaner))
    assert isinstance(found, Removable)
    cleaner.remove(found)
    assert not video.is_symlink()
    assert precious.stat().st_size == 500


def test_markers_of_open_publications_are_known(cleaner: Cleaner) -> None:
    assert cleaner.open_markers() == set()
    edit(emma(cleaner) / "summary.json", lambda content: content.update(upload=None))
    item = json.loads((emma(cleaner) / "item.json").read_text())["id"]
    assert cleaner.open_markers() == {f"{item}-upload-1"}


def test_intermediates_of_one_published_book_are_removed_and_nothing_else(cleaner: Cleaner) -> None:
    where = cleaner.workspace.relative(emma(cleaner))
    other = older(cleaner, published=True)
    assert remove_intermediates(cleaner.workspace, TINY, where) > 0
    assert not (cleaner.workspace.root / where / "video.mp4").exists()
    assert (other / "video.mp4").exists()
    assert remove_intermediates(cleaner.workspace, TINY, where) == 0
