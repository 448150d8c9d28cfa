"""A bucket on this machine: moto's S3 server over a real socket, which records what it is asked and can misbehave."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from socket import SHUT_RDWR
from threading import Event, Thread
from types import TracebackType
from typing import Any
from xml.sax.saxutils import escape

BUCKET = "press"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "loopback-key-id", "AWS_SECRET_ACCESS_KEY": "canary-aws-secret-key"}

Start = Callable[..., Any]


@dataclass(frozen=True)
class BucketRequest:
    method: str
    path: str
    query: str


@dataclass(frozen=True)
class Trouble:
    """What happens to a request of `method` whose path ends in `ending`: an S3 error, silence, or a hang-up."""

    method: str
    ending: str = ""
    status: str = "503 Service Unavailable"
    code: str = "SlowDown"
    times: int = 1_000_000
    query: str = ""
    """What must stand in the query too."""
    how: str = "answer"
    """"answer", "stall" or "hang up"; with "hang up after" the request is carried out and its answer lost."""


@dataclass
class Bucket:
    """`with Bucket() as bucket`: an empty bucket `s3://press`. `environment` is what a user would set to reach it."""

    asked: list[BucketRequest] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    watch: Callable[[BucketRequest, str], None] | None = None
    """Called "before" and "after" a request is carried out."""
    _over: Event = field(default_factory=Event)

    @property
    def environment(self) -> dict[str, str]:
        return {"AWS_ENDPOINT_URL": self.url, "AWS_REGION": "us-east-1", **CREDENTIALS}

    def objects(self) -> dict[str, dict[str, Any]]:
        """Key -> bytes and content type of all that lies in the bucket."""
        found = self._backend().buckets[BUCKET].keys
        return {
            str(name): {"body": bytes(key.value), "type": key.metadata.get("Content-Type", "")}
            for name, key in found.items()
        }

    def clear(self) -> None:
        """An empty bucket again, well-behaved, and nothing asked of it."""
        for key in self.objects():
            self.remove(key)
        self.asked.clear()
        self.troubles.clear()
        self.watch = None

    def add(self, key: str, body: bytes) -> None:
        self._backend().put_object(BUCKET, key, body)

    def remove(self, key: str) -> None:
        self._backend().delete_object(BUCKET, key)

    def unfinished(self) -> int:
        """Uploads in parts that were neither completed nor given up."""
        return len(self._backend().buckets[BUCKET].multiparts)

    def _backend(self) -> Any:
        from moto.core.models import DEFAULT_ACCOUNT_ID
        from moto.s3.models import s3_backends

        return s3_backends[DEFAULT_ACCOUNT_ID]["aws"]

    def __enter__(self) -> Bucket:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
        from werkzeug.serving import make_server

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._application = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self._backend().reset()
        self._backend().create_bucket(BUCKET, "us-east-1")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        asked = BucketRequest(environ["REQUEST_METHOD"], environ["PATH_INFO"], environ.get("QUERY_STRING", ""))
        self.asked.append(asked)
        trouble = self._trouble(asked)
        if trouble is None:
            return self._carry_out(asked, environ, start)
        if trouble.how == "stall":
            self._over.wait(60)
        if trouble.how == "hang up after":
            list(self._application(environ, lambda *_: None))
        if trouble.how != "answer":
            with suppress(OSError):
                environ["werkzeug.socket"].shutdown(SHUT_RDWR)
            raise ConnectionAbortedError
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start(trouble.status, [("Content-Type", "application/xml")])
        text = f"<Error><Code>{trouble.code}</Code><Message>{escape(trouble.code)}</Message></Error>"
        return [text.encode()]

    def _carry_out(self, asked: BucketRequest, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if self.watch is None:
            return self._application(environ, start)  # type: ignore[no-any-return]
        self.watch(asked, "before")
        answer = list(self._application(environ, start))
        self.watch(asked, "after")
        return answer

    def _trouble(self, asked: BucketRequest) -> Trouble | None:
        for at, each in enumerate(self.troubles):
            met = asked.method == each.method and asked.path.endswith(each.ending) and each.query in asked.query
            if met and each.times > 0:
                self.troubles[at] = replace(each, times=each.times - 1)
                return each
        return None
