"""Reads the corpus: statements with their declarations, definitions and data."""

from pathlib import Path
from typing import Any

import yaml
from checked import Scope, Verdict, check
from checked.errors import Refused


class _Strings(yaml.SafeLoader):
    """Reads everything but lists and mappings as a string: y and n are names here."""


_Strings.yaml_implicit_resolvers = {}


def entries(name: str) -> list[dict[str, Any]]:
    return yaml.load(Path(__file__).with_name(name).read_text("utf-8"), _Strings)


def prepared(entry: dict[str, Any]) -> Scope:
    """A scope with all that the statement builds upon; Refused if that does not pass."""
    scope = Scope()
    for declaration in entry.get("given", []):
        scope.declare(declaration)
    for kind, key in (("define", "define"), ("given", "data")):
        for latex in entry.get(key, []):
            verdict = check(scope, latex, kind=kind)
            if not verdict.ok:
                raise Refused(verdict.category, verdict.message)
    return scope


def judged(entry: dict[str, Any], latex: str | None = None) -> Verdict:
    kind = entry.get("kind", "claim")
    latex = entry["claim"] if latex is None else latex
    try:
        return check(prepared(entry), latex, kind=kind)
    except Refused as refused:
        return Verdict(False, kind, latex, (), refused.category, refused.message)
