"""`pressrun auth youtube`, the real command, on a console."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.loopback.google_sheets import REFRESH, google_sheets
from tests.loopback.youtube_api import youtube_api

from pressrun.services.publishers.youtube.token import SCOPES

PRESSRUN = Path(sys.executable).with_name("pressrun")


def auth(folder: Path, answer: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PRESSRUN, "auth", "youtube", "--console"], input=answer, capture_output=True, text=True, timeout=60,
        env={**os.environ, "PRESSRUN_YOUTUBE_TOKEN_FILE": str(folder / "private" / "token.json"),
             "PRESSRUN_YOUTUBE_CLIENT_FILE": str(folder / "client.json"), "OAUTHLIB_INSECURE_TRANSPORT": "1",
             "COLUMNS": "200", **environment},
    )


def test_it_says_where_the_token_is_and_how_long_it_lives(tmp_path: Path) -> None:
    with youtube_api() as server:
        server.token_reply[1]["scope"] = " ".join(SCOPES)
        app = {"client_id": "client", "client_secret": "client-canary-01fe", "redirect_uris": ["http://localhost"],
               "auth_uri": f"{server.address}auth", "token_uri": f"{server.address}token"}
        (tmp_path / "client.json").write_text(json.dumps({"installed": app}))
        done = auth(tmp_path, "code-canary-9\n", PRESSRUN_YOUTUBE_API=server.address)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "Signed in to the channel A channel." in done.stderr
    assert "after 7 days" in done.stderr
    token = tmp_path / "private" / "token.json"
    assert str(token) in done.stderr
    assert token.stat().st_mode & 0o777 == 0o600
    assert "canary" not in done.stderr


def test_without_a_client_it_names_the_steps_and_ends_with_exit_code_2(tmp_path: Path) -> None:
    done = auth(tmp_path, "")
    assert done.returncode == 2
    assert "first-upload.md" in done.stderr
    assert "Traceback" not in done.stderr


def test_signing_in_to_sheets_stores_a_token_that_reads_them(tmp_path: Path) -> None:
    with google_sheets() as server:
        app = {"client_id": "client", "client_secret": "secret-canary", "redirect_uris": ["http://localhost"],
               "auth_uri": f"{server.address}auth", "token_uri": f"{server.address}token"}
        (tmp_path / "client.json").write_text(json.dumps({"installed": app}))
        token = tmp_path / "private" / "token.json"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PRESSRUN_")} | {
            "PRESSRUN_SHEETS_TOKEN_FILE": str(token), "PRESSRUN_SHEETS_CLIENT_FILE": str(tmp_path / "client.json"),
            "OAUTHLIB_INSECURE_TRANSPORT": "1", "COLUMNS": "200",
        }
        done = subprocess.run(
            [PRESSRUN, "auth", "sheets", "--console"], input="code-canary-9\n", capture_output=True, text=True,
            timeout=60, env=environment,
        )
    assert done.returncode == 0, done.stderr
    assert str(token) in done.stderr
    assert json.loads(token.read_text())["refresh_token"] == REFRESH
    assert token.stat().st_mode & 0o777 == 0o600
    assert "canary" not in done.stdout + done.stderr
