"""What comes of a page is what MyST-NB makes of it, and nothing of one page reaches another."""

import os
import re
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import nbformat
import pytest

from tests.building import build_book, environment, sphinx, write_book


def page(*parts, kernel="python3", more=""):
    head = f"---\nfile_format: mystnb\nkernelspec:\n  name: {kernel}\n{more}---\n\n# Page\n\n"
    return head + "\n\n".join(parts) + "\n"


def cell(code, *tags):
    option = f":tags: [{', '.join(tags)}]\n\n" if tags else ""
    return f"```{{code-cell}} ipython3\n{option}{code}\n```"


def index(pages):
    return {"index.md": "# Book\n\n```{toctree}\n" + "\n".join(pages) + "\n```\n"}


INLINE = "mystnb:\n  execution_mode: inline\n"
FIGURE = "import matplotlib.pyplot as plt\nfig = plt.figure()\nplt.plot([1, 2])\nplt.close(fig)"
# Each page, and what it must show: two pages that show nothing would be the same, too.
PAGES = {
    "rich": (
        page(
            cell("from IPython.display import HTML, SVG, Latex, display\nHTML('<b>bold html</b>')"),
            cell("Latex('$latex$')"),
            cell('SVG(\'<svg xmlns="http://www.w3.org/2000/svg" width="3" height="3"/>\')'),
            cell("import matplotlib.pyplot as plt\nplt.plot([1, 2]);"),
            cell("import numpy\n{'dictionary': numpy.arange(3)}"),
            cell("shown = display('before', display_id=True)"),
            cell("shown.update('afterwards')"),
        ),
        ["<b>bold html</b>", "latex", ".svg", ".png", "dictionary", "afterwards"],
    ),
    "glued": (
        page(
            cell(f"from myst_nb import glue\n{FIGURE}\nglue('picture', fig, display=False)"),
            cell("glue('number', 14.135)"),
            "So {glue}`number`, about {glue:text}`number:.1f`.",
            "```{glue:figure} picture\nThe caption\n```",
        ),
        ["14.135", "14.1<", "The caption"],
    ),
    "shown": (
        page(
            cell(f"a, _b = 14, 'words'\n{FIGURE}"),
            "First {eval}`a` and {eval}`_b`.",
            cell("a = 135"),
            "Then {eval}`a`.\n\n```{eval} a\n```\n\n```{eval:figure} fig\nThe caption\n```",
            more=INLINE,
        ),
        ["First 14 and words", "Then 135", "The caption"],
    ),
    "expressions": (
        page(cell("a = 14"), "So {eval}`a + 1`.", more=f"{INLINE}  eval_name_regex: '.*'\n"),
        ["So 15"],
    ),
    "magics": (
        page(
            cell("%%capture kept\nprint('caught')"),
            cell("kept.stdout"),
            cell("%env WORD=environment"),
            cell("%%writefile written.txt\nfrom a file"),
            cell("!echo $WORD; cat written.txt"),
            cell("%%bash\necho from bash; echo complaint >&2"),
            cell("%timeit -n1 -r1 pass", "remove-output"),
            cell("%matplotlib inline\n%who_ls"),
        ),
        ["caught", "environment", "from a file", "from bash", "complaint"],
    ),
    "streams": (
        page(
            cell(
                "import os, subprocess, sys, time\n"
                "for number, stream in enumerate([sys.stdout, sys.stderr, sys.stdout]):\n"
                "    print('printed', number, file=stream, flush=True); time.sleep(0.3)"
            ),
            # Stock execution shows it in the next cell now and then, unless it has time.
            cell("os.write(1, b'to the descriptor\\n'); time.sleep(0.3)"),
            cell("subprocess.run(['echo', 'of a child']); time.sleep(0.3)"),
            cell("os.write(2, b'an error\\n'); time.sleep(0.3)"),
        ),
        ["printed 0", "printed 1", "printed 2", "to the descriptor", "of a child", "an error"],
    ),
    "raises": (
        page(
            cell("def f():\n    return 1 / 0\nf()", "raises-exception"),
            cell("x = = 1", "raises-exception"),
            cell("input('what')", "raises-exception"),
            cell("print('goes on')"),
            cell(
                "import resource\n"
                "_, most = resource.getrlimit(resource.RLIMIT_AS)\n"
                "resource.setrlimit(resource.RLIMIT_AS, (2**34, most))\n"
                "bytearray(2**35)",
                "raises-exception",
            ),
        ),
        ["ZeroDivisionError", "SyntaxError", "StdinNotImplemented", "goes on", "MemoryError"],
    ),
    "elsewhere": (
        page(
            cell("import os\nprint(os.listdir(), 'only')"), more="mystnb:\n  execution_in_temp: 1\n"
        ),
        [],
    ),
    "settings": (
        page(
            cell("1 / 0"),
            cell("import sys\nprint('next'), print('hidden', file=sys.stderr)"),
            more="mystnb:\n  execution_allow_errors: true\n  output_stderr: remove\n",
        ),
        ["ZeroDivisionError", "next"],
    ),
    "failing": (
        page(
            cell("a = 14\nprint('was here')"),
            cell("1 / 0"),
            "It was {eval}`a`.",
            cell("print('was never here')"),
            more=INLINE,
        ),
        ["was here", "ZeroDivisionError", "It was 14"],
    ),
    "surroundings": (
        page(
            cell("import os, sys, signal, threading, __main__\nsys.argv[:2], sys.path"),
            cell("__name__, __main__.__dict__ is globals(), __main__.__spec__, sorted(globals())"),
            cell("sorted(os.environ), sys.flags, sys.executable"),
            cell("[signal.getsignal(getattr(signal, f'SIG{n}')) for n in ('INT', 'CHLD', 'PIPE')]"),
            # Python numbers threads as they are made, those that have ended too.
            cell(
                "import re\nnames = [thread.name for thread in threading.enumerate()]\n"
                r"sorted(re.sub(r'\d+', '', name) for name in names)"
            ),
            cell("import matplotlib\ndict(matplotlib.rcParams), matplotlib.get_backend()"),
            cell("os.getsid(0) == os.getpid(), os.umask(0), os.path.basename(os.getcwd())"),
        ),
        ["ipykernel_launcher.py", "__main__", "JPY_PARENT_PID", "matplotlib_inline", "docs"],
    ),
    "waits": (
        page(
            cell("import asyncio\nasync def two():\n    return 2"),
            cell("await asyncio.gather(two(), two())"),
            cell("task = asyncio.create_task(two())"),
            cell("'awaited', await task"),
        ),
        ["[2, 2]", "awaited"],
    ),
    "alias": (page(cell("print('by another name')"), kernel="another"), ["by another name"]),
}
SETTINGS = """
nb_merge_streams = True
nb_kernel_rgx_aliases = {"an.*": "python3"}
cells_run_modules = ["numpy", "matplotlib.figure", "matplotlib.backends.backend_agg"]
"""


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The same book, built with stock execution and with this extension."""
    pages = index(PAGES) | {f"{name}.md": text for name, (text, _) in PAGES.items()}

    def built(extensions):
        settings = SETTINGS if extensions else SETTINGS.rpartition("cells_run_modules")[0]
        folder = tmp_path_factory.mktemp("book")
        return build_book(folder, pages, extensions, settings=settings, workers=2)

    with ThreadPoolExecutor() as pool:
        return list(pool.map(built, ([], ["cells_run"])))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_the_same_as_with_stock_execution(both, name):
    stock, ours = (built.page(name) for built in both)
    without_marks = re.sub(r"<[^>]*>", "", ours)
    assert [words for words in PAGES[name][1] if words not in ours + without_marks] == []
    assert ours == stock


def test_pictures_are_the_same_as_with_stock_execution(both):
    stock, ours = (
        {path.name: path.read_bytes() for path in (built.folder / "_images").iterdir()}
        for built in both
    )
    assert {Path(name).suffix for name in stock} == {".png", ".svg"}
    assert ours == stock


# A process that outlives its cell; that it kept the build's output open would say nothing here.
SLEEPS = "subprocess.Popen(['sleep', '100'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)"
# A page that would see what another has left, and leaves the same itself.
LEAVES = page(
    cell(
        "import os, random, numpy, matplotlib\n"
        "print('found', 'left' in globals(), 'LEFT' in os.environ, os.path.basename(os.getcwd()),\n"
        "      matplotlib.rcParams['lines.linewidth'], hasattr(numpy, 'left'))\n"
        "print('drawn', numpy.random.random(), random.random())\n"
        "left = numpy.left = os.environ['LEFT'] = 'left'\n"
        "matplotlib.rcParams['lines.linewidth'] = 14\n"
        "os.chdir('/')\n"
        "numpy.random.seed(1), random.seed(1);"
    )
)


def meets(own, other):
    """Return a page that waits for another: one after the other, neither would end."""
    return page(
        cell(
            "import pathlib, time\n"
            f"pathlib.Path('{own}.met').touch()\n"
            f"while not pathlib.Path('{other}.met').exists():\n"
            "    time.sleep(0.02)\n"
            "print('they met')"
        )
    )


APART = {
    **{f"leaves-{number}.md": LEAVES for number in range(3)},
    "one.md": meets("one", "two"),
    "two.md": meets("two", "one"),
    "past-python.md": page(
        cell("import os, subprocess"),
        *(cell(f"subprocess.run(['echo', 'written {n}']); # {n}") for n in range(10)),
        *(cell(f"os.write(1, b'written {n}\\n'); # {n}") for n in range(10, 20)),
    ),
    "starts.md": page(cell(f"import subprocess\n{SLEEPS};")),
}
NOTING = "import os, pathlib\npathlib.Path(os.environ['LOADED']).open('a').write('loaded\\n')\n"


@pytest.fixture(scope="module")
def apart(tmp_path_factory):
    """A book that is built twice; its process to copy notes when it starts."""
    folder, packages = tmp_path_factory.mktemp("book"), tmp_path_factory.mktemp("packages")
    (packages / "noting.py").write_text(NOTING, encoding="utf-8")
    mark = str(uuid4())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUILD", mark)
        patch.setenv("LOADED", str(packages / "loaded"))
        patch.setenv("PYTHONPATH", str(packages))
        pages = index(name.removesuffix(".md") for name in APART) | APART
        settings = "cells_run_modules = ['numpy.random', 'matplotlib.figure', 'noting']\n"
        settings += "nb_execution_timeout = 30\n"
        first, second = (
            build_book(folder, pages, ["cells_run"], settings=settings, fresh=False)
            for _ in range(2)
        )
    assert first.status == second.status == 0, first.output + second.output
    first.left, first.loaded = processes(mark), (packages / "loaded").read_text().splitlines()
    return first


def processes(mark):
    """Return the processes that a build has started, by what its surroundings had in them."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:  # it has ended, or is another person's
            continue
    return found


def test_no_page_finds_what_another_has_left(apart):
    for number in range(3):
        assert "found False False docs 1.5 False" in apart.page(f"leaves-{number}")


def test_every_page_draws_random_numbers_of_its_own(apart):
    pages = (apart.page(f"leaves-{number}") for number in range(3))
    drawn = [re.search(r"^drawn (0\.\d+) (0\.\d+)$", text, re.MULTILINE).groups() for text in pages]
    assert len({number for pair in drawn for number in pair}) == 6


def test_pages_run_at_once(apart):
    assert "they met" in apart.page("one")
    assert "they met" in apart.page("two")


def test_what_is_written_past_python_stands_with_its_cell(apart):
    text = re.sub(r"<[^>]*>", "", apart.page("past-python"))
    numbers = re.findall(r"^written (\d+)$|# (\d+)$", text, re.MULTILINE)
    assert numbers == [
        pair for number in map(str, range(20)) for pair in (("", number), (number, ""))
    ]


def test_nothing_is_left_running(apart):
    assert apart.left == []


def test_no_process_starts_when_nothing_must_run(apart):
    assert apart.loaded == ["loaded"]


@pytest.mark.parametrize("module", ["beside", "has_never_been"])
def test_a_module_that_cannot_be_loaded_or_lies_beside_the_book_is_refused(build, tmp_path, module):
    (tmp_path / "beside.py").write_text("", encoding="utf-8")
    settings = f"import os\nos.environ['PYTHONPATH'] = {str(tmp_path)!r}\n"
    settings += f"cells_run_modules = [{module!r}]\n"
    built = build({"index.md": page(cell("1"))}, ["cells_run"], settings=settings)
    assert built.status != 0
    assert "Traceback" not in built.output
    assert len(built.failures) == 1
    assert built.failures[0].startswith(f"conf.py:10: cells_run_modules: {module}")


@pytest.fixture
def running(tmp_path, monkeypatch):
    """A build, in a session of its own as in a terminal, while a cell of it is sleeping."""
    mark = str(uuid4())
    monkeypatch.setenv("BUILD", mark)
    sleeps = page(cell("open('begun.txt', 'w').close()\nimport time\ntime.sleep(1000)"))
    write_book(tmp_path, {"index.md": sleeps}, ["cells_run"], "cells_run_modules = ['numpy']\n")
    process = subprocess.Popen(
        sphinx("html", 1, True),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    wait_until((tmp_path / "docs" / "begun.txt").exists)
    yield process, mark
    process.kill()
    process.communicate()


def wait_until(holds, seconds=60):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_build_that_is_interrupted_ends_soon_and_leaves_nothing_running(running):
    process, mark = running
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=10)
    assert process.returncode != 0
    assert "Traceback" not in output
    wait_until(lambda: not processes(mark), 5)


def test_a_build_that_is_killed_leaves_nothing_running(running):
    process, mark = running
    process.kill()
    wait_until(lambda: not processes(mark), 5)


MISTAKES = {
    "killed.md": page(
        cell("print('before')"),
        cell(f"import os, signal, subprocess\n{SLEEPS}\nos.kill(os.getpid(), signal.SIGKILL)"),
        cell("print('after')"),
    ),
    "late.md": page(
        cell("print('in time')"),
        cell("import time\ntime.sleep(1000)"),
        more="mystnb:\n  execution_timeout: 2\n",
    ),
    "unknown.md": page(cell("print('never')"), kernel="nobody"),
    "well.md": page(cell("print('all is well')")),
}


@pytest.fixture(scope="module")
def mistakes(tmp_path_factory):
    pages = index(name.removesuffix(".md") for name in MISTAKES) | MISTAKES
    mark = str(uuid4())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUILD", mark)
        folder = tmp_path_factory.mktemp("book")
        built = build_book(folder, pages, ["cells_run", "cell_errors"])
    built.left = processes(mark)
    return built


def test_a_page_that_cannot_run_says_where_and_why_and_the_others_run(mistakes):
    assert mistakes.status != 0
    assert "Traceback" not in mistakes.output
    killed, late, unknown = mistakes.failures
    assert killed.startswith("docs/killed.md:14: DeadKernelError: the kernel died")
    assert late.startswith("docs/late.md:17: CellTimeoutError")
    assert unknown.startswith("docs/unknown.md:10: NoSuchKernel: No such kernel named nobody")
    assert "all is well" in mistakes.page("well")
    assert "before" in mistakes.page("killed")


def test_what_a_killed_kernel_has_started_is_ended(mistakes):
    assert mistakes.left == []


def test_a_page_that_could_not_run_runs_again(mistakes):
    folder = mistakes.folder / ".doctrees" / "cells"
    assert [path.name for path in folder.iterdir()] == ["well.json"]


def test_the_slowest_cells_are_named_when_that_is_asked_for(build):
    quick, slow = nbformat.v4.new_code_cell("1"), nbformat.v4.new_code_cell("2")
    slow.source = "import time\ntime.sleep(0.5)"
    pages = index(["page", "other"]) | {
        "page.md": page(cell("x = 1"), cell("import time\ntime.sleep(1)")),
        "other.ipynb": nbformat.writes(
            nbformat.v4.new_notebook(
                cells=[nbformat.v4.new_markdown_cell("# Other"), quick, slow],
                metadata={"kernelspec": {"name": "python3", "display_name": "Python"}},
            )
        ),
    }
    built = build(pages, ["cells_run"], settings="cells_run_slowest = 2\n")
    assert built.status == 0, built.output
    line = pages["page.md"].splitlines().index("import time") + 1
    found = re.findall(r"(\S+) s: (.*)", built.output)
    assert [place for _, place in found] == [f"page:{line}", "other, cell 3"]
    assert float(found[0][0]) > 1 > float(found[1][0]) > 0.5
