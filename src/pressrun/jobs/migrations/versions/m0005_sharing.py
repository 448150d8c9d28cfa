"""Fair sharing between owners, and what progress and durations count."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(Path(__file__).with_name("0005_sharing.sql").read_text(encoding="utf-8"))
