"""Shows the contract on a page: folded by function, in lines that wrap on a phone."""

from collections.abc import Iterable
from html import escape

from IPython.display import HTML

from mlmath.testing.contract import FLOATS, KINDS, NOT_ASKED, Case, cases

NARROW = set(FLOATS) - {"float64"}
# Here the dtype is the point; elsewhere a case in float64 stands for the same in the others.
ALL_DTYPES = ("floating-point dtypes", "mixed dtypes", "empty")


def show_rules() -> HTML:
    """Each kind of case with its rule."""
    rules = (f"<dt>{escape(kind)}</dt><dd>{escape(rule)}</dd>" for kind, rule in KINDS.items())
    return HTML(f'<dl class="contract">{"".join(rules)}</dl>')


def show_cases(functions: Iterable[str]) -> HTML:
    """All that is asked of each function, by kind of case."""
    return HTML("".join(map(_folded, functions)))


def _folded(function: str) -> str:
    kinds = "".join(_kind(function, kind) for kind in KINDS)
    title = f"<code>{function}</code>: {len(cases(function))} cases"
    return f'<details class="contract"><summary>{title}</summary><dl>{kinds}</dl></details>'


def _kind(function: str, kind: str) -> str:
    name = f"<dt>{escape(kind)}</dt>"
    if function in NOT_ASKED.get(kind, {}):
        return f"{name}<dd>Not asked. {escape(NOT_ASKED[kind][function])}</dd>"
    lines: dict[str, dict[str, None]] = {}  # of each line the dtypes, in their order
    for case in cases(function):
        if case.kind == kind and _is_shown(case):
            dtypes = dict.fromkeys(given.dtype for given in case.given())
            lines.setdefault(_line(case), {}).update(dtypes)
    return name + "".join(f"<dd>{line}{_named(dtypes)}</dd>" for line, dtypes in lines.items())


def _is_shown(case: Case) -> bool:
    return case.kind in ALL_DTYPES or not NARROW & {given.dtype for given in case.given()}


def _line(case: Case) -> str:
    """The case without its dtypes, so that those that differ in nothing else are one line."""
    call, wanted = case.call, str(case.wanted)
    for given in case.given():
        call = call.replace(f"{given.dtype} array", "array")
        wanted = wanted.removesuffix(f" in {given.dtype}")
    why = "" if case.why == KINDS[case.kind] else f" {escape(case.why)}"
    return f"<code>{escape(call)}</code> → <code>{escape(wanted)}</code>{why}"


def _named(dtypes: Iterable[str]) -> str:
    names = ", ".join(dtypes)
    return f" <small>({names})</small>" if names not in ("", "float64") else ""
