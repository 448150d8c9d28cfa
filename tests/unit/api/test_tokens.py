"""Who may ask: tokens are made and read with one key, and nothing else passes."""

from __future__ import annotations

import base64
import json
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jwt
import pytest

from pressrun.api.tokens import Identity, create_token, read_token
from pressrun.errors import SettingsError, TokenError, UsageError
from pressrun.jobs.signing import key_file, signing_key
from pressrun.redaction import SecretText

KEY = SecretText("0123456789abcdef0123456789abcdef")
OTHER = SecretText("another key that is as long as it must be, and longer")
CLAIMS = {"sub": "anna", "aud": "pressrun", "exp": int(time.time()) + 600}


def signed(claims: dict[str, Any], key: SecretText = KEY, algorithm: str = "HS256", **headers: Any) -> str:
    return jwt.encode(claims, key.reveal(), algorithm=algorithm, headers=headers or None)


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, claims))
    return ".".join([*parts, ""])


@pytest.mark.parametrize("project", [None, "north"])
def test_a_token_says_who_it_was_made_for_and_how_long_it_is_good(project: str | None) -> None:
    read = read_token(create_token("Anna Å", project, 2, key=KEY), KEY)
    assert (read.user, read.project) == ("Anna Å", project)
    assert read.expires == pytest.approx(time.time() + 7200, abs=5)


def test_a_token_of_the_least_there_must_be_is_taken() -> None:
    assert read_token(signed(CLAIMS), KEY) == Identity("anna", None, CLAIMS["exp"])


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        "é.é.é",
        "." * 5000,
        signed(CLAIMS, OTHER),
        signed(CLAIMS, OTHER, algorithm="HS384"),
        signed(CLAIMS)[:-4] + "AAAA",
        unsigned({"alg": "none", "typ": "JWT"}, CLAIMS),
        unsigned({"alg": "HS256", "typ": "JWT"}, CLAIMS),
        signed(CLAIMS, crit=["b64"], b64=False),
        signed(CLAIMS | {"exp": int(time.time()) - 1}),
        signed(CLAIMS | {"aud": "elsewhere"}),
        signed(CLAIMS | {"nbf": int(time.time()) + 600}),
        signed(CLAIMS | {"exp": "soon"}),
        signed(CLAIMS | {"sub": ""}),
        signed(CLAIMS | {"sub": "a\u0000b"}),
        signed(CLAIMS | {"sub": "x" * 201}),
        signed(CLAIMS | {"project": 7}),
        signed(CLAIMS | {"project": ""}),
        *(signed({name: value for name, value in CLAIMS.items() if name != missing}) for missing in CLAIMS),
    ],
)
def test_whatever_is_not_our_token_is_rejected(token: str) -> None:
    with pytest.raises(TokenError) as caught:
        read_token(token, KEY)
    assert "pressrun token create" in caught.value.remedy
    assert KEY.reveal() not in str(caught.value)


@pytest.mark.parametrize(
    ("user", "hours"), [("", 1), (" anna", 1), ("a\nb", 1), ("x" * 201, 1), ("anna", 0), ("anna", 9e9)]
)
def test_a_token_for_nobody_or_for_ever_is_not_made(user: str, hours: float) -> None:
    with pytest.raises(UsageError):
        create_token(user, None, hours, key=KEY)


def test_a_key_is_made_once_for_all_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    environment = {"PRESSRUN_DATABASE_DIR": str(tmp_path / "data" / "database")}
    with ThreadPoolExecutor(8) as pool:
        keys = {key.reveal() for key in pool.map(lambda _: signing_key(environment), range(8))}
    assert len(keys) == 1
    file = key_file(environment)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert len(keys.pop()) >= 64


def test_the_key_of_the_environment_goes_first(tmp_path: Path) -> None:
    environment = {"PRESSRUN_API_SECRET": "e" * 32, "PRESSRUN_DATABASE_DIR": str(tmp_path / "database")}
    assert signing_key(environment).reveal() == "e" * 32
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_is_too_short_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PRESSRUN_API_SECRET has fewer than 32 bytes"):
        signing_key({"PRESSRUN_API_SECRET": "secret"})
    environment = {"PRESSRUN_DATABASE_DIR": str(tmp_path / "database")}
    key_file(environment).write_text("")
    with pytest.raises(SettingsError, match=r"database\.api-key has fewer than 32 bytes"):
        signing_key(environment)


def test_a_key_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    environment = {"PRESSRUN_DATABASE_DIR": str(tmp_path / "database")}
    key_file(environment).mkdir()
    with pytest.raises(SettingsError, match=r"cannot be used: Is a directory"):
        signing_key(environment)
