"""A worker process for the benches: ours with work that does next to nothing, or procrastinate's own."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

from pressrun.jobs.handler import Completed, JobContext, JobHandler, Outcome, Stopped
from pressrun.jobs.limits import Rates
from pressrun.jobs.worker import WorkerOptions, run_worker


def nothing(_: JobContext) -> Outcome:
    return Completed()


def some_stages(run: JobContext) -> Outcome:
    """Four stages of `pause` seconds each, between which it looks whether it may go on."""
    for _ in range(4):
        if not run.should_continue() or run.stop.wait(float(run.data.get("pause", 0.02))):
            return Stopped()
    return Completed(output_url=f"file:///{run.job_id}")


def tiny() -> JobHandler:
    """The engine with stages that write a small file each."""
    from pressrun.kinds import job_handler
    from pressrun.testing.kind import TOY

    return job_handler(Path.cwd(), {TOY.name: TOY})


def plain(url: str, concurrency: int) -> None:
    """procrastinate as it comes, with a task that does nothing in a thread, as ours does."""
    from procrastinate import App, PsycopgConnector

    app = App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=concurrency + 3))

    @app.task(name="nothing")
    def do(number: int) -> None:
        """Nothing."""

    async def run() -> None:
        async with app.open_async():
            await app.run_worker_async(concurrency=concurrency, fetch_job_polling_interval=30.0)

    asyncio.run(run())


def main() -> None:
    kind, url, concurrency = sys.argv[1], sys.argv[2], int(sys.argv[3])
    print("ready", flush=True)
    if kind == "plain":
        plain(url, concurrency)
        return
    work = {"nothing": nothing, "stages": some_stages}.get(kind) or tiny()
    run_worker(url, WorkerOptions(Path.cwd(), concurrency, rates=Rates(0, 0)), work)


if __name__ == "__main__":
    logging.getLogger("procrastinate").setLevel(logging.ERROR)
    main()
