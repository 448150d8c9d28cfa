"""The kind of a batch, and the title and problems of a job, in columns of their own."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(Path(__file__).with_name("0002_kinds.sql").read_text(encoding="utf-8"))
