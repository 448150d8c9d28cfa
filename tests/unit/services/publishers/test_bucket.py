"""The bucket publisher: metadata.json is the commit point, no folder is shared, and errors are said in words."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.loopback.bucket import BUCKET, CREDENTIALS, Bucket, Trouble

from pressrun.errors import AuthenticationError, NetworkError, NoSpaceError, PressrunError, PublishError
from pressrun.model.script import Scene, Script
from pressrun.redaction import redact
from pressrun.services import bucket_files, bucket_location
from pressrun.services.protocols import Context, Package, Readiness
from pressrun.services.publishers import bucket as publisher

SCRIPT = Script(
    "Walden in two minutes", "Walden", "Henry David Thoreau", "en", "ltr", "A hook.", (Scene("One", "A scene."),),
    "A close.", "Notes.", ("walden",), "A short.", 60.0,
)


def quiet(_done: float, _total: float, _unit: str) -> None:
    """Progress that nobody looks at."""


@pytest.fixture(scope="module")
def server() -> Iterator[Bucket]:
    with Bucket() as bucket:
        yield bucket


@pytest.fixture
def bucket(server: Bucket, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    server.clear()
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return server


@pytest.fixture
def package(tmp_path: Path) -> Package:
    for name in ("video.mp4", "captions.srt", "captions.vtt", "thumbnail.jpg"):
        (tmp_path / name).write_bytes(name.encode() * 100)
    captions = (tmp_path / "captions.srt", tmp_path / "captions.vtt")
    return Package(
        "video", tmp_path / "video.mp4", captions, tmp_path / "thumbnail.jpg", SCRIPT, "private", "A title", "About.",
    )


def at(place: str, **settings: Any) -> Context:
    return Context(Path("workspace"), {"publish_to": place, "bucket_url": "", **settings})


HERE = at(f"s3://{BUCKET}/books")


def refused(bucket: Bucket, package: Package, trouble: Trouble) -> PressrunError:
    bucket.troubles.append(trouble)
    with pytest.raises(PressrunError) as caught:
        publisher.publish(package, "one", quiet, HERE)
    bucket.troubles.clear()
    return caught.value


def published(bucket: Bucket) -> list[str]:
    """The folders with a metadata.json that says it is complete."""
    return sorted(
        key.split("/")[1]
        for key, each in bucket.objects().items()
        if key.endswith("metadata.json") and "marker" in json.loads(each["body"])
    )


def test_files_come_first_and_metadata_last(bucket: Bucket, package: Package) -> None:
    receipt = publisher.publish(package, "one", quiet, HERE)
    assert receipt.url == f"s3://{BUCKET}/books/Walden/video.mp4"
    sent = [each.path.rpartition("/")[2] for each in bucket.asked if each.method == "PUT" and "/Walden/" in each.path]
    assert sent == ["video.mp4", "captions.srt", "captions.vtt", "thumbnail.jpg", "metadata.json"]
    metadata = json.loads(bucket.objects()["books/Walden/metadata.json"]["body"])
    assert (metadata["marker"], metadata["kind"], metadata["privacy"]) == ("one", "video", "private")
    assert metadata["files"]["video.mp4"] == package.video.stat().st_size
    assert metadata["sha256"]["video.mp4"] == hashlib.sha256(package.video.read_bytes()).hexdigest()


def test_every_object_says_what_it_is(bucket: Bucket, package: Package) -> None:
    publisher.publish(package, "one", quiet, HERE)
    kinds = {key.rpartition("/")[2]: each["type"] for key, each in bucket.objects().items() if "/Walden/" in key}
    assert kinds == {
        "video.mp4": "video/mp4", "captions.srt": "application/x-subrip", "captions.vtt": "text/vtt",
        "thumbnail.jpg": "image/jpeg", "metadata.json": "application/json",
    }


def test_a_large_file_goes_in_parts_with_progress(bucket: Bucket, package: Package) -> None:
    package.video.write_bytes(bytes(range(256)) * (46 << 10))
    told: list[float] = []
    publisher.publish(package, "one", lambda done, _total, _unit: told.append(done), HERE)
    assert bucket.objects()["books/Walden/video.mp4"]["body"] == package.video.read_bytes()
    assert len([each for each in bucket.asked if "partNumber" in each.query]) == 3
    assert len(told) > 10
    assert told == sorted(told)


def test_finding_lists_one_folder_at_most(bucket: Bucket, package: Package) -> None:
    publisher.publish(package, "one", quiet, HERE)
    bucket.asked.clear()
    assert publisher.find("two", package, HERE) is None
    assert [each.method for each in bucket.asked] == ["GET"]
    bucket.asked.clear()
    assert publisher.find("one", package, HERE)
    assert len(bucket.asked) == 3
    assert all("Walden" in each.query for each in bucket.asked if "list-type" in each.query)


@pytest.mark.parametrize("ending", [".json", "Walden.json", "video.mp4", "thumbnail.jpg", "metadata.json"])
@pytest.mark.parametrize("how", ["hang up", "hang up after"])
def test_a_try_that_broke_off_is_published_once_by_the_next(
    bucket: Bucket, package: Package, ending: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = bucket_location.open_store
    monkeypatch.setattr(publisher, "open_store", lambda place, *seconds: real(place, *seconds, tries=0))
    error = refused(bucket, package, Trouble("PUT", ending, how=how, times=1))
    assert isinstance(error, NetworkError)
    if (ending, how) == ("metadata.json", "hang up after"):
        assert publisher.find("one", package, HERE)
    else:
        assert publisher.find("one", package, HERE) is None
        assert published(bucket) == []
        receipt = publisher.publish(package, "one", quiet, HERE)
        assert publisher.find("one", package, HERE) == receipt
    assert published(bucket) == ["Walden"]


@pytest.mark.parametrize("how", ["hang up", "hang up after"])
@pytest.mark.parametrize("request_of", ["uploads", "partNumber=1", "partNumber=2", "uploadId"])
def test_parts_that_broke_off_are_published_once_by_the_next(
    bucket: Bucket, package: Package, request_of: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    package.video.write_bytes(b"frame " * (1 << 20))
    real = bucket_location.open_store
    monkeypatch.setattr(publisher, "open_store", lambda place, *seconds: real(place, *seconds, tries=0))
    method = "PUT" if request_of.startswith("part") else "POST"
    error = refused(bucket, package, Trouble(method, "video.mp4", how=how, times=1, query=request_of))
    assert isinstance(error, NetworkError)
    assert publisher.find("one", package, HERE) is None
    publisher.publish(package, "one", quiet, HERE)
    assert published(bucket) == ["Walden"]
    assert bucket.objects()["books/Walden/video.mp4"]["body"] == package.video.read_bytes()


def test_a_lost_reply_is_asked_again_and_takes_no_second_folder(bucket: Bucket, package: Package) -> None:
    bucket.troubles.append(Trouble("PUT", "folders/Walden.json", how="hang up after", times=1))
    receipt = publisher.publish(package, "one", quiet, HERE)
    assert receipt.url.endswith("/Walden/video.mp4")


def test_a_publication_that_lost_a_file_is_sent_again_into_its_folder(bucket: Bucket, package: Package) -> None:
    first = publisher.publish(package, "one", quiet, HERE)
    bucket.remove("books/Walden/captions.srt")
    assert publisher.find("one", package, HERE) is None
    assert isinstance(refused(bucket, package, Trouble("PUT", "thumbnail.jpg", how="hang up")), NetworkError)
    assert publisher.find("one", package, HERE) is None
    assert publisher.publish(package, "one", quiet, HERE) == first
    assert published(bucket) == ["Walden"]


def test_two_publications_of_one_title_and_a_short_get_folders_of_their_own(bucket: Bucket, package: Package) -> None:
    short = replace(package, kind="short", thumbnail=None)
    for each, marker in ((package, "one"), (package, "two"), (short, "one")):
        publisher.publish(each, marker, quiet, HERE)
    assert published(bucket) == ["Walden", "Walden_2", "Walden_Short"]


def test_a_folder_with_objects_of_another_user_is_left_untouched(bucket: Bucket, package: Package) -> None:
    bucket.add("books/Walden/notes.txt", b"mine")
    bucket.add("books/Walden_2_old/notes.txt", b"mine")
    assert publisher.publish(package, "one", quiet, HERE).url.endswith("/Walden_2/video.mp4")


def test_a_server_without_conditional_writes_can_be_used(
    bucket: Bucket, package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONDITIONAL_PUT", "disabled")
    for marker in ("one", "two"):
        receipt = publisher.publish(package, marker, quiet, HERE)
        assert publisher.find(marker, package, HERE) == receipt
    assert published(bucket) == ["Walden", "Walden_2"]


def test_a_public_address_is_in_the_receipt_where_one_is_set(bucket: Bucket, package: Package) -> None:
    context = at(f"s3://{BUCKET}/books/", bucket_url="https://media.example.org/b/")
    strange = replace(package, script=replace(SCRIPT, book_title="戦争 と 平和"))
    receipt = publisher.publish(strange, "one", quiet, context)
    assert receipt.url.startswith("https://media.example.org/b/%E6%88%A6")
    assert receipt.url.endswith("/video.mp4")
    assert publisher.find("one", strange, context) == receipt


@pytest.mark.parametrize(
    ("status", "code", "kind", "words", "remedy"),
    [
        ("403 Forbidden", "AccessDenied", PublishError, "does not allow these credentials", "list, read and write"),
        ("403 Forbidden", "SignatureDoesNotMatch", AuthenticationError, "does not accept", "AWS_SECRET_ACCESS_KEY"),
        ("403 Forbidden", "InvalidAccessKeyId", AuthenticationError, "does not accept", "AWS_ACCESS_KEY_ID"),
        ("401 Unauthorized", "Odd", AuthenticationError, "does not accept", "AWS_ACCESS_KEY_ID"),
        ("403 Forbidden", "RequestTimeTooSkewed", AuthenticationError, "clock", "Correct the clock"),
        ("400 Bad Request", "AuthorizationHeaderMalformed", PublishError, "another region", "AWS_REGION"),
        ("400 Bad Request", "EntityTooLarge", PublishError, "status 400 (EntityTooLarge)", "documentation"),
        ("501 Not Implemented", "NotImplemented", PublishError, "conditional writes", "AWS_CONDITIONAL_PUT"),
        ("503 Slow Down", "SlowDown", NetworkError, "returned status 503 (SlowDown)", "same command again"),
    ],
)
def test_a_refusal_is_reported_with_a_message(
    bucket: Bucket, package: Package, status: str, code: str, kind: type[PressrunError], words: str, remedy: str
) -> None:
    error = refused(bucket, package, Trouble("PUT", "video.mp4", status, code))
    assert type(error) is kind
    assert words in error.message
    assert remedy in error.remedy
    assert error.retryable == (kind is NetworkError)
    assert "\n" not in error.message
    assert publisher.find("one", package, HERE) is None


def test_a_bucket_that_does_not_exist_is_named(bucket: Bucket, package: Package) -> None:
    for act in (
        lambda: publisher.find("one", package, at("s3://elsewhere/books")),
        lambda: publisher.publish(package, "one", quiet, at("s3://elsewhere/books")),
        lambda: publisher.check(at("s3://elsewhere/books")),
    ):
        with pytest.raises(PublishError, match="There is no bucket elsewhere at 127") as caught:
            act()
        assert caught.value.remedy == "Create it, or set publish_to to another."


def test_nothing_listening_is_a_network_error(
    bucket: Bucket, package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(NetworkError, match=r"127\.0\.0\.1:9 did not respond"):
        publisher.find("one", package, HERE)


def test_a_lost_connection_is_noticed_in_fifteen_seconds() -> None:
    assert bucket_location.REQUEST_TIMEOUT + bucket_location.PROBE_TIMEOUT < 15


def test_silence_ends_after_the_time_of_a_request(
    bucket: Bucket, package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_location, "REQUEST_TIMEOUT", 0.4)
    monkeypatch.setattr(bucket_files, "PROBE_TIMEOUT", 0.2)
    monkeypatch.setattr(bucket_location, "RETRY_TIMEOUT", 0.2)
    bucket.troubles.append(Trouble("HEAD", how="stall"))
    before = time.monotonic()
    assert isinstance(refused(bucket, package, Trouble("PUT", "video.mp4", how="stall")), NetworkError)
    assert time.monotonic() - before < 3


def test_a_slow_line_is_given_time_where_the_place_answers(
    bucket: Bucket, package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_location, "REQUEST_TIMEOUT", 0.4)
    monkeypatch.setattr(bucket_location, "RETRY_TIMEOUT", 0.2)
    bucket.troubles.append(Trouble("PUT", "video.mp4", how="stall", times=1))
    told: list[float] = []
    receipt = publisher.publish(package, "one", lambda done, _total, _unit: told.append(done), HERE)
    assert publisher.find("one", package, HERE) == receipt
    assert told == sorted(told)


def test_no_secret_is_said_or_published(bucket: Bucket, package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    publisher.publish(package, "one", quiet, HERE)
    secret = CREDENTIALS["AWS_SECRET_ACCESS_KEY"]
    assert not any(secret.encode() in each["body"] for each in bucket.objects().values())
    assert secret not in redact(f"the key is {secret}")
    error = refused(bucket, package, Trouble("PUT", "metadata.json", "400 Bad Request", "Odd"))
    assert secret not in f"{error.message} {error.remedy} {error.__cause__!r}"


def test_a_key_may_stand_in_a_file(
    bucket: Bucket, package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("canary-aws-secret-key\n")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY_FILE", str(tmp_path / "key"))
    assert publisher.publish(package, "one", quiet, HERE)


def test_check_lists_the_place(bucket: Bucket, package: Package) -> None:
    assert publisher.check(HERE) == f"s3://{BUCKET}/books responds and is empty"
    publisher.publish(package, "one", quiet, HERE)
    assert publisher.check(HERE) == f"s3://{BUCKET}/books responds and has objects"


class TestOtherProviders:
    """Their refusals; what they store like S3 does is proven there."""

    @pytest.fixture(autouse=True)
    def reached(self, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GOOGLE_BASE_URL", bucket.url)
        monkeypatch.setenv("GOOGLE_BEARER_TOKEN", "canary-google-token")
        monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", bucket.url)
        monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
        monkeypatch.setenv("AZURE_STORAGE_KEY", "Y2FuYXJ5LWF6dXJlLWtleQ==")

    @pytest.mark.parametrize(
        ("url", "status", "code", "kind", "words"),
        [
            ("gs://books/x", "404 Not Found", "NoSuchBucket", PublishError, "There is no bucket books"),
            ("gs://books/x", "401 Unauthorized", "Odd", AuthenticationError, "Google Cloud Storage does not accept"),
            ("az://books/x", "404 Not Found", "ContainerNotFound", PublishError, "There is no bucket books"),
            ("az://books/x", "403 Forbidden", "AuthenticationFailed", AuthenticationError, "Azure does not accept"),
            ("az://books/x", "403 Forbidden", "AuthorizationFailure", PublishError, "does not allow these credentials"),
        ],
    )
    def test_a_refusal_is_reported_with_a_message(
        self, bucket: Bucket, url: str, status: str, code: str, kind: type[PressrunError], words: str
    ) -> None:
        bucket.troubles.append(Trouble("GET", "", status, code))
        with pytest.raises(kind, match=words) as caught:
            publisher.check(at(url))
        assert "canary" not in caught.value.message
        assert len(bucket.asked) == 1


class TestAFolder:
    def test_it_is_made_with_its_parents(self, package: Package, tmp_path: Path) -> None:
        context = at((tmp_path / "a b" / "c").as_uri())
        assert "will be created" in publisher.check(context)
        receipt = publisher.publish(package, "one", quiet, context)
        assert receipt.url == (tmp_path / "a b" / "c" / "Walden" / "video.mp4").as_uri()
        assert publisher.find("one", package, context) == receipt

    def test_a_file_in_its_place_is_an_error(self, package: Package, tmp_path: Path) -> None:
        (tmp_path / "place").write_text("a file")
        with pytest.raises(PublishError, match=r"Cannot publish to .*place: file exists") as caught:
            publisher.publish(package, "one", quiet, at((tmp_path / "place").as_uri()))
        assert "writable folder" in caught.value.remedy

    def test_a_full_disk_is_one(self, tmp_path: Path) -> None:
        place = bucket_location.parse_publish_location(at(tmp_path.as_uri()).settings)
        said = "Generic LocalFileSystem error: Unable to copy data: No space left on device (os error 28)"
        assert isinstance(bucket_location.translate_error(Exception(said), place), NoSpaceError)


class TestReady:
    @pytest.mark.parametrize(
        ("url", "reason"),
        [
            ("ftp://host/books", "is not a bucket address"),
            ("books", "is not a bucket address"),
            ("s3:///books", "has no bucket name"),
            ("s3://key:secret@press/books", "contains a user name or a key"),
            ("file://books", "is not an absolute folder"),
        ],
    )
    def test_an_invalid_address_is_rejected_before_anything_runs(self, url: str, reason: str) -> None:
        readiness = publisher.ready(at(url))
        assert (readiness.ready, readiness.configured) == (False, True)
        assert reason in readiness.reason
        assert readiness.remedy
        assert "secret" not in readiness.reason

    def test_a_public_address_must_be_one(self, tmp_path: Path) -> None:
        readiness = publisher.ready(at(tmp_path.as_uri(), bucket_url="media.example.org"))
        assert not readiness.ready
        assert "bucket_url" in readiness.reason

    def test_without_publish_to_it_is_not_set_up(self) -> None:
        assert publisher.ready(at("")) == Readiness(
            False, "publish_to is not set", f"Set publish_to to {bucket_location.EXAMPLE}."
        )

    def test_without_the_extra_it_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(publisher, "find_spec", lambda _name: None)
        readiness = publisher.ready(at(tmp_path.as_uri()))
        assert (readiness.ready, readiness.configured) == (False, True)
        assert "pressrun[bucket]" in readiness.remedy

    @pytest.mark.parametrize(
        ("url", "variable", "other"),
        [("s3://b/x", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
         ("gs://b/x", "GOOGLE_APPLICATION_CREDENTIALS", ""),
         ("az://b/x", "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ACCOUNT_NAME")],
    )
    def test_without_credentials_it_names_the_variables(
        self, url: str, variable: str, other: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        for scheme in bucket_location.SCHEMES.values():
            for name in (*scheme.credentials, "AWS_SECRET_ACCESS_KEY", "AZURE_STORAGE_ACCOUNT_NAME"):
                monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setattr(bucket_location, "_FIRMWARE_VENDOR", tmp_path / "none")
        readiness = publisher.ready(at(url))
        assert not readiness.ready
        assert variable in readiness.remedy
        monkeypatch.setenv(variable, "something")
        assert publisher.ready(at(url)).ready == (not other)
        if other:
            assert other in readiness.remedy
            monkeypatch.setenv(other, "something")
        assert publisher.ready(at(url)).ready
        monkeypatch.delenv(variable)
        (tmp_path / "none").write_text("Amazon EC2 Google Microsoft Corporation\n")
        assert publisher.ready(at(url)).ready

    @pytest.mark.parametrize(
        ("endpoint", "near"),
        [("http://127.0.0.1:9000", True), ("http://192.168.1.7:9000", True), ("http://localhost:9000", True),
         ("https://s3.example.org", False), ("", False)],
    )
    def test_a_server_nearby_needs_no_internet(
        self, endpoint: str, near: bool, monkeypatch: pytest.MonkeyPatch, bucket: Bucket
    ) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        assert publisher.ready(HERE).near is near
