"""Serves the book, and has it built whenever a file changes: `python -m live docs build/live`."""

import argparse
import asyncio
import hashlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import uvicorn
from cells_run.kernels import zygote
from starlette.applications import Starlette
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect
from watchfiles import DefaultFilter, awatch

from .building import Built, Loaded, build_when_told

STEP = 10  # milliseconds of silence after which what has changed is taken to be all


class Build:
    """A process that builds once; see `building`."""

    def __init__(self, way_of_starting: str, *arguments: Any) -> None:
        context: Any = get_context(way_of_starting)
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=build_when_told, args=(theirs, *arguments))
        self.process.start()
        theirs.close()

    async def report(self) -> Any:
        """Return what the process tells next: `Loaded`, then `Shown` perhaps, then `Built`."""
        try:
            return await asyncio.to_thread(self.connection.recv)
        except (EOFError, ConnectionResetError):
            return Built(["the process that builds has ended; nobody knows why"])

    def end(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
        except ProcessLookupError:  # it has ended, or has no group of its own yet
            self.process.terminate()
        self.process.join()
        with suppress(ProcessLookupError):  # it may have started something just then
            os.killpg(self.process.pid, signal.SIGKILL)


class Viewer:
    """A page in a browser."""

    def __init__(self, socket: WebSocket, html: Path) -> None:
        path = socket.path_params["page"]
        self.socket = socket
        self.page = html / (f"{path}index.html" if path.endswith("/") or not path else path)
        self.docname = str(self.page.relative_to(html).with_suffix(""))
        self.shows = self.digest()

    def digest(self) -> str:
        with suppress(FileNotFoundError):
            return hashlib.sha256(self.page.read_bytes()).hexdigest()
        return ""

    def is_older(self) -> bool:
        """Tell whether the page was written after the browser had asked for it."""
        since = float(self.socket.query_params["since"])
        return self.page.is_file() and self.page.stat().st_mtime > since

    async def tell(self, problems: list[str], reload: bool) -> None:
        self.shows = self.digest()
        with suppress(RuntimeError, WebSocketDisconnect):  # the browser has gone
            await self.socket.send_json({"problems": problems, "reload": reload})


class Live:
    """The book that is served: who looks at it, what changes, and the next build."""

    def __init__(self, book: Path, source: Path, folder: Path, code: list[Path]) -> None:
        self.book, self.source, self.folder, self.code = book, source, folder, code
        self.html = folder / "html"
        self.html.mkdir(parents=True, exist_ok=True)
        self.viewers: list[Viewer] = []
        self.problems: list[str] = []
        self.changes: asyncio.Queue[set[str]] = asyncio.Queue()
        self.cells = ExitStack()
        self.cells_start_with: Any = None
        self.address_of_cells = ""
        self.next: Build | None = None

    @asynccontextmanager
    async def running(self, app: Starlette) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(self.watch(DefaultFilter(), True, self.source, *self.code)),
            asyncio.create_task(self.watch(is_setting, False, self.book)),
            asyncio.create_task(self.keep_building()),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            if self.next:
                self.next.end()
            self.cells.close()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def watch(self, concerns: Any, recursive: bool, *paths: Path) -> None:
        async for found in awatch(*paths, watch_filter=concerns, step=STEP, recursive=recursive):
            self.changes.put_nowait({path for _, path in found})

    async def keep_building(self) -> None:
        """Have a process ready for what changes next, time and again."""
        changed = {str(self.book)}  # all of it, at first
        way_of_starting = "spawn"
        while True:
            self.next = Build(
                way_of_starting,
                self.book,
                self.source,
                self.folder,
                self.address_of_cells,
                set() if changed else self.seen(),  # no rehearsal when it is wanted at once
            )
            report = await self.next.report()
            if isinstance(report, Loaded):
                if not changed:
                    say("waiting for a change")
                    changed = await self.changes.get()
                    if not fits(report, changed):
                        self.next.end()
                        continue
                report = await self.build(self.next, changed)
            await self.tell(report.problems, any(map(is_for_all, changed)))
            self.next.process.join()
            if report.packages:
                self.preload(report)
                way_of_starting, changed = "forkserver", set()
            else:  # no process can be made ready before something is repaired
                print(*report.problems, sep="\n", file=sys.stderr)
                changed = await self.changes.get()

    async def build(self, build: Build, changed: set[str]) -> Built:
        began = time.perf_counter()
        build.connection.send(self.seen())
        while not isinstance(report := await build.report(), Built):
            await self.tell(self.problems)
            say(f"the page you see is new after {time.perf_counter() - began:.2f} s")
        say(f"all pages are new after {time.perf_counter() - began:.2f} s")
        return report

    def seen(self) -> set[str]:
        return {viewer.docname for viewer in self.viewers}

    def preload(self, report: Built) -> None:
        """Let the next processes start with what this one had to load, but nothing of the book."""
        get_context("forkserver").set_forkserver_preload(report.packages)
        start_with = report.cell_modules, report.environment
        wanted = report.cell_modules and not report.problems  # which may be with them
        if wanted and start_with != self.cells_start_with:
            self.cells.close()
            modules, environment = start_with
            process = zygote(modules, self.book, environment)
            self.address_of_cells = self.cells.enter_context(process)
            self.cells_start_with = start_with

    async def tell(self, problems: list[str], all_of_it: bool = False) -> None:
        """Let every browser load its page again if that is new, and show the problems."""
        self.problems = problems
        for viewer in [*self.viewers]:
            await viewer.tell(problems, all_of_it or viewer.digest() != viewer.shows)

    async def view(self, socket: WebSocket) -> None:
        """Count a browser among the viewers, as long as it is there."""
        await socket.accept()
        viewer = Viewer(socket, self.html)
        self.viewers.append(viewer)
        await viewer.tell(self.problems, viewer.is_older())
        async for _ in socket.iter_text():
            pass
        self.viewers.remove(viewer)


class Pages(StaticFiles):
    """Files that no browser keeps without asking whether they are new."""

    def file_response(self, full_path: Any, *arguments: Any, **options: Any) -> Response:
        response: Response = super().file_response(full_path, *arguments, **options)
        if isinstance(response, FileResponse):  # whose length may change while it is sent
            response = Response(Path(full_path).read_bytes(), headers=dict(response.headers))
            response.headers["Content-Length"] = str(len(response.body))
        response.headers["Cache-Control"] = "no-cache"
        return response


def is_setting(change: object, path: str) -> bool:
    return path.endswith((".py", ".toml"))


def is_for_all(path: str) -> bool:
    """Tell whether a page may look different though its own file is the same."""
    return path.endswith((".css", ".js", ".svg", ".png"))


def fits(loaded: Loaded, changed: set[str]) -> bool:
    """Tell whether a process that has loaded this knows nothing of what has changed since."""
    return all(
        path.endswith((*loaded.source_suffixes, ".py")) and path not in loaded.files
        for path in changed
    )


def say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m live", description=__doc__)
    parser.add_argument("source", type=Path, help="the folder of the pages")
    parser.add_argument("folder", type=Path, help="where what is built is kept")
    parser.add_argument("--code", type=Path, nargs="*", default=[], help="more folders to watch")
    parser.add_argument("--port", type=int, default=8000)
    given = parser.parse_args()
    live = Live(
        Path.cwd(),
        given.source.resolve(),
        given.folder.resolve(),
        [folder.resolve() for folder in given.code],
    )
    routes = [
        WebSocketRoute("/live/{page:path}", live.view),
        Mount("/", app=Pages(directory=live.html, html=True)),
    ]
    app = Starlette(routes=routes, lifespan=live.running)
    say(f"the book will be at http://127.0.0.1:{given.port}; Ctrl-C ends this")
    with suppress(KeyboardInterrupt):
        uvicorn.run(app, port=given.port, log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
