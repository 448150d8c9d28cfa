"""Messages at the end of a batch, with the real library before servers on this machine."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path

import pytest
from tests.loopback.messages import http_inbox, mail_inbox

from pressrun import redaction
from pressrun.errors import ServiceUnavailableError, UsageError
from pressrun.services import notify


@pytest.fixture(autouse=True)
def forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_registered", set())
    for variable in ("PRESSRUN_NOTIFY", "PRESSRUN_NOTIFY_FILE"):
        monkeypatch.delenv(variable, raising=False)


def test_a_message_arrives_over_http() -> None:
    with http_inbox() as inbox:
        url = f"json://127.0.0.1:{inbox.port}/hook"
        trouble = notify.send_message(url, "2 books: 1 failed", "Failed: Emma", "failure")
    assert trouble == ""
    (sent,) = inbox.messages
    assert (sent["title"], sent["message"], sent["type"]) == ("2 books: 1 failed", "Failed: Emma", "failure")


def test_an_address_of_the_web_gets_the_message_as_json() -> None:
    with http_inbox() as inbox:
        url = f"http://127.0.0.1:{inbox.port}/hook?token=abc123&room=a%20b"
        assert notify.find_address(url) == url
        assert notify.send_message(url, "2 books: 2 made", "All is well", "success") == ""
    assert [sent["title"] for sent in inbox.messages] == ["2 books: 2 made"]
    assert inbox.paths == ["/hook?token=abc123&room=a+b"]


@pytest.mark.parametrize("url", ["mailto:", "mailto:?subject=x", "https://", "http://[::1", "https:"])
def test_an_address_of_nobody_is_rejected_before_anything_runs(url: str) -> None:
    with pytest.raises(UsageError, match="Unknown notification address"):
        notify.find_address(url)


def test_a_message_arrives_as_mail() -> None:
    with mail_inbox() as inbox:
        url = f"mailto://127.0.0.1:{inbox.port}?mode=insecure&to=ann@example.org&from=press@example.org"
        assert notify.send_message(url, "2 books: 2 made", "All is well: \N{EM DASH} <b>", "success") == ""
    (sent,) = inbox.mails
    mail = email.message_from_string(sent, policy=email.policy.default)
    assert mail["Subject"] == "2 books: 2 made"
    assert "ann@example.org" in mail["To"]
    body = mail.get_body(("plain",))
    assert body is not None
    assert "All is well: \N{EM DASH}" in body.get_content()


def test_a_plain_address_of_mail_goes_through_this_machine() -> None:
    completed = notify._complete_mailto("mailto:ann%2Bbooks@example.org")
    assert completed.startswith("mailto://localhost:25?mode=insecure&to=ann%2Bbooks%40example.org&from=pressrun%40")
    assert notify.find_address("mailto:ann@example.org") == "mailto:ann@example.org"


def test_a_server_that_rejects_or_is_not_there_is_reported_without_the_address() -> None:
    with http_inbox() as inbox:
        inbox.status = 500
        url = f"json://user:very-secret-word@127.0.0.1:{inbox.port}/abc123def456"
        notify.find_address(url)
        refused = notify.send_message(url, "title", "body", "success")
    gone = notify.send_message(url, "title", "body", "success")
    for trouble in (refused, gone):
        assert trouble
        assert "very-secret-word" not in trouble
        assert "abc123def456" not in trouble
        assert "\n" not in trouble


def test_a_server_that_says_nothing_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify, "SHUTDOWN_TIMEOUT", 0.2)
    with http_inbox() as inbox:
        inbox.silence = 0.8
        url = f"json://127.0.0.1:{inbox.port}"
        assert notify.send_message(url, "title", "body", "success", hurry=True).startswith("no answer within")


def test_the_address_comes_from_the_flag_the_environment_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert notify.find_address(None) is None
    (tmp_path / "address").write_text("json://127.0.0.1/of-a-file\n")
    monkeypatch.setenv("PRESSRUN_NOTIFY_FILE", str(tmp_path / "address"))
    assert notify.find_address(None) == "json://127.0.0.1/of-a-file"
    monkeypatch.setenv("PRESSRUN_NOTIFY", "json://127.0.0.1/of-the-environment")
    assert notify.find_address(None) == "json://127.0.0.1/of-the-environment"
    assert notify.find_address("json://127.0.0.1/of-the-flag") == "json://127.0.0.1/of-the-flag"


def test_an_address_and_its_secret_parts_are_in_no_text_afterwards() -> None:
    notify.find_address("slack://TokenA12345/TokenB67890/averylong24token0123456789")
    text = redaction.redact("sent to TokenA12345 with TokenB67890 and averylong24token0123456789 by pressrun")
    assert text == "sent to [hidden] with [hidden] and [hidden] by pressrun"


@pytest.mark.parametrize("given", ["nonsense", "nosuchservice://token", "http://"])
def test_an_address_that_cannot_be_used_is_reported_before_anything_runs(given: str) -> None:
    with pytest.raises(UsageError, match="Unknown notification address") as error:
        notify.find_address(given)
    assert error.value.exit_code == 2
    assert "https://host/path" in error.value.remedy


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "apprise", None)
    with pytest.raises(ServiceUnavailableError) as error:
        notify.find_address("json://127.0.0.1")
    assert "pip install 'pressrun[notify]'" in error.value.remedy
