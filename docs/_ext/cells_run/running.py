"""Runs the cells of several pages at once, each page in a kernel of its own."""

import ast
import asyncio
import json
import os
import re
import time
import traceback
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jupyter_client.kernelspec import NoSuchKernel
from myst_nb.core.execute.inline import ModifiedNotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbclient.util import ensure_async
from nbformat import NotebookNode
from nbformat.v4 import new_output

from .kernels import USED
from .progress import Progress
from .records import Used, asked, dependencies

DIED = "the kernel died; the cell may have been killed, or have needed more memory than there is"


@dataclass
class Page:
    """A page whose cells are to run."""

    docname: str
    notebook: NotebookNode
    key: str
    folder: str | None  # in which they run; none: one of their own, thrown away afterwards
    timeout: int | None
    allow_errors: bool
    variables: str | None  # what a name in the text must match for its value to be shown
    seconds: dict[int, float] = field(default_factory=dict)  # by cell, once it has run


async def run(pages: list[Page], root: Path, progress: Progress) -> dict[str, dict[str, Any]]:
    """Run all pages, as many at once as there are processors; return the record of each."""
    places = asyncio.Semaphore(os.cpu_count() or 1)

    async def run_in_turn(page: Page) -> dict[str, Any]:
        # A kernel may take its time to end; it does so when the next page has its place.
        async with AsyncExitStack() as afterwards, places:
            with progress.showing(page.docname):
                return await run_page(page, root, afterwards)

    records = await asyncio.gather(*map(run_in_turn, pages))
    return {page.docname: record for page, record in zip(pages, records, strict=True)}


async def run_page(page: Page, root: Path, afterwards: AsyncExitStack) -> dict[str, Any]:
    """Run the cells of a page in order, and return all that came of it."""
    began, error, trace, used = time.time(), None, None, None
    cells = [cell for cell in page.notebook.cells if cell.cell_type == "code"]
    answers: dict[str, Any] = {}
    folder = page.folder or afterwards.enter_context(TemporaryDirectory())
    client = ModifiedNotebookClient(
        page.notebook, timeout=page.timeout, allow_errors=page.allow_errors, record_timing=False
    )
    try:
        await afterwards.enter_async_context(kernel(client, cwd=folder, env=dict(os.environ)))
        await run_cells(page, client, answers)
        used = await used_by(client)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as failure:
        error, trace = type(failure).__name__, traceback.format_exc()
    except (NoSuchKernel, RuntimeError, OSError) as failure:  # the kernel did not start
        error, trace = type(failure).__name__, traceback.format_exc()
        page.notebook.metadata["language_info"] = {"name": "text"}
        for cell in cells[:1]:
            cell.outputs = [new_output("error", ename=error, evalue=str(failure))]
    for cell in cells:
        cell.outputs = joined(cell.outputs)
    return {
        "key": page.key,
        # What a kernel that died, or one of another language, has used is not known.
        "dependencies": used and dependencies(page.notebook, used, began, folder, root),
        "cells": cells,
        "metadata": page.notebook.metadata,
        "answers": answers,
        "execution": {
            "mtime": began,
            "runtime": time.time() - began,
            "method": "force",
            "succeeded": error is None,
            "error": error,
            "traceback": trace,
        },
    }


@asynccontextmanager
async def kernel(client: ModifiedNotebookClient, **where: Any) -> AsyncIterator[None]:
    """Within, the client has a kernel.

    Its own way of starting one would take over what Ctrl-C does, from all the others too.
    """
    client.reset_execution_trackers()
    client.km = client.create_kernel_manager()
    try:
        await client.async_start_new_kernel(**where)
        await client.async_start_new_kernel_client()
        yield
    finally:
        if client.km:  # it has cleaned up itself if the kernel did not start
            await client._async_cleanup_kernel()


async def used_by(client: ModifiedNotebookClient) -> Used | None:
    """Ask a kernel what it has used."""
    question = client.kc.execute("", silent=True, user_expressions={"used": USED})
    reply = await client.async_wait_for_reply(await ensure_async(question))
    idle = False
    while not idle:  # else the end of the kernel would interrupt it
        told = await ensure_async(client.kc.get_iopub_msg(timeout=client.iopub_timeout))
        about = told["parent_header"].get("msg_id")
        idle = about == question and told["content"].get("execution_state") == "idle"
    answer = reply["content"].get("user_expressions", {}).get("used", {}).get("data")
    return Used(*json.loads(ast.literal_eval(answer["text/plain"]))) if answer else None


def joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join what a cell printed in several pieces: where the breaks are is left to chance."""
    whole: list[NotebookNode] = []
    for output in outputs:
        if whole and output.output_type == "stream" and output.name == whole[-1].get("name"):
            whole[-1].text += output.text
        else:
            whole.append(output)
    return whole


async def run_cells(page: Page, client: ModifiedNotebookClient, answers: dict[str, Any]) -> None:
    """Run the cells; note the variables that the text shows, by the cell before and the name."""
    info = await client.async_wait_for_reply(await ensure_async(client.kc.kernel_info()))
    page.notebook.metadata["language_info"] = info["content"]["language_info"]
    last, failure = -1, None
    for index, cell in enumerate(page.notebook.cells):
        if cell.cell_type == "code":
            began, last = time.perf_counter(), index
            if failure:  # no cell runs, but the text may still show what the cells before have made
                continue
            try:
                count = client.code_cells_executed + 1
                await client.async_execute_cell(cell, index, execution_count=count)
            except CellExecutionError as error:
                failure = error
            except DeadKernelError:
                cell.outputs.append(new_output("error", ename="DeadKernelError", evalue=DIED))
                raise
            finally:
                page.seconds[index] = time.perf_counter() - began
        elif page.variables is not None:
            for name in asked(cell.source):
                if re.match(page.variables, name):
                    answers[f"{last} {name}"] = await client.async_eval_expression(name)
    client.set_widgets_metadata()
    if failure:
        raise failure
