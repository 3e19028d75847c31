"""Makes again exactly the pages that a change has made stale, so that no build need begin anew.

Sphinx reads a page again when the page has a new date. Here it does so also when anything has
changed on which the page depends, itself first of all (see `states`), and reads all pages again
when the book's own extensions or an installed package has changed. It writes the pages that it has
read; here it writes all pages when what they may say of each other, titles, numbers and targets,
has changed. What is left of pages and pictures that are no more is removed.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import is_dataclass
from functools import cache
from pathlib import Path
from shutil import rmtree
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors.toctree import TocTreeCollector
from states import digest, state

ADDRESS = re.compile(r" at 0x[0-9a-f]+")  # of an object, another in every process
# What Sphinx itself knows of a page that others may show.
SHARED = ("titles", "longtitles", "toctree_includes", "toc_secnumbers", "toc_fignumbers")


def depend(env: BuildEnvironment, docname: str, states: dict[str, str]) -> None:
    """Let a page be read again when one of these states has changed."""
    dependencies(env).setdefault(docname, {}).update(states)


def dependencies(env: BuildEnvironment) -> dict[str, dict[str, str]]:
    """Return, by page, all states on which it depends; to be added to."""
    found: dict[str, dict[str, str]] = vars(env).setdefault("fresh_dependencies", {})
    return found


def note_surroundings(app: Sphinx, config: Config) -> None:
    """Give the configuration a value that changes with the book's extensions and the packages."""
    files = [path for path in Path(__file__).parent.rglob("*.*") if path.suffix != ".pyc"]
    states = map(state, ["installed packages", *(f"file {path}" for path in sorted(files))])
    config.fresh_surroundings = digest("".join(states).encode())


def follow_page(app: Sphinx, docname: str, source: list[str]) -> None:
    """Follow what the page holds: when it is put back as it was, it may have its old date."""
    follow(app, docname, [app.env.doc2path(docname)])


def follow_files(app: Sphinx, doctree: nodes.document) -> None:
    follow(app, app.env.docname, app.env.dependencies[app.env.docname])


def follow(app: Sphinx, docname: str, paths: Iterable[str | os.PathLike[str]]) -> None:
    kinds = [f"file {Path(app.srcdir, path)}" for path in paths]
    depend(app.env, docname, {which: state(which) for which in kinds})


def outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Return the pages to be read again though they have not changed themselves."""
    now = cache(state)  # what many pages depend on is looked at once
    return [
        docname
        for docname, states in dependencies(env).items()
        if docname not in added and any(now(which) != was for which, was in states.items())
    ]


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    dependencies(env).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    read = dependencies(other)
    dependencies(env).update({name: read[name] for name in docnames if name in read})


def leave_numbers(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Keep Sphinx from loading every page to number its figures when all are as they were."""
    if docnames or written(app)["pages"] != sorted(env.found_docs):
        return
    for listener in [*app.events.listeners["env-get-updated"]]:
        if isinstance(getattr(listener.handler, "__self__", None), TocTreeCollector):
            app.disconnect(listener.id)


def stale_elsewhere(app: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    """Return all pages if what they say of each other has changed since they were written."""
    vars(app)["shared_between_pages"] = now = shared(app)  # writing pages changes some of it
    return [] if written(app)["shared"] == now else env.found_docs


def written(app: Sphinx) -> dict[str, Any]:
    """Return what this builder has left: its pages, and what they said of each other."""
    path = file_of_written(app)
    empty: dict[str, Any] = {"pages": [], "shared": "", "index": {}}
    return empty | json.loads(path.read_text(encoding="utf-8")) if path.is_file() else empty


def file_of_written(app: Sphinx) -> Path:
    return Path(app.doctreedir, f"written-{app.builder.name}.json")


def shared(app: Sphinx) -> str:
    """Return the digest of all that one page may show of another."""
    env = app.env
    values = [getattr(env, name) for name in SHARED] + [env.domaindata]
    values += app.emit("shared-between-pages")
    # Pages name the sums of style sheets and scripts.
    folders = [Path(app.confdir, folder) for folder in app.config.html_static_path]
    values += [state(f"file {path}") for folder in folders for path in sorted(folder.rglob("*"))]
    return digest("\n".join(lines(values)).encode())


def lines(value: Any) -> Iterator[str]:
    """Yield what a value consists of, the same in every process."""
    if isinstance(value, dict):
        for key in sorted(value, key=str):
            yield str(key)
            yield from lines(value[key])
    elif isinstance(value, list | tuple):
        for part in value:
            yield from lines(part)
    elif isinstance(value, set | frozenset):
        yield from sorted(map(str, value))
    elif isinstance(value, nodes.Node):
        yield value.astext()
    elif is_dataclass(value) or repr(value).endswith(f"at {id(value):#x}>"):
        yield from lines(vars(value))  # where it lies in memory tells nothing
    else:
        yield ADDRESS.sub("", repr(value))


def finish(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.builder.format == "html":
        remove_old(app)
        # As it was before any page was written, which may change it.
        now = {
            "pages": sorted(app.env.found_docs),
            "shared": vars(app)["shared_between_pages"],
            "index": indexer._index_entries if (indexer := indexer_of(app)) else {},
        }
        file_of_written(app).write_text(json.dumps(now), encoding="utf-8")


def remove_statics(app: Sphinx) -> None:
    """Let every build copy all style sheets and scripts: pages name the sums of those they find."""
    if app.builder.format == "html":
        statics = Path(app.outdir, "_static")
        if app.config.fresh_statics:
            rmtree(statics, ignore_errors=True)
        # Where it is missing when a build breaks off, the theme leaves a file of this name.
        statics.mkdir(parents=True, exist_ok=True)


def indexer_of(app: Sphinx) -> Any:
    """Return what gathers the words of all pages, if this builder has a search."""
    return getattr(app.builder, "indexer", None)


def mend_search(app: Sphinx) -> Iterable[Any]:
    """Remove from the search index the words that no page has any more.

    Sphinx forgets the index entries of pages that are not written again: those are given back.
    """
    indexer = indexer_of(app)
    if indexer is None:
        return []
    for words in (indexer._mapping, indexer._title_mapping):
        for word in [word for word, pages in words.items() if not pages]:
            del words[word]
    entries = written(app)["index"] | indexer._index_entries
    indexer._index_entries = {
        name: entries[name] for name in sorted(app.env.found_docs & entries.keys())
    }
    return []


def remove_old(app: Sphinx) -> None:
    """Remove pages that are no more, and pictures that no page shows any more."""
    old = [
        path
        for docname in set(written(app)["pages"]) - app.env.found_docs
        for path in Path(app.outdir).glob(f"{docname}.*")
    ]
    pictures = {name for _, name in app.env.images.values()}
    shown = Path(app.outdir, app.builder.imagedir).glob("*")
    for path in [*old, *(path for path in shown if path.name not in pictures)]:
        path.unlink()


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_config_value("fresh_surroundings", "", "env", [str])
    app.add_config_value("fresh_statics", True, "", [bool])
    app.add_event("shared-between-pages")
    app.connect("config-inited", note_surroundings)
    app.connect("source-read", follow_page)
    app.connect("doctree-read", follow_files)
    app.connect("env-get-outdated", outdated)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    app.connect("env-before-read-docs", leave_numbers)
    app.connect("env-get-updated", stale_elsewhere, priority=999)  # when all is numbered
    app.connect("builder-inited", remove_statics)
    app.connect("html-collect-pages", mend_search)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
