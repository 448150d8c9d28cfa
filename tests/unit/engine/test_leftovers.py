"""What may go from run folders, on real runs of small stages."""

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
from pressrun.engine.leftovers import Kept, Leftover, Sweep, tidy
from pressrun.engine.plan import make_plan
from pressrun.model.book import Book
from pressrun.model.plan import RunOptions, ServiceChoice
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
    plan = make_plan((Book("Emma"),), Workspace(root), TINY, settings, RunOptions(), choices)
    assert run_batch(plan, Workspace(root), TINY, settings, RunOptions())
    return root


@pytest.fixture
def sweep(published_once: Path, tmp_path: Path) -> Sweep:
    shutil.copytree(published_once, tmp_path / "w")
    return Sweep(Workspace(tmp_path / "w"), TINY)


def emma(sweep: Sweep) -> Path:
    """The folder of the run that is done."""
    return max(path for path in sweep.folders() if path.name.endswith("_Emma"))


def edit(path: Path, change: Callable[[Any], None]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def changed_entry(sweep: Sweep, **fields: object) -> None:
    edit(sweep.workspace.database, lambda content: content["books"][0].update(fields))


def names(found: Leftover | Kept | None) -> set[str]:
    assert isinstance(found, Leftover), found
    return {path.name for path in found.paths}


def test_of_a_published_book_sound_and_video_go_and_all_else_stays(sweep: Sweep) -> None:
    folder = emma(sweep)
    for place in (".render", "preview", "tts.parts", "upload.parts"):
        (folder / place).mkdir()
        (folder / place / "piece").write_bytes(b"x" * 100)
    before = {path.name for path in folder.iterdir()}
    found = sweep.look(folder)
    goes = GOES | {".render", "preview", "tts.parts"}
    assert names(found) == goes
    assert isinstance(found, Leftover)
    assert found.reason.kind is ReasonKind.RUN_PUBLISHED
    assert sweep.remove(found) == found.size > 300
    assert {path.name for path in folder.iterdir()} == before - goes
    assert sweep.look(folder) is None


def test_looking_changes_nothing(sweep: Sweep) -> None:
    def state() -> list[tuple[str, int]]:
        return sorted((str(path), path.lstat().st_mtime_ns) for path in sweep.workspace.root.rglob("*"))

    before = state()
    sweep.look(emma(sweep))
    sweep.open_markers()
    assert state() == before


@pytest.mark.parametrize("state", [None, "failed"])
@pytest.mark.parametrize("stage", ["search", "render", "upload", "shorts"])
def test_a_book_with_a_stage_to_do_keeps_everything(sweep: Sweep, stage: str, state: str | None) -> None:
    edit(emma(sweep) / "summary.json", lambda content: content.update({stage: state}))
    found = sweep.look(emma(sweep))
    assert isinstance(found, Kept)
    assert sentence(found.reason) == f"not finished: {stage} has not been done"


def test_a_book_of_which_nobody_knows_whether_it_was_published_keeps_everything(sweep: Sweep) -> None:
    error = {"kind": "UploadUnknownError", "message": "Nobody knows"}
    edit(emma(sweep) / "summary.json", lambda content: content.update(upload="failed"))
    edit(emma(sweep) / "stages.json", lambda content: content["upload"].update(error=error))
    found = sweep.look(emma(sweep))
    assert isinstance(found, Kept)
    assert "not known whether it was published" in sentence(found.reason)


def test_a_receipt_without_an_address_and_a_published_file_that_is_gone_keep_everything(sweep: Sweep) -> None:
    receipt = emma(sweep) / "upload.json"
    published = sweep.workspace.root / "a film.mp4"
    published.touch()
    edit(receipt, lambda content: content.update(url=published.as_uri()))
    assert isinstance(sweep.look(emma(sweep)), Leftover)
    published.unlink()
    for found in (sweep.look(emma(sweep)), receipt.unlink() or sweep.look(emma(sweep))):
        assert isinstance(found, Kept), found
        assert sentence(found.reason).startswith(("what was published is not there", "upload.json, which says where"))


def test_a_video_that_was_made_anew_and_not_published_stays(sweep: Sweep) -> None:
    edit(
        emma(sweep) / "stages.json",
        lambda content: content["render"]["outputs"]["video.mp4"].update(sha256="another"),
    )
    found = sweep.look(emma(sweep))
    assert isinstance(found, Kept)
    assert sentence(found.reason) == "made anew since it was published"


def test_a_book_that_is_worked_on_is_left(sweep: Sweep) -> None:
    found = sweep.look(emma(sweep))
    assert isinstance(found, Leftover)
    with book_lock(sweep.workspace.locks, Book("Emma")):
        assert sweep.remove(found) is None
    assert (emma(sweep) / "voice.wav").exists()


def test_what_changed_since_it_was_shown_is_not_removed(sweep: Sweep) -> None:
    found = sweep.look(emma(sweep))
    assert isinstance(found, Leftover)
    edit(emma(sweep) / "summary.json", lambda content: content.update(render=None))
    assert sweep.remove(found) == 0
    assert (emma(sweep) / "voice.wav").exists()


def older(sweep: Sweep, published: bool) -> Path:
    """An older run folder of the same book, which sent something or not."""
    path = sweep.workspace.runs / "2020-01-01_00-00-00_Emma"
    shutil.copytree(emma(sweep), path)
    if not published:
        edit(path / "summary.json", lambda content: content.update(upload=None, shorts=None))
        edit(path / "stages.json", lambda content: [content.pop(name) for name in ("upload", "shorts")])
    return path


def test_an_older_run_that_sent_nothing_goes_whole(sweep: Sweep) -> None:
    path = older(sweep, published=False)
    found = sweep.look(path)
    assert isinstance(found, Leftover)
    assert (found.reason.kind, found.paths) == (ReasonKind.RUN_SUPERSEDED, (path,))
    assert sweep.remove(found)
    assert not path.exists()
    assert sweep.database.find(Book("Emma"))


def test_an_older_run_that_published_keeps_its_receipts(sweep: Sweep) -> None:
    assert names(sweep.look(older(sweep, published=True))) == GOES


def test_an_older_run_stays_while_the_newer_is_not_done(sweep: Sweep) -> None:
    path = older(sweep, published=False)
    changed_entry(sweep, status="processing")
    assert isinstance(sweep.look(path), Kept)
    changed_entry(sweep, status="done", run_folder="runs/gone")
    assert isinstance(sweep.look(path), Kept)
    changed_entry(sweep, run_folder=sweep.workspace.relative(path))
    assert isinstance(sweep.look(path), Kept)


def test_half_made_files_go_and_the_rest_of_that_run_stays(sweep: Sweep) -> None:
    folder = emma(sweep)
    edit(folder / "summary.json", lambda content: content.update(render=None))
    (folder / "video.part.mp4").write_bytes(b"x" * 50)
    found = sweep.look(folder)
    assert isinstance(found, Leftover)
    assert (found.reason.kind, names(found), found.size) == (ReasonKind.PARTIAL_FILES, {"video.part.mp4"}, 50)


def test_a_folder_killed_as_it_began_goes_after_an_hour(sweep: Sweep) -> None:
    path = sweep.workspace.runs / "2026-01-01_00-00-00_Dune"
    path.mkdir()
    assert sweep.look(path) is None
    os.utime(path, (time.time() - 4000,) * 2)
    found = sweep.look(path)
    assert isinstance(found, Leftover)
    assert found.reason.kind is ReasonKind.RUN_NEVER_STARTED
    sweep.remove(found)
    assert not path.exists()


def test_links_foreign_folders_and_broken_ones_are_left(sweep: Sweep, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (sweep.workspace.runs / "2020-01-01_00-00-00_Linked").symlink_to(tmp_path / "elsewhere")
    (sweep.workspace.runs / "my-notes").mkdir()
    assert sweep.folders() == [emma(sweep)]
    (emma(sweep) / "stages.json").write_text("{")
    assert isinstance(sweep.look(emma(sweep)), Kept)


def test_a_link_in_place_of_a_product_is_removed_and_what_it_leads_to_stays(sweep: Sweep, tmp_path: Path) -> None:
    precious = tmp_path / "precious.mp4"
    precious.write_bytes(b"x" * 500)
    video = emma(sweep) / "video.mp4"
    video.unlink()
    video.symlink_to(precious)
    found = sweep.look(emma(sweep))
    assert isinstance(found, Leftover)
    sweep.remove(found)
    assert not video.is_symlink()
    assert precious.stat().st_size == 500


def test_markers_of_what_may_still_be_published_are_known(sweep: Sweep) -> None:
    assert sweep.open_markers() == set()
    edit(emma(sweep) / "summary.json", lambda content: content.update(upload=None))
    item = json.loads((emma(sweep) / "item.json").read_text())["id"]
    assert sweep.open_markers() == {f"{item}-upload-1"}


def test_tidy_removes_of_one_book_and_of_no_other_kind(sweep: Sweep) -> None:
    where = sweep.workspace.relative(emma(sweep))
    other = older(sweep, published=True)
    assert tidy(sweep.workspace, TINY, where) > 0
    assert not (sweep.workspace.root / where / "video.mp4").exists()
    assert (other / "video.mp4").exists()
    assert tidy(sweep.workspace, TINY, where) == 0
