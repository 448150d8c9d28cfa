"""Rows of a sheet, a CSV or a request, turned into ideas: each row is accepted or rejected, with the reason."""

from __future__ import annotations

from pressrun.jobs.rows.fields import FIELDS, SheetFormat, ValidationLevel
from pressrun.jobs.rows.model import Fixed, Problem, Rejected, Row, RowIdea, Rows
from pressrun.jobs.rows.reading import Reading, read_cells, read_csv, read_list

__all__ = [
    "FIELDS", "Fixed", "Problem", "Reading", "Rejected", "Row", "RowIdea", "Rows", "SheetFormat", "ValidationLevel",
    "read_cells", "read_csv", "read_list",
]
