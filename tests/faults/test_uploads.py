"""Uploads that are killed and cut off: the short form of `bench.upload_once`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_whatever_happens_to_an_upload_there_is_one_video(tmp_path: Path) -> None:
    results = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench.upload_once", "--short", "--json", results],
        cwd=ROOT, capture_output=True, text=True, timeout=150,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    figures = {each["name"]: each["measured"] for each in json.loads(results.read_text())["figures"]}
    assert figures["trials"] >= 9
    assert figures["videos made twice"] == 0
    assert figures["never done"] == 0
