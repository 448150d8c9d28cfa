"""Keys, tokens and cookies: from the environment or from files, never from arguments, and never shown.

What is read here is remembered by the process, and `redact` takes it out of every text that leaves it.
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
SHORTEST = 8
"""Characters of a value that is taken out of texts: a shorter one would take ordinary words with it."""


@dataclass(frozen=True)
class Secret:
    """A kind of secret: the variables that may hold it, the first that is set being used, and what it is for."""

    name: str
    variables: tuple[str, ...]
    what: str


SECRETS: dict[str, Secret] = {
    each.name: each
    for each in (
        Secret("gemini", ("PRESSRUN_GEMINI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"), "key of Gemini"),
        Secret("openai", ("PRESSRUN_OPENAI_API_KEY", "OPENAI_API_KEY"), "key of OpenAI"),
        Secret("custom", ("PRESSRUN_LLM_API_KEY",), "key of the server at llm_url"),
        Secret("speech", ("PRESSRUN_SPEECH_API_KEY",), "key of the server at speech_url"),
        Secret("proxy", ("PRESSRUN_PROXY",), "proxy for the source youtube, which may hold a password"),
        Secret("cookies", ("PRESSRUN_COOKIES",), "cookies for the source youtube, in the form of Netscape"),
        Secret(
            "database", ("PRESSRUN_DATABASE_URL",), "address of the database of the queue, which may hold a password"
        ),
        Secret("api", ("PRESSRUN_API_SECRET",), "key that tokens of the API are signed with"),
        Secret("notify", ("PRESSRUN_NOTIFY",), "address that is told when a batch has ended"),
        Secret("aws", ("AWS_SECRET_ACCESS_KEY",), "secret key of S3"),
        Secret("aws_session", ("AWS_SESSION_TOKEN",), "session token of S3"),
        Secret("google", ("GOOGLE_SERVICE_ACCOUNT_KEY",), "key of a service account of Google"),
        Secret("google_token", ("GOOGLE_BEARER_TOKEN",), "token of Google Cloud Storage"),
        Secret(
            "azure", ("AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ACCESS_KEY"), "key of Azure"
        ),
        Secret("azure_sas", ("AZURE_STORAGE_SAS_TOKEN", "AZURE_STORAGE_SAS_KEY"), "signature of Azure"),
        Secret("azure_client", ("AZURE_STORAGE_CLIENT_SECRET", "AZURE_CLIENT_SECRET"), "secret of a client of Azure"),
    )
}
FILE_SUFFIX = "_FILE"
"""A variable with this at its end names a file that holds the value."""

_remembered: set[str] = set()


class SecretText:
    """A value that shows itself to nobody who does not ask for it by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        remember(value)

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return f"SecretText({HIDDEN})"

    __str__ = __repr__


def find(name: str, environment: Mapping[str, str] | None = None) -> SecretText | None:
    """The secret `name` of `SECRETS`, or None where no variable holds it.

    Raises `SettingsError` for a file that cannot be read or is empty.
    """
    env = os.environ if environment is None else environment
    for variable in SECRETS[name].variables:
        if value := env.get(variable, "").strip():
            return SecretText(value)
        if location := env.get(variable + FILE_SUFFIX, "").strip():
            return SecretText(_of_file(Path(location), variable + FILE_SUFFIX))
    return None


def variable_of(name: str, environment: Mapping[str, str] | None = None) -> str:
    """The variable that holds the secret `name`, or names its file; the empty string where none does."""
    env = os.environ if environment is None else environment
    variables = [each + suffix for each in SECRETS[name].variables for suffix in ("", FILE_SUFFIX)]
    return next((each for each in variables if env.get(each, "").strip()), "")


def _of_file(path: Path, variable: str) -> str:
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise SettingsError(
            f"Environment variable {variable}: {path} cannot be read: {why}",
            remedy="Name a file that holds the value and nothing else.",
        ) from error
    if not value:
        raise SettingsError(
            f"Environment variable {variable}: {path} is empty", remedy="Put the value into it, or unset the variable."
        )
    return value


def remember(*values: str) -> None:
    """Takes `values`, read from elsewhere, out of all texts from now on; of a value with lines, each line."""
    for value in values:
        _remembered.update(line.strip() for line in value.splitlines() if len(line.strip()) >= SHORTEST)


def remember_environment() -> None:
    """Remembers all that the environment holds, whether it will be used or not."""
    for secret in SECRETS.values():
        remember(*(os.environ.get(variable, "") for variable in secret.variables))


def redact(text: str, values: Iterable[str] | None = None) -> str:
    """`text` without the secrets this process knows."""
    for value in sorted(_remembered if values is None else values, key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    return text


class RedactedStream(io.TextIOBase):
    """A text stream that passes on whole lines, without the secrets this process knows."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._rest = ""

    def write(self, text: str) -> int:
        whole, end, self._rest = (self._rest + text).rpartition("\n")
        if end:
            self._stream.write(redact(whole + end))
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
