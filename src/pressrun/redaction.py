"""Read keys, tokens and cookies, and remove them from text before it is shown or stored.

Secrets come from environment variables or from files, never from command-line arguments. Every secret that is read is
registered, and `redact` replaces all registered secrets in a text.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from pressrun.errors import SettingsError

HIDDEN = "[hidden]"
MIN_LENGTH = 8
"""Characters. Shorter values are not redacted, because they would match parts of ordinary words."""


@dataclass(frozen=True)
class Secret:
    """A secret that Pressrun can use. The first of `variables` that is set provides it."""

    name: str
    variables: tuple[str, ...]
    description: str


SECRETS: dict[str, Secret] = {
    secret.name: secret
    for secret in (
        Secret("gemini", ("PRESSRUN_GEMINI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"), "Gemini API key"),
        Secret("openai", ("PRESSRUN_OPENAI_API_KEY", "OPENAI_API_KEY"), "OpenAI API key"),
        Secret("custom", ("PRESSRUN_LLM_API_KEY",), "API key for the server at llm_url"),
        Secret("speech", ("PRESSRUN_SPEECH_API_KEY",), "API key for the server at speech_url"),
        Secret("sheets", ("PRESSRUN_SHEETS_API_KEY",), "API key that reads Google sheets shared by link"),
        Secret("proxy", ("PRESSRUN_PROXY",), "proxy for the source youtube; may contain a password"),
        Secret("cookies", ("PRESSRUN_COOKIES",), "cookies for the source youtube, in Netscape format"),
        Secret(
            "database",
            ("PRESSRUN_DATABASE_URL", "BATCH_PROCESSOR_DB_URL"),
            "URL of the queue's database; may contain a password",
        ),
        Secret("api", ("PRESSRUN_API_SECRET",), "key that signs API tokens"),
        Secret("notify", ("PRESSRUN_NOTIFY",), "URL to notify when a batch ends"),
        Secret("aws", ("AWS_SECRET_ACCESS_KEY",), "S3 secret key"),
        Secret("aws_session", ("AWS_SESSION_TOKEN",), "S3 session token"),
        Secret("google", ("GOOGLE_SERVICE_ACCOUNT_KEY",), "Google service account key"),
        Secret("google_token", ("GOOGLE_BEARER_TOKEN",), "Google Cloud Storage token"),
        Secret(
            "azure",
            ("AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ACCESS_KEY"),
            "Azure storage account key",
        ),
        Secret("azure_sas", ("AZURE_STORAGE_SAS_TOKEN", "AZURE_STORAGE_SAS_KEY"), "Azure SAS token"),
        Secret("azure_client", ("AZURE_STORAGE_CLIENT_SECRET", "AZURE_CLIENT_SECRET"), "Azure client secret"),
    )
}
FILE_SUFFIX = "_FILE"
"""Appended to a variable's name: the variable then names a file that contains the value."""

_registered: set[str] = set()


class SecretText:
    """A secret value. `str` and `repr` hide it, so it cannot end up in a log by accident."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        register(value)

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return f"SecretText({HIDDEN})"

    __str__ = __repr__


def find_secret(name: str, environment: Mapping[str, str] | None = None) -> SecretText | None:
    """Return the secret `name` of `SECRETS`, or None if none of its variables is set.

    Raises `SettingsError` if a variable names a file that cannot be read or is empty.
    """
    env = os.environ if environment is None else environment
    for variable in SECRETS[name].variables:
        if value := env.get(variable, "").strip():
            return SecretText(value)
        if location := env.get(variable + FILE_SUFFIX, "").strip():
            return SecretText(_read_secret_file(Path(location), variable + FILE_SUFFIX))
    return None


def secret_variable(name: str, environment: Mapping[str, str] | None = None) -> str:
    """Return the variable that provides the secret `name` or its file, or the empty string if none is set."""
    env = os.environ if environment is None else environment
    variables = [variable + suffix for variable in SECRETS[name].variables for suffix in ("", FILE_SUFFIX)]
    return next((variable for variable in variables if env.get(variable, "").strip()), "")


def _read_secret_file(path: Path, variable: str) -> str:
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise SettingsError(
            f"Environment variable {variable}: {path} cannot be read: {reason}",
            remedy="Name a file that contains only the value.",
        ) from error
    if not value:
        raise SettingsError(
            f"Environment variable {variable}: {path} is empty",
            remedy="Write the value to the file, or unset the variable.",
        )
    return value


def register(*values: str) -> None:
    """Add secrets that were read elsewhere. In a value of several lines, each line is a secret."""
    for value in values:
        _registered.update(line.strip() for line in value.splitlines() if len(line.strip()) >= MIN_LENGTH)


def register_environment() -> None:
    """Register every secret in the environment, including those that are never used."""
    for secret in SECRETS.values():
        register(*(os.environ.get(variable, "") for variable in secret.variables))


def redact(text: str, values: Iterable[str] | None = None) -> str:
    """Return `text` with `values`, by default all registered secrets, replaced by `HIDDEN`."""
    # Longest first: one secret may be the beginning of another.
    for value in sorted(_registered if values is None else values, key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    return text


class RedactedStream(io.TextIOBase):
    """A text stream that removes secrets. It writes whole lines, as a secret may arrive in pieces."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._rest = ""

    def write(self, text: str) -> int:
        lines, end, self._rest = (self._rest + text).rpartition("\n")
        if end:
            self._stream.write(redact(lines + end))
            self._stream.flush()
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        if self._rest:
            self._stream.write(redact(self._rest))
            self._rest = ""
        self._stream.flush()

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._stream.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._stream.encoding
