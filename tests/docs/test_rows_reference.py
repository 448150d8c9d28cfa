"""docs/reference/rows.md and templates.md match the code."""

from __future__ import annotations

import json
import re
from pathlib import Path

from pressrun.kinds.ideas.request import TemplateChoice
from pressrun.kinds.ideas.rows import FIELDS, SheetFormat, ValidationLevel
from pressrun.kinds.ideas.rows.tables import MAX_CELL_BYTES, MAX_COLUMNS, MAX_ROWS
from pressrun.kinds.ideas.rows.values import MAX_SECONDS, MIN_SECONDS, SHORT_PLATFORMS
from pressrun.kinds.ideas.templates import parse_template

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
ROWS = (REFERENCE / "rows.md").read_text(encoding="utf-8")
TEMPLATES = (REFERENCE / "templates.md").read_text(encoding="utf-8")


def test_the_ten_columns_are_listed_in_their_order() -> None:
    assert tuple(re.findall(r"^\| [A-J] \| `(\w+)`", ROWS, re.MULTILINE)) == FIELDS


def test_limits_and_names_match_the_code() -> None:
    assert f"{MIN_SECONDS} to {MAX_SECONDS} s" in ROWS
    assert f"{MAX_ROWS:,} rows, {MAX_COLUMNS} columns, {MAX_CELL_BYTES:,} bytes" in ROWS
    for word in (*SheetFormat, *ValidationLevel, *SHORT_PLATFORMS):
        assert f"`{word}`" in ROWS


def test_the_example_template_is_valid() -> None:
    choice, file = (json.loads(text) for text in re.findall(r"```json\n(.*?)```", TEMPLATES, re.DOTALL))
    assert TemplateChoice.model_validate(choice["template"]).template_id == parse_template(file).template_id
