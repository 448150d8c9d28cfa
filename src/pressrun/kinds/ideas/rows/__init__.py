"""Turn the rows of a sheet, a CSV or a request into ideas: each row is accepted, or rejected with the reason."""

from __future__ import annotations

from pressrun.kinds.ideas.rows.fields import FIELDS, SheetFormat, ValidationLevel
from pressrun.kinds.ideas.rows.model import Correction, RejectedRow, Row, RowIdea, Rows
from pressrun.kinds.ideas.rows.reading import Reading, read_cells, read_csv, read_list

__all__ = [
    "FIELDS", "Correction", "Reading", "RejectedRow", "Row", "RowIdea", "Rows", "SheetFormat", "ValidationLevel",
    "read_cells", "read_csv", "read_list",
]
