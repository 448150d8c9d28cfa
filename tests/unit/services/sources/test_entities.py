"""Letters spelled as in HTML, however long the number."""

from __future__ import annotations

import pytest

from pressrun.services.sources.entities import decode_entities


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Tom &amp; Ann", "Tom & Ann"),
        ("&#8212;&#x2014;", "——"),
        ("&#x10FFFF;", ""),
        ("&#99999999;.", "\ufffd."),
        (f"&#{'9' * 5000};.", "\ufffd."),
        (f"&#x{'f' * 5000}.", "\ufffd."),
        ("R&D &nonsense;", "R&D &nonsense;"),
    ],
)
def test_what_names_a_letter_becomes_it_and_what_names_none_a_replacement(written: str, meant: str) -> None:
    assert decode_entities(written) == meant
