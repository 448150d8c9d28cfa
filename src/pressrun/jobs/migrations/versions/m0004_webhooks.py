"""The delivery state of webhooks, the secrets that sign them, and URLs that no longer want them."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(Path(__file__).with_name("0004_webhooks.sql").read_text(encoding="utf-8"))
