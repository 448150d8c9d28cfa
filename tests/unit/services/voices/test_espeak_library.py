"""The data of the library, found even where its path is longer than the library can keep."""

from __future__ import annotations

from pathlib import Path

from pressrun.services.voices.espeak_library import _short_path


def test_a_long_path_is_reached_by_a_short_link(tmp_path: Path) -> None:
    data = tmp_path / ("deep" * 40) / "espeak-ng-data"
    data.mkdir(parents=True)
    (data / "phontab").write_text("x")
    link = _short_path(data)
    assert len(str(link)) < len(str(data))
    assert (link / "phontab").read_text() == "x"


def test_a_short_path_is_used_as_it_is() -> None:
    assert _short_path(Path("/usr/share/data")) == Path("/usr/share/data")
