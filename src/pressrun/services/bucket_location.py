"""Parse bucket addresses, open their stores, and translate their errors.

Keys come only from the environment, under the names that the tools of each provider use.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from pressrun import redaction
from pressrun.error_reports import no_space_error
from pressrun.errors import AuthenticationError, NetworkError, PressrunError, PublishError, SettingsError

EXAMPLE = "s3://bucket/folder, gs://bucket/folder, az://container/folder or file:///folder"
REQUEST_TIMEOUT = 12.0
"""Timeout of a request, in seconds. Together with `PROBE_TIMEOUT` it is below 15."""
PROBE_TIMEOUT = 2.5
RETRY_TIMEOUT = 8.0
SLOW_REQUEST_TIMEOUT = 180.0
"""Timeout of a request on a line that is known to be slow: 5 MiB need 0.25 Mbit/s."""


@dataclass(frozen=True)
class BucketScheme:
    """A kind of bucket.

    `credentials` are variables; one of them must be set. The variables in `endpoint` select a server other than the
    provider's.
    """

    provider: str
    credentials: tuple[str, ...]
    setup_hint: str
    """The variables to set, as shown in a remedy."""
    endpoint: tuple[str, ...] = ()
    vendor: str = ""
    """Vendor, according to the firmware, of the machines that get credentials from the provider automatically."""


SCHEMES = {
    "s3": BucketScheme(
        "S3",
        (
            "AWS_ACCESS_KEY_ID", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_SKIP_SIGNATURE",
        ),
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"),
        "Amazon",
    ),
    "gs": BucketScheme(
        "Google Cloud Storage",
        (
            "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_PATH",
            "GOOGLE_SERVICE_ACCOUNT_KEY", "GOOGLE_BEARER_TOKEN", "GOOGLE_SKIP_SIGNATURE",
        ),
        "GOOGLE_APPLICATION_CREDENTIALS to the file of a service account", ("GOOGLE_BASE_URL",), "Google",
    ),
    "az": BucketScheme(
        "Azure",
        (
            "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCESS_KEY", "AZURE_STORAGE_SAS_TOKEN",
            "AZURE_STORAGE_SAS_KEY", "AZURE_STORAGE_CLIENT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE",
            "AZURE_STORAGE_USE_EMULATOR", "AZURE_SKIP_SIGNATURE",
        ),
        "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY", ("AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"),
        "Microsoft",
    ),
    "file": BucketScheme("a folder", (), ""),
}
_METADATA_HOST = "169.254.169.254"
"""The host asked for credentials if none are set; it responds only on the provider's own machines."""
_WRONG_KEYS = frozenset(
    (
        "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken", "AuthenticationFailed",
        "InvalidAuthenticationInfo", "InvalidClientTokenId",
    )
)
_NO_BUCKET = frozenset(("NoSuchBucket", "ContainerNotFound", "InvalidBucketName"))
_OTHER_REGION = frozenset(
    ("AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect", "TemporaryRedirect")
)
_GOOGLE_DEFAULT = Path(".config/gcloud/application_default_credentials.json")
_FIRMWARE_VENDOR = Path("/sys/class/dmi/id/sys_vendor")


@dataclass(frozen=True)
class BucketLocation:
    """A parsed bucket address. It contains no secret."""

    url: str
    """Without a trailing slash."""
    scheme: str
    bucket: str
    public: str = ""
    """The setting `bucket_url`: the base of public URLs, used instead of `url`."""
    setting: str = "publish_to"
    """The setting that contains the address."""
    error_class: type[PressrunError] = PublishError
    """The error raised if the location cannot be used."""

    def __str__(self) -> str:
        return self.url

    @property
    def folder(self) -> Path | None:
        """The folder of a `file://` address, otherwise None."""
        return Path(unquote(urlsplit(self.url).path)) if self.scheme == "file" else None

    def address(self, key: str) -> str:
        """Return the address of the object `key`, as the receipt stores it."""
        if self.folder and not self.public:
            return (self.folder / key).as_uri()
        return f"{self.public}/{quote(key)}" if self.public else f"{self.url}/{key}"

    @property
    def endpoint(self) -> str:
        """The server, if it is not the provider's own."""
        return next((value for name in SCHEMES[self.scheme].endpoint if (value := os.environ.get(name, ""))), "")

    @property
    def near(self) -> bool:
        """Whether it is reachable without the internet: a folder, or a server on this machine or its network."""
        if self.scheme == "file":
            return True
        host = urlsplit(self.endpoint).hostname or ""
        try:
            return ipaddress.ip_address(host).is_private
        except ValueError:
            return host == "localhost"


def parse_publish_location(settings: Mapping[str, Any]) -> BucketLocation:
    """Return the location that the settings publish to. Raises like `parse_bucket_location`."""
    public = str(settings.get("bucket_url", "")).strip()
    if public and urlsplit(public).scheme not in ("https", "http"):
        raise SettingsError(
            f'Setting bucket_url: "{public}" is not a web address',
            remedy="Set it to the base URL of the files, starting with https://.",
        )
    return replace(parse_bucket_location(str(settings["publish_to"])), public=public.rstrip("/"))


def parse_bucket_location(
    address: str, setting: str = "publish_to", error_class: type[PressrunError] = PublishError
) -> BucketLocation:
    """Return the location at `address`, the value of `setting`. Raises `SettingsError` if it is not a bucket address.
    """
    url = address.strip()
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise SettingsError(
            f"Setting {setting} contains a user name or a key", remedy="Remove it: keys are read from the environment."
        )
    if parts.scheme not in SCHEMES:
        raise SettingsError(f'Setting {setting}: "{url}" is not a bucket address', remedy=f"Write it as {EXAMPLE}.")
    if parts.scheme == "file" and (parts.netloc or not parts.path.startswith("/")):
        raise SettingsError(
            f'Setting {setting}: "{url}" is not an absolute folder',
            remedy="Write file:/// followed by the absolute path.",
        )
    if parts.scheme != "file" and (not parts.netloc or parts.query or parts.fragment):
        raise SettingsError(f'Setting {setting}: "{url}" has no bucket name', remedy=f"Write it as {EXAMPLE}.")
    return BucketLocation(url.rstrip("/"), parts.scheme, parts.netloc, setting=setting, error_class=error_class)


def missing_credentials(location: BucketLocation) -> str:
    """Return what to set before the bucket can be used, or an empty string. Sends no request."""
    scheme = SCHEMES[location.scheme]
    variables = [name + suffix for name in scheme.credentials for suffix in ("", redaction.FILE_SUFFIX)]
    if not scheme.credentials:
        return ""
    if any(os.environ.get(name) for name in variables):
        return scheme.setup_hint if _has_incomplete_pair(location.scheme) else ""
    if location.scheme == "gs" and (Path.home() / _GOOGLE_DEFAULT).is_file():
        return ""
    try:
        vendor = _FIRMWARE_VENDOR.read_text(encoding="utf-8", errors="replace")
    except OSError:
        vendor = ""
    return "" if scheme.vendor in vendor else scheme.setup_hint


def _has_incomplete_pair(scheme: str) -> bool:
    """Return whether an account is set without its key, or a key without its account."""
    if scheme == "s3":
        return bool(os.environ.get("AWS_ACCESS_KEY_ID")) and not redaction.secret_variable("aws")
    names = ("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_USE_EMULATOR")
    return scheme == "az" and not any(os.environ.get(name) for name in names)


def open_store(location: BucketLocation, seconds: float | None = None, *, tries: int = 3) -> Any:
    """Open the obstore store; keys are relative to the location.

    A request times out after `seconds` (default: `REQUEST_TIMEOUT`). Requests that fail immediately are retried for up
    to `RETRY_TIMEOUT`; a request that timed out has used them up.
    """
    from obstore.store import LocalStore, from_url

    if location.folder:
        return LocalStore(location.folder, mkdir=True)
    seconds = seconds or REQUEST_TIMEOUT
    return from_url(
        location.url,
        client_options={
            "timeout": timedelta(seconds=seconds),
            "connect_timeout": timedelta(seconds=min(seconds, 5)),
            "allow_http": location.endpoint.startswith("http://"),
        },
        retry_config={
            "max_retries": tries,
            "retry_timeout": timedelta(seconds=RETRY_TIMEOUT),
            "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=2), "base": 2},
        },
        **_credentials(location),
    )


def _credentials(location: BucketLocation) -> dict[str, Any]:
    """Return the credentials that the store would not find on its own: those in a file, or under another name."""
    if location.scheme == "s3":
        found = {
            "secret_access_key": redaction.find_secret("aws"),
            "session_token": redaction.find_secret("aws_session"),
        }
    elif location.scheme == "az":
        found = {"account_key": redaction.find_secret("azure")}
    else:
        found = {"service_account_key": redaction.find_secret("google")}
    return {name: value.reveal() for name, value in found.items() if value}


def is_missing_bucket(error: Exception) -> bool:
    """Return whether something was not found because the whole bucket is missing."""
    return any(f"<Code>{code}</Code>" in str(error) for code in _NO_BUCKET)


def is_timeout(error: Exception) -> bool:
    """Return whether a request timed out."""
    return "kind: Timeout" in str(error)


@contextmanager
def translate_errors(location: BucketLocation) -> Iterator[None]:
    """Translate errors of the store into errors with a remedy. Of the store's own text, only a code is shown."""
    from obstore.exceptions import BaseError

    try:
        yield
    except (BaseError, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise  # an error of a file in the run folder, not of the store
        raise translate_error(error, location) from None


def translate_error(error: Exception, location: BucketLocation) -> PressrunError:
    """Return an error of the store as an error of `pressrun.errors`."""
    text = str(error)
    if location.folder:
        return _folder_error(text, location.folder)
    code = (re.findall(r"<Code>(\w+)</Code>", text) or [""])[0]
    status = int((re.findall(r"status code: (\d{3})", text) or ["0"])[0])
    scheme = SCHEMES[location.scheme]
    detail = f" ({code})" if code else ""
    if code in _WRONG_KEYS or status == 401 or "must be specified" in text or _METADATA_HOST in text:
        return AuthenticationError(
            f"{scheme.provider} does not accept the credentials for {location}{detail}",
            remedy=f"Set {scheme.setup_hint} to what the provider gave you.",
        )
    if code in ("RequestTimeTooSkewed", "RequestExpired"):
        return AuthenticationError(
            f"{_host(location)} rejects requests because the clock of this machine is wrong{detail}",
            remedy="Correct the clock.",
        )
    if code in _NO_BUCKET or (status == 404 and location.scheme == "gs"):
        return location.error_class(
            f"There is no bucket {location.bucket} at {_host(location)}",
            remedy=f"Create it, or set {location.setting} to another.",
        )
    if code in _OTHER_REGION or status in (301, 307):
        return location.error_class(
            f"The bucket {location.bucket} is in another region{detail}", remedy="Set AWS_REGION to its region."
        )
    if status == 403:
        return location.error_class(
            f"{_host(location)} does not allow these credentials to use {location}{detail}",
            remedy="Allow them to list, read and write objects there.",
        )
    if status == 501:
        return location.error_class(
            f"{_host(location)} does not support conditional writes", remedy="Set AWS_CONDITIONAL_PUT to disabled."
        )
    if status in (0, 429) or status >= 500 or code == "NoSuchUpload":
        # NoSuchUpload is what a second request to complete an upload gets if the reply to the first one was lost.
        what = f"returned status {status}{detail}" if status else "did not respond"
        return NetworkError(f"{_host(location)} {what}", remedy="Run the same command again when it is reachable.")
    return location.error_class(
        f"{_host(location)} rejected a request for {location}: status {status}{detail}",
        remedy="See the provider's documentation for this status.",
    )


def _host(location: BucketLocation) -> str:
    return urlsplit(location.endpoint).netloc.rpartition("@")[2] or SCHEMES[location.scheme].provider


def _folder_error(text: str, folder: Path) -> PressrunError:
    number = int((re.findall(r"\(os error (\d+)\)", text) or ["0"])[0])
    reason = os.strerror(number).lower() if number else text.splitlines()[0]
    if full := no_space_error(OSError(number, reason), folder):
        return full
    return PublishError(
        f"Cannot publish to {folder}: {reason}",
        remedy="Make sure it is a writable folder, and run the same command again.",
    )
