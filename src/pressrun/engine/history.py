"""Record what past runs took: a sample of each successful stage, with its input size, its duration and its products.

The newest samples of each stage are stored in `runs/.estimates.json`.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pressrun.engine.batch_spec import BatchSpec
from pressrun.errors import BrokenFileError, PressrunError
from pressrun.model.result import BatchResult
from pressrun.model.stage import Pipeline, Stage
from pressrun.store import json_files
from pressrun.store.run_folder import STAGES, StageRecord
from pressrun.store.workspace import Workspace

FILE = ".estimates.json"
MAX_SAMPLES = 60
"""Stored samples per stage; the oldest are dropped."""
NEAREST_SAMPLES = 9
"""Samples for a median, so that one slow night does not count."""
MAX_FOLDERS_READ = 40
"""Newest run folders to read if there is no file of samples yet; reading them takes about 40 ms."""


@dataclass(frozen=True)
class Sample:
    """A stage that succeeded. The names of the fields are keys of the stored file."""

    stage: str
    like: str
    """The `config_hash` of the stage; samples with the same one predict best."""
    read: int
    """Bytes of the files that the stage needed."""
    seconds: float
    made: dict[str, int]
    """File -> bytes."""
    published: int = 0
    """Bytes of a copy that was published to a folder on this machine."""


@dataclass
class History:
    """The samples of a workspace."""

    samples: list[Sample] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._by_stage: dict[str, list[Sample]] = {}
        for each in self.samples:
            self._by_stage.setdefault(each.stage, []).append(each)

    def nearest(self, stage: Stage, hashed: str, size: int | None) -> list[Sample]:
        """Return the samples to judge by: of the same config if there are any, and of about `size` bytes if known."""
        known = self._by_stage.get(stage.name, [])
        known = [each for each in known if each.like == hashed] or known
        if size is not None:
            wanted = size + 1
            known = sorted(known, key=lambda each: abs(math.log((each.read + 1) / wanted)))
        return known[:NEAREST_SAMPLES]


def config_hash(version: int, settings: Mapping[str, Any], services: Mapping[str, str]) -> str:
    """Return a short hash of what, besides its input, decides how long a stage takes."""
    text = json.dumps([version, settings, services], sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def load_history(workspace: Workspace, pipeline: Pipeline) -> History:
    """Read the samples of the workspace. An unreadable file counts as empty, because estimates are only a help."""
    path = workspace.runs / FILE
    try:
        if path.exists():
            return History(json_files.load(path, list[Sample]))
        names = sorted((each.name for each in workspace.runs.iterdir() if each.name[:1].isdigit()), reverse=True)
    except (BrokenFileError, OSError):
        return History()
    folders = [workspace.runs / name for name in names[:MAX_FOLDERS_READ]]
    return History([sample for folder in reversed(folders) for sample in read_samples(folder, pipeline)])


def record_samples(workspace: Workspace, pipeline: Pipeline, folders: Iterable[str], since: str) -> int:
    """Store samples of the stages that ran in `folders` since a moment (ISO 8601, UTC).

    Return the bytes that those stages wrote. A file that cannot be written only makes later estimates worse.
    """
    new = [sample for folder in folders for sample in read_samples(workspace.root / folder, pipeline, since)]
    if new:
        by_stage: dict[str, list[Sample]] = {}
        for each in [*load_history(workspace, pipeline).samples, *new]:
            by_stage.setdefault(each.stage, []).append(each)
        with suppress(OSError, PressrunError):
            # Without a file yet, load_history has read the same folders, so samples may be doubled.
            distinct = [list({repr(each): each for each in samples}.values()) for samples in by_stage.values()]
            json_files.save(workspace.runs / FILE, [each for samples in distinct for each in samples[-MAX_SAMPLES:]])
    return sum(sum(each.made.values()) + each.published for each in new)


def record_batch(result: BatchResult, spec: BatchSpec, started: datetime) -> int:
    """Store samples of the stages that ran in a batch; return the bytes that they wrote."""
    folders = [each.run_folder for each in result.books if each.run_folder and each.seconds]
    since = started.astimezone(UTC).isoformat(timespec="seconds")
    return record_samples(spec.workspace, spec.pipeline, folders, since)


def read_samples(folder: Path, pipeline: Pipeline, since: str = "") -> list[Sample]:
    """Return samples of the stages of a run folder that succeeded and started at `since` or later."""
    try:
        records = json_files.load(folder / STAGES, dict[str, StageRecord])
    except (BrokenFileError, OSError):
        return []
    sizes = {name: output.size for record in records.values() for name, output in record.outputs.items()}
    samples = []
    for stage in pipeline.stages:
        record = records.get(stage.name)
        known = record.fingerprint if record else None
        if record is None or known is None or record.error or (record.started or "") < since:
            continue
        with suppress(KeyError):  # a need that no stage recorded, or a setting that the stage did not read then
            named = stage.with_settings(known.settings)
            samples.append(
                Sample(
                    stage.name,
                    config_hash(known.version, known.settings, known.services),
                    sum(sizes[name] for name in named.needs),
                    record.seconds,
                    {name: output.size for name, output in record.outputs.items()},
                    _published_bytes(folder, named),
                )
            )
    return samples


def _published_bytes(folder: Path, stage: Stage) -> int:
    """Return the bytes of the file that the stage published into a folder of this machine."""
    if not stage.receipt:
        return 0
    with suppress(BrokenFileError, KeyError, TypeError, ValueError):
        address = urlsplit(str(json_files.load_plain(folder / stage.receipt)["url"]))
        path = Path(unquote(address.path))
        if address.scheme == "file" and path.is_file():
            return path.stat().st_size
    return 0
