"""Open Library on this machine: its search and its covers, for the books it is given."""

from __future__ import annotations

import io
import json
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socket import SHUT_RDWR
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.loopback.serving import serving

from pressrun.services.covers.openlibrary import ADDRESS_VARIABLE


@dataclass(frozen=True)
class Shelved:
    """A book of the library; its cover is a picture of one colour, `size` wide and high, or none."""

    title: str
    author: str
    cover: int = 0
    subtitle: str = ""
    editions: int = 1
    size: tuple[int, int] = (300, 450)
    colour: tuple[int, int, int] = (180, 40, 40)
    picture: bytes | None = None
    """In place of the one that is made."""


@dataclass
class Library:
    """`with Library([...]) as library`; `environment` is what a user would set to reach it."""

    books: list[Shelved] = field(default_factory=list)
    trouble: int | str = 0
    """Of every answer: a status, `silence`, `hang up`, `nonsense`, or `elsewhere`, a redirect to another host."""
    trouble_at: str = "/"
    nonsense: bytes = b"<html>Back soon</html>"
    asked: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def environment(self) -> dict[str, str]:
        return {ADDRESS_VARIABLE: self.url}

    def __enter__(self) -> Library:
        handler = type("Handler", (_Handler,), {"library": self})
        self._serving = serving(handler)
        self.url = self._serving.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._serving.__exit__(kind, error, traceback)

    def search(self, query: dict[str, list[str]]) -> dict[str, Any]:
        """Books that have all words of the title, and of the author where one is asked for, as Solr finds them."""
        title, author = (_words(query.get(name, [""])[0]) for name in ("title", "author"))
        found = [
            each for each in self.books
            if title <= _words(f"{each.title} {each.subtitle}") and author <= _words(each.author)
        ]
        shown = found[: int(query.get("limit", ["100"])[0])]
        return {"numFound": len(found), "start": 0, "docs": [_row(number, each) for number, each in enumerate(shown)]}


class _Handler(BaseHTTPRequestHandler):
    library: Library

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        self.library.asked.append(self.path)
        found = urlsplit(self.path)
        if self.library.trouble and found.path.startswith(self.library.trouble_at):
            self._trouble(self.library.trouble)
        elif found.path == "/search.json":
            self._answer(200, json.dumps(self.library.search(parse_qs(found.query))).encode(), "application/json")
        elif found.path.startswith("/b/id/"):
            self._cover(found.path.removeprefix("/b/id/"))
        elif found.path.startswith("/archive/"):
            self._picture(found.path.removeprefix("/archive/"))
        else:
            self._answer(404, b"", "text/html")

    def _cover(self, name: str) -> None:
        """As covers.openlibrary.org does it: the picture lies elsewhere."""
        self.send_response(302)
        self.send_header("Location", f"{self.library.url}/archive/{name}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _picture(self, name: str) -> None:
        found = next((each for each in self.library.books if name == f"{each.cover}-L.jpg"), None)
        data = b"" if found is None else jpeg(found) if found.picture is None else found.picture
        self._answer(200 if data else 404, data, "image/jpeg")

    def _trouble(self, what: int | str) -> None:
        if what == "nonsense":
            self._answer(200, self.library.nonsense, "text/html")
        elif what == "elsewhere":
            self.send_response(302)
            self.send_header("Location", "http://elsewhere.invalid/picture.jpg")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif isinstance(what, int):
            self._answer(what, b"", "text/html")
        else:
            self.library._over.wait(60 if what == "silence" else 0)
            with suppress(OSError):
                self.connection.shutdown(SHUT_RDWR)

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)


def _row(number: int, book: Shelved) -> dict[str, Any]:
    row: dict[str, Any] = {"key": f"/works/OL{number + 1}W", "title": book.title, "edition_count": book.editions}
    row |= {"author_name": [book.author]} if book.author else {}
    row |= {"subtitle": book.subtitle} if book.subtitle else {}
    return row | ({"cover_i": book.cover} if book.cover else {})


def jpeg(book: Shelved) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", book.size, book.colour).save(buffer, "JPEG")
    return buffer.getvalue()


def _words(text: str) -> set[str]:
    return set("".join(each if each.isalnum() else " " for each in text.casefold()).split())
