"""Runs the cells of every page that needs it, before Sphinx reads any: fast, and never stale.

MyST-NB starts a kernel for each page while it reads the page: a second to start, two more to import
numpy, torch and the like, one to end. Here all pages that need it run first, as many at once as
there are processors, each in a copy of one process that has loaded `cells_run_modules`. The copies
are ordinary ipykernels, so that what a cell may do, and what comes of it, is the same.

What came of a page is kept beside the doctrees with all that it depends on, and the cells run again
when any of that has changed. Where processes cannot be forked safely, and for pages that ask for
another way of execution, MyST-NB does what it always does.
"""

import asyncio
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import myst_nb.sphinx_
from fresh_pages import depend
from myst_nb.core.execute import create_client
from myst_nb.core.execute.base import EvalNameError, ExecutionError, NotebookClientBase
from myst_nb.core.execute.direct import NotebookClientDirect
from myst_nb.core.execute.inline import NotebookClientInline
from myst_nb.core.nb_to_tokens import nb_node_to_dict
from myst_nb.core.read import create_nb_reader
from nbformat import NotebookNode, from_dict
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ConfigError
from sphinx.util import logging
from states import UNKNOWN

from .kernels import POSSIBLE, copies
from .progress import Progress
from .records import key_of, load, save
from .running import Page, run

logger = logging.getLogger(__name__)


class RecordedClient(NotebookClientBase):
    """Gives MyST-NB what came of the cells of a page, which have been run already."""

    def start_client(self) -> None:
        record = self.record = self._kwargs["record"]
        cells = [cell for cell in self.notebook.cells if cell.cell_type == "code"]
        for cell, ran in zip(cells, from_dict(record["cells"]), strict=True):
            cell.outputs, cell.execution_count = ran.outputs, ran.execution_count
        for name in {"language_info", "widgets"}.intersection(record["metadata"]):
            self.notebook.metadata[name] = from_dict(record["metadata"][name])
        execution = record["execution"] | {"method": self.nb_config.execution_mode}
        self.exec_metadata = execution
        self.reached = -1
        if execution["error"]:
            if self.nb_config.execution_raise_on_error:
                raise ExecutionError(str(self.path))
            message = f"Executing notebook failed: {execution['error']}"
            if self.nb_config.execution_show_tb:
                message += f"\n{execution['traceback']}"
            self.logger.warning(message, subtype="exec")

    def code_cell_outputs(self, cell_index: int) -> tuple[int | None, list[NotebookNode]]:
        self.reached = cell_index
        count, outputs = super().code_cell_outputs(cell_index)
        return count, outputs

    def eval_variable(self, name: str) -> list[NotebookNode]:
        if self.nb_config.execution_mode != "inline":
            return list(super().eval_variable(name))
        if not re.match(self.nb_config.eval_name_regex, name):
            raise EvalNameError(name)
        answer = self.record["answers"].get(f"{self.reached} {name}")
        if answer is None:
            raise LookupError("a cell before it failed, or it stands in another file")
        return list(from_dict(answer))


class Cells:
    """What came of the cells of the pages that this build reads."""

    def __init__(self, app: Sphinx) -> None:
        self.app = app
        self.records: dict[str, dict[str, Any]] = {}

    def run(self, app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
        """Run the cells of the pages about to be read whose record no longer holds."""
        pages: list[Page] = []
        for name in docnames:
            with suppress(Exception):  # of which MyST-NB will speak
                pages += filter(None, [self.page(name)])
        for page in pages:
            record = load(self.file(page.docname))
            if record and record["key"] == page.key:
                self.records[page.docname] = record
        waiting = [page for page in pages if page.docname not in self.records]
        if waiting:
            try:
                self.run_pages(waiting)
            except ConfigError as error:  # MyST-NB will run them
                logger.warning("%s", error, location=place_of_modules(Path(app.confdir, "conf.py")))

    def run_pages(self, pages: list[Page]) -> None:
        """Run the cells of these pages, and keep what came of them."""
        config, book = self.app.config, Path(self.app.confdir)
        progress = Progress(len(pages))
        with copies(config.cells_run_modules, book):
            ran = asyncio.run(run(pages, book, progress))
        progress.end()
        self.records |= ran
        for docname, record in ran.items():
            if record["dependencies"]:
                save(self.file(docname), record)
        tell_slowest(pages, config.cells_run_slowest)

    def file(self, docname: str) -> Path:
        return Path(self.app.doctreedir, "cells", f"{docname}.json")

    def page(self, docname: str) -> Page | None:
        """Return what there is to run for a page; nothing if MyST-NB would not run it."""
        path = Path(self.app.env.doc2path(docname))
        if self.app.config.source_suffix.get(path.suffix) != "myst-nb":
            return None
        text = path.read_text(encoding="utf-8")
        env = vars(self.app.env)
        myst_config, config = env["myst_config"], env["mystnb_config"]
        reader = create_nb_reader(str(path), myst_config, config, text)
        if reader is None:
            return None
        # From here on as MyST-NB's parser does it.
        notebook = reader.read(text)
        kernelspec = notebook.metadata.get("kernelspec", {})
        for pattern, alias in config.kernel_rgx_aliases.items():
            if re.fullmatch(pattern, kernelspec.get("name", "")):
                kernelspec["name"] = alias
                break
        own = nb_node_to_dict(notebook.metadata.get(config.metadata_key, {}))
        with suppress(TypeError, ValueError):  # it warns, and goes on
            config = config.copy(**{name: own[name] for name in own if name != "output_folder"})
        client = create_client(notebook, str(path), config, logger)
        return page_of(docname, client)

    def client(
        self, notebook: NotebookNode, source: str, nb_config: Any, logger: Any, read_fmt: Any = None
    ) -> NotebookClientBase:
        """Take the place of MyST-NB's `create_client`."""
        client = create_client(notebook, source, nb_config, logger, read_fmt)
        page = page_of(self.app.env.path2doc(source) or "", client)
        if page is None:
            return client
        record = self.records.get(page.docname)
        if record is None or record["key"] != page.key:
            depend(self.app.env, page.docname, UNKNOWN)
            return client
        depend(self.app.env, page.docname, record["dependencies"] or UNKNOWN)
        return RecordedClient(notebook, client.path, nb_config, logger, record=record)


def page_of(docname: str, client: NotebookClientBase) -> Page | None:
    """Return what there is to run for a client of MyST-NB's that would run it."""
    if not isinstance(client, NotebookClientDirect | NotebookClientInline) or not client.path:
        return None
    config, notebook = client.nb_config, client.notebook
    own = notebook.metadata.get("execution", {})
    settings = {
        "folder": None if config.execution_in_temp else str(client.path.parent),
        "timeout": own.get("timeout", config.execution_timeout),
        "allow_errors": own.get("allow_errors", config.execution_allow_errors),
        "variables": config.eval_name_regex if isinstance(client, NotebookClientInline) else None,
    }
    return Page(docname, notebook, key_of(notebook, settings), **settings)


def place_of_modules(settings: Path) -> str:
    lines = settings.read_text(encoding="utf-8").splitlines()
    found = (number for number, line in enumerate(lines, 1) if "cells_run_modules" in line)
    return f"{settings}:{next(found, 1)}"


def tell_slowest(pages: list[Page], number: int) -> None:
    """Name the cells that took longest."""
    took = [
        (seconds, page.docname, index, page.notebook.metadata.get("source_map"))
        for page in pages
        for index, seconds in page.seconds.items()
    ]
    for seconds, docname, index, lines in sorted(took, reverse=True)[:number]:
        place = f"{docname}:{lines[index] + 1}" if lines else f"{docname}, cell {index + 1}"
        logger.info("%.2f s: %s", seconds, place)


def setup(app: Sphinx) -> dict[str, bool]:
    app.setup_extension("fresh_pages")
    app.add_config_value("cells_run_modules", [], "", [list])
    app.add_config_value("cells_run_slowest", 0, "", [int])
    if POSSIBLE:
        cells = Cells(app)
        app.connect("env-before-read-docs", cells.run)
        myst_nb.sphinx_.create_client = cells.client
    return {"parallel_read_safe": True, "parallel_write_safe": True}
