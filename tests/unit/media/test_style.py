"""Looks as data."""

from __future__ import annotations

import pytest

from pressrun.errors import SettingsError
from pressrun.media.style import STYLES, seed_of, style_named


def test_an_unknown_style_names_those_there_are() -> None:
    with pytest.raises(SettingsError, match='"baroque"') as caught:
        style_named("baroque")
    assert all(name in caught.value.remedy for name in STYLES)


def test_a_seed_is_the_same_on_every_machine() -> None:
    assert seed_of("Walden") == 0x3B24_38D1_4416
    assert seed_of("Walden") != seed_of("walden")
