"""Routes for the files and results of batches: lists, single files, everything as a ZIP archive, and a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response, StreamingResponse

from pressrun.api import file_responses
from pressrun.api.batch_archive import make_archive
from pressrun.api.batches import answer
from pressrun.api.content import Download, send
from pressrun.api.dependencies import BatchId, Caller, FromCaller, PageSize, PositionToken, token_number
from pressrun.api.links import BASE
from pressrun.api.openapi import CONTENT_ERRORS, PAGE_ERRORS, Routes, content_documented, documented
from pressrun.api.receiving import receive_file
from pressrun.api.results import rest_state, write_table
from pressrun.errors import NoSuchFileError, TokenError
from pressrun.jobs import queries
from pressrun.jobs.signing import EXPIRES, SIGNATURE
from pressrun.kinds.products import Product, parse_products
from pressrun.kinds.run_store.content import Content, ContentFinder
from pressrun.store.slug import slug

MAX_ROW = 10**9
REDIRECT_SECONDS = 3600
"""Time that the address of an object in a bucket works."""

Row = Annotated[int, Path(ge=1, le=MAX_ROW, description="Row number of the item", examples=[1])]
FileName = Annotated[str, Path(description="Name of the file", examples=["video.mp4"])]
Expires = Annotated[str | None, Query(alias=EXPIRES, description="Of a signed link: when it expires", max_length=20)]
Signature = Annotated[str | None, Query(alias=SIGNATURE, description="Of a signed link", max_length=100)]

router = APIRouter(tags=["files"])
ROUTES = Routes(router)


@router.get(
    f"{BASE}/{{id}}/files", operation_id="listBulkJobFiles",
    **documented(file_responses.ItemFilesPageAnswer, PAGE_ERRORS),
)
def list_batch_files(
    request: Request, caller: FromCaller, batch_id: BatchId, page_size: PageSize = 20, page_token: PositionToken = None
) -> Response:
    """List the finished files of a batch, item by item, also those of items that failed later."""
    queries.get_batch(caller.queue, batch_id)
    jobs = queries.job_results(caller.queue, batch_id, after=token_number(page_token), size=page_size + 1)
    page, finder = jobs[:page_size], _finder(request)
    finder.prepare(page)
    more = str(page[-1]["position"]) if len(jobs) > page_size else None
    return answer({"items": [_item_files(job, caller, finder) for job in page], "next_page_token": more})


@router.get(
    f"{BASE}/{{id}}/items/{{row}}/files", operation_id="listItemFiles",
    **documented(file_responses.ItemFilesAnswer, PAGE_ERRORS),
)
def list_item_files(
    request: Request, caller: FromCaller, batch_id: BatchId, row: Row,
    expires: Expires = None, signature: Signature = None,  # noqa: ARG001 - workers list what is missing with a link
) -> Response:
    """List the finished files of an item, also while it runs and after a later stage failed."""
    return answer(_item_files(_read_job(caller, batch_id, row), caller, _finder(request)))


@router.head(f"{BASE}/{{id}}/items/{{row}}/files/{{name:path}}", include_in_schema=False)
@router.get(
    f"{BASE}/{{id}}/items/{{row}}/files/{{name:path}}", operation_id="getItemFile",
    **content_documented("application/octet-stream", CONTENT_ERRORS, redirects=True),
)
def get_file(
    request: Request, caller: FromCaller, batch_id: BatchId, row: Row, name: FileName,
    expires: Expires = None, signature: Signature = None,  # noqa: ARG001 - the middleware has verified them
) -> Response:
    """Download a file of an item. If it is in a bucket, the response redirects to a signed address there.

    Send `Range` and `If-Range` to resume a download.
    """
    job = _read_job(caller, batch_id, row)
    product = _find_product(job, name)
    content = _finder(request).find(job, product)
    if content is None:
        raise NoSuchFileError(
            f"{product.name} of row {row} is not within reach of the API",
            remedy="Use a bucket or a shared folder for run folders (setting runs), or let the worker upload its files "
            "(PRESSRUN_API_URL).",
        )
    if address := content.sign(REDIRECT_SECONDS):
        return RedirectResponse(address, 307, {"Cache-Control": "no-store"})
    title = slug(job["title"])
    download_name = f"{title}_{product.name.replace('/', '_')}" if job["title"] else product.name
    return send(
        request,
        Download(download_name, product.type, product.size, product.sha256, content.read, product.sha256),
    )


@router.put(f"{BASE}/{{id}}/items/{{row}}/files/{{name:path}}", include_in_schema=False)
async def receive(
    request: Request, caller: FromCaller, batch_id: BatchId, row: Row, name: FileName,
    expires: Expires = None, signature: Signature = None,  # noqa: ARG001
) -> Response:
    """Store a file that a worker uploads with a signed link, because the API cannot see its disk."""
    if not caller.identity.by_link:
        raise TokenError("Only workers upload files", remedy="Files appear here when they are finished.")
    job = await run_in_threadpool(_read_job, caller, batch_id, row)
    await receive_file(request, job, _find_product(job, name), request.app.state.location)
    return Response(status_code=204)


@router.head(f"{BASE}/{{id}}/download", include_in_schema=False)
@router.get(
    f"{BASE}/{{id}}/download", operation_id="downloadBulkJob", **content_documented("application/zip", CONTENT_ERRORS)
)
def download(
    request: Request, caller: FromCaller, batch_id: BatchId,
    expires: Expires = None, signature: Signature = None,  # noqa: ARG001
) -> Response:
    """Download all finished files of a batch as a ZIP archive, with `manifest.json`.

    The manifest lists every item with its files, checksums and, if it failed, the reason. Send `Range` and `If-Range`
    to resume a download.
    """
    batch, jobs = queries.batch_results(caller.queue, batch_id)
    archive = make_archive(batch, jobs, _finder(request))
    name = f"{slug(batch['title'])}.zip"
    return send(request, Download(name, "application/zip", archive.size, archive.digest, archive.read))


@router.head(f"{BASE}/{{id}}/results.csv", include_in_schema=False)
@router.get(
    f"{BASE}/{{id}}/results.csv", operation_id="getResultsTable", **content_documented("text/csv", CONTENT_ERRORS)
)
def results_table(
    request: Request, caller: FromCaller, batch_id: BatchId,
    expires: Expires = None, signature: Signature = None,  # noqa: ARG001
) -> Response:
    """Get the results of a batch as CSV: one line for each row, with links that expire."""
    batch = queries.get_batch(caller.queue, batch_id)
    name = quote(f"{slug(batch['title'])}.csv", safe="")
    headers = {"Content-Disposition": f"attachment; filename=\"results.csv\"; filename*=UTF-8''{name}"}
    lines: Iterator[bytes] = iter(()) if request.method == "HEAD" else write_table(caller.queue, batch_id, caller.links)
    return StreamingResponse(lines, 200, headers, "text/csv; charset=utf-8")


def _finder(request: Request) -> ContentFinder:
    return ContentFinder(request.app.state.location)


def _read_job(caller: Caller, batch_id: str, row: int) -> Mapping[str, Any]:
    job = queries.job_result(caller.queue, batch_id, row)
    if job is None:
        raise NoSuchFileError(f"The batch has no row {row}", remedy="List its items to see their rows.")
    return job


def _find_product(job: Mapping[str, Any], name: str) -> Product:
    product = next((each for each in parse_products(job["files"]) if each.name == name), None)
    if product is None:
        raise NoSuchFileError(
            f"Row {job['position']} does not have this file", remedy="List its files to see their names."
        )
    return product


def _item_files(job: Mapping[str, Any], caller: Caller, finder: ContentFinder) -> dict[str, Any]:
    files = [_file_view(job, each, caller, finder.find(job, each)) for each in parse_products(job["files"])]
    return {
        "row": job["position"], "title": job["title"], "state": rest_state(job["state"]), "files": files,
    }


def _file_view(job: Mapping[str, Any], product: Product, caller: Caller, content: Content | None) -> dict[str, Any]:
    return {
        "name": product.name,
        "type": product.type,
        "size": product.size,
        "sha256": product.sha256,
        "stage": product.stage,
        "available": content is not None,
        "url": caller.links.file(job["batch_id"], job["position"], product.name),
    }
