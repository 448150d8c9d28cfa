"""A client for the REST API of Pressrun: create bulk jobs, follow them, and download what they make.

::

    from pressrun_client import BulkJobsClient

    client = BulkJobsClient(api_key="…", base_url="http://127.0.0.1:8750")
    job = client.create_job(title="Spring", sheet_id="…", range="A1:Z100")
    for update in client.monitor_job(job.id):
        print(f"{update.percent_complete} %")
    client.download(job.id, "spring.zip")
"""

from pressrun_client.async_client import AsyncBulkJobsClient
from pressrun_client.client import BulkJobsClient
from pressrun_client.errors import (
    ApiError,
    AuthenticationError,
    ClientError,
    ConflictError,
    ConnectionFailedError,
    IncompleteDownloadError,
    NotFoundError,
    PermissionError,
    RateLimitError,
    RequestError,
    ServerError,
    SignatureError,
)
from pressrun_client.models import (
    Analytics,
    Event,
    File,
    Item,
    Job,
    NewJob,
    Progress,
    Record,
    Update,
    Validation,
    WebhookEvent,
)
from pressrun_client.webhooks import verify_webhook

__all__ = [
    "Analytics",
    "ApiError",
    "AsyncBulkJobsClient",
    "AuthenticationError",
    "BulkJobsClient",
    "ClientError",
    "ConflictError",
    "ConnectionFailedError",
    "Event",
    "File",
    "IncompleteDownloadError",
    "Item",
    "Job",
    "NewJob",
    "NotFoundError",
    "PermissionError",
    "Progress",
    "RateLimitError",
    "Record",
    "RequestError",
    "ServerError",
    "SignatureError",
    "Update",
    "Validation",
    "WebhookEvent",
    "verify_webhook",
]
