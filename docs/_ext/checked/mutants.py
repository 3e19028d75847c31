"""Small mistakes, made on purpose: a checker that accepts one of them had better be right.

`mutants` changes one token of a formula in every sensible way; `fuzz` deletes every character and
adds digits. Both give strings in a fixed order, each with a description, never the formula itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from lark import Token

from .errors import Refused
from .words import Words

Mutant = tuple[str, str]

INSTEAD = {
    "PLUS": ["-"], "MINUS": ["+", ""], "CDOT": ["+", "/"], "TIMES": ["+", "-"],
    "SLASH": ["\\cdot "],
    "EQ": ["<", ">", "\\ne "], "NE": ["=", "<"], "APPROX": ["=", "<"],
    "LT": [">", "\\le ", "=", "\\ge "], "GT": ["<", "\\ge ", "=", "\\le "],
    "LE": ["\\ge ", "<", "=", ">"], "GE": ["\\le ", ">", "=", "<"],
    "INFINITY": ["0", "1"], "TOP": ["2"], "PRIMES": ["", "''"], "FRAC": ["\\binom"],
    "IMPLIES": ["\\iff "], "IFF": ["\\implies "], "OR": ["\\land "], "AND": ["\\lor "],
    "BANG": [""],
}  # fmt: skip
BY_WORD = {
    "\\sum": ["\\prod"], "\\prod": ["\\sum"], "\\max": ["\\min"], "\\min": ["\\max"],
    "argmax": ["\\arg\\min"], "argmin": ["\\arg\\max"], "\\ln": ["\\exp"], "\\log": ["\\exp"],
    "\\exp": ["\\ln"], "\\sin": ["\\cos"], "\\cos": ["\\sin"], "\\tan": ["\\sin"],
    "\\tanh": ["\\sinh"], "\\sinh": ["\\cosh"], "\\cosh": ["\\sinh"], "\\det": ["\\exp"],
    "tr": ["\\operatorname{rank}"], "rank": ["\\operatorname{tr}"],
}  # fmt: skip
BEGINS_OPERAND = {"NUMBER", "NAME", "FUNCTION", "FRAC", "LPAR", "SQRT", "BIG", "LIM", "ABSOPEN"}
BEFORE_A_SIGN = {
    "",
    "EQ",
    "LT",
    "GT",
    "LE",
    "GE",
    "NE",
    "APPROX",
    "LPAR",
    "LBRACE",
    "LSQ",
    "AMP",
    "COMMA",
}


def mutants(source: str) -> Iterator[Mutant]:
    """Every formula that differs from this one in one token."""
    seen = {source}
    for mutant, description in _all(source):
        if mutant not in seen:
            seen.add(mutant)
            yield mutant, description


def fuzz(source: str) -> Iterator[Mutant]:
    """Every formula with one character less, or with one digit more, that reads differently."""
    same = _tokens(source)
    for mutant, description in _fuzz(source):
        if _tokens(mutant) != same:
            yield mutant, description


def _tokens(source: str) -> list[tuple[str, str]] | None:
    try:
        return [(token.type, str(token)) for token in Words(None).lex(source)]
    except Refused:
        return None


def _fuzz(source: str) -> Iterator[Mutant]:
    seen = {source}
    for place, character in enumerate(source):
        changed = source[:place] + source[place + 1 :]
        if changed not in seen:
            seen.add(changed)
            yield changed, f"without the {character!r} in column {place + 1}"
    for place, character in enumerate(source):
        if character.isdigit():
            for digit in "07":
                changed = source[: place + 1] + digit + source[place + 1 :]
                if changed not in seen:
                    seen.add(changed)
                    yield changed, f"with a {digit} after column {place + 1}"


def _all(source: str) -> Iterator[Mutant]:
    try:
        tokens = list(Words(None).lex(source))
    except Refused:
        return
    names = list(dict.fromkeys(_written(source, token) for token in tokens if token.type == "NAME"))
    before = ""
    for token in tokens:
        old = _written(source, token)
        for new in [*_instead(token, old), *_other_names(token, old, names)]:
            yield (
                _replaced(source, token, new),
                f"{old} becomes {new or 'nothing'} in column {_column(token)}",
            )
        if token.type in BEGINS_OPERAND and before in BEFORE_A_SIGN:
            yield (
                _replaced(source, token, "-" + old),
                f"a minus before {old} in column {_column(token)}",
            )
        if token.type == "NAME":
            yield _replaced(source, token, f"2 {old}"), f"twice {old} in column {_column(token)}"
        before = token.type


def _written(source: str, token: Token) -> str:
    return source[token.start_pos : token.end_pos]


def _column(token: Token) -> int:
    return (token.start_pos or 0) + 1


def _replaced(source: str, token: Token, new: str) -> str:
    return source[: token.start_pos] + new + source[token.end_pos :]


def _instead(token: Token, old: str) -> list[str]:
    if token.type == "NUMBER":
        return _other_numbers(old)
    return INSTEAD.get(token.type, []) + BY_WORD.get(str(token), [])


def _other_numbers(old: str) -> list[str]:
    whole, point, digits = old.partition(".")
    if not point:
        more = [str(int(old) + 1)] + ([str(int(old) - 1)] if int(old) > 0 else [])
        return more + ([old[::-1]] if old[::-1] != old and old[-1] != "0" else [])
    unit = int(whole + digits)
    changed = [unit + 1, unit - 1, unit + 10] if unit else [1]
    texts = [f"{k:0{len(digits) + 1}d}" for k in changed]
    return [text[: -len(digits)] + "." + text[-len(digits) :] for text in texts]


def _other_names(token: Token, old: str, names: list[str]) -> list[str]:
    if token.type != "NAME" or old == "d":
        return []
    return [
        name + (" " if name.startswith("\\") else "") for name in names if name not in (old, "d")
    ]
