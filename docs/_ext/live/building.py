"""One build of the book: a process that has loaded it, waits to be told to build, and ends."""

import gc
import logging
import os
import signal
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from io import StringIO
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from cells_run.kernels import Provisioner
from failures import as_typed, collect, lines
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.docutils import docutils_namespace, patch_docutils
from sphinxcontrib.katex import KaTeXServer
from states import is_beside, is_of_a_package


@dataclass
class Loaded:
    """What a process has loaded when it is ready to build."""

    files: set[str]  # of the book: if one of them changes, the process is of no use any more
    source_suffixes: tuple[str, ...]


@dataclass
class Shown:
    """The pages that somebody looks at are new."""


@dataclass
class Built:
    """The build has ended."""

    problems: list[str]
    packages: list[str] = field(default_factory=list)  # modules that the next build will load too
    cell_modules: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)


def build_when_told(
    parent: Connection, book: Path, source: Path, folder: Path, cells: str, seen: set[str]
) -> None:
    """Load the book, wait for the names of the pages that are looked at, and build all."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that it tidies up
    os.setsid()  # Ctrl-C is for the process that waits for this one
    logging.getLogger().handlers.clear()  # those of a package that was loaded beforehand
    Provisioner.zygote = cells
    try:
        if seen:
            rehearse(book, source, folder, seen)
        with patch_docutils(book), docutils_namespace():
            built = build(parent, load(book, source, folder))
    except EOFError:
        return  # nobody waits any more
    except SphinxError as error:
        built = Built([str(error)])
    except Exception as error:  # noqa: BLE001 - an extension that is being written fails anyhow
        built = Built([in_one_line(error)])
    parent.send(built)


def load(book: Path, source: Path, folder: Path) -> Sphinx:
    return Sphinx(
        source,
        book,
        folder / "html",
        folder / "doctrees",
        "html",
        {"fresh_statics": False},  # pages are looked at while they are built
        status=None,
        warning=StringIO(),
        parallel=os.cpu_count() or 1,
    )


def rehearse(book: Path, source: Path, folder: Path, seen: set[str]) -> None:
    """Make some pages once, unchanged, so that the packages have done what they do only once.

    All that is loaded of the book meanwhile is forgotten again: it may change before the build.
    """
    before = set(sys.modules)
    with suppress(Exception), patch_docutils(book), docutils_namespace():
        app = load(book, source, folder)
        app.connect("env-get-outdated", lambda *_: seen)
        make(app, seen)
    for name in sys.modules.keys() - before:
        if is_beside(file_of(sys.modules[name]), book):
            del sys.modules[name]


def build(parent: Connection, app: Sphinx) -> Built:
    collector = collect(app)
    app.add_js_file(None, body=Path(__file__).with_name("page.js").read_text(encoding="utf-8"))
    prepare(app)
    parent.send(Loaded(files_of(app.confdir), tuple(app.config.source_suffix)))
    seen: set[str] = parent.recv()
    if (copy := os.fork()) == 0:
        show(app, seen, parent)
    os.waitpid(copy, 0)
    app.build()
    return Built(
        lines(collector.failures),
        [name for name, module in [*sys.modules.items()] if is_of_a_package(file_of(module))],
        getattr(app.config, "cells_run_modules", []),
        dict(os.environ),
    )


def prepare(app: Sphinx) -> None:
    """Do beforehand what the first page of a build has to wait for."""
    templates: Any = app.builder.templates
    for loader in templates.loaders:
        for name in loader.list_templates():
            if name.endswith(".html"):
                templates.environment.get_template(name)
    if "sphinxcontrib.katex" in app.extensions:
        KaTeXServer.get()
    gc.collect()
    gc.freeze()


def show(app: Sphinx, seen: set[str], parent: Connection) -> None:
    """Make the pages that somebody looks at, in this copy of the process, and end it."""
    gc.disable()
    # If this fails, the build that follows fails too, and tells why.
    with suppress(Exception):
        if make(app, seen):
            parent.send(Shown())
    os._exit(0)


def make(app: Sphinx, wanted: set[str]) -> set[str]:
    """Read and write those of the pages wanted that are stale, and no others; return them."""

    def keep(app: Sphinx, env: object, docnames: list[str]) -> None:
        docnames[:] = wanted.intersection(docnames)

    app.connect("env-before-read-docs", keep, priority=0)
    app.parallel = 1
    builder: Any = app.builder
    read = set(builder.read())
    pages = wanted.intersection(read.union(app.env.check_dependents(app, read)))
    if pages:
        app.emit("write-started", builder)
        builder.prepare_writing(pages)
        builder.parallel_ok = False
        builder.write_documents(pages)
        builder.copy_image_files()
    return pages


def files_of(book: Path) -> set[str]:
    """Return all files of the book whose code this process has loaded."""
    files = map(file_of, [*sys.modules.values()])
    return {str(book / "conf.py"), *(path for path in files if is_beside(path, book))}


def file_of(module: object) -> str:
    return getattr(module, "__file__", None) or ""


def in_one_line(error: Exception) -> str:
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{as_typed(place.filename)}:{place.lineno}: {type(error).__name__}: {error}"
