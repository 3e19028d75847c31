"""Every word of LaTeX that a formula may use; a word that is not here is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NoReturn

from lark import Token
from lark.lexer import Lexer

from .errors import Unparsable

GREEK = [
    "alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "kappa",
    "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "phi", "varphi", "chi", "psi", "omega",
    "Gamma", "Delta", "Theta", "Lambda", "Sigma", "Phi", "Psi", "Omega", "ell",
]  # fmt: skip
FUNCTIONS = ["ln", "log", "exp", "sin", "cos", "tan", "tanh", "sinh", "cosh", "det"]
KNOWN_FUNCTIONS = frozenset(f"\\{word}" for word in (*FUNCTIONS, "max", "min"))
IGNORED = {"\\,", "\\;", "\\:", "\\!", "\\ ", "\\quad", "\\qquad", "\\displaystyle", "\\limits"}
SIZES = {f"\\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in "lr"}

WORDS = {
    "+": "PLUS", "-": "MINUS", "=": "EQ", "<": "LT", ">": "GT", "/": "SLASH", "!": "BANG",
    ",": "COMMA", "^": "CARET", "_": "UNDER", "&": "AMP", "\\\\": "NEWLINE", "{": "LBRACE",
    "}": "RBRACE", "(": "LPAR", ")": "RPAR", "[": "LSQ", "]": "RSQ", "\\{": "LSET", "\\}": "RSET",
    "\\lvert": "ABSOPEN", "\\rvert": "ABSCLOSE", "\\lVert": "NORMOPEN", "\\rVert": "NORMCLOSE",
    "\\le": "LE", "\\leq": "LE", "\\ge": "GE", "\\geq": "GE", "\\ne": "NE", "\\neq": "NE",
    "\\lt": "LT", "\\gt": "GT", "\\approx": "APPROX", "\\in": "IN", "\\to": "TO",
    "\\implies": "IMPLIES", "\\Rightarrow": "IMPLIES", "\\iff": "IFF", "\\Leftrightarrow": "IFF",
    "\\land": "AND", "\\lor": "OR", "\\cdot": "CDOT", "\\times": "TIMES", "\\frac": "FRAC",
    "\\tfrac": "FRAC", "\\dfrac": "FRAC", "\\binom": "BINOM", "\\sqrt": "SQRT", "\\sum": "BIG",
    "\\prod": "BIG", "\\int": "INT", "\\lim": "LIM", "\\max": "EXTREME", "\\min": "EXTREME",
    "\\nabla": "NABLA", "\\partial": "PARTIAL", "\\infty": "INFINITY", "\\top": "TOP",
    "\\dots": "DOTS", "\\ldots": "DOTS", "\\cdots": "DOTS",
}  # fmt: skip
WORDS |= {f"\\{word}": "NAME" for word in GREEK}
WORDS |= {f"\\{word}": "FUNCTION" for word in FUNCTIONS}

TEXTS = {"if": "IF", "for": "IF", "otherwise": "OTHERWISE", "else": "OTHERWISE", "or": "OR",
         "and": "AND", "as": "AS"}  # fmt: skip
CLOSER_OF = {"LPAR": "RPAR", "LSQ": "RSQ", "LBRACE": "RBRACE", "LSET": "RSET",
             "LEFTDOT": "RIGHTBAR", "ABSOPEN": "ABSCLOSE", "NORMOPEN": "NORMCLOSE"}  # fmt: skip
ENDS_OPERAND = {"NUMBER", "NAME", "RPAR", "RSQ", "RBRACE", "RSET", "ABSCLOSE", "NORMCLOSE",
                "PRIMES", "BANG", "INFINITY", "TOP", "ENDMATRIX", "ENDCASES"}  # fmt: skip

PIECE = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<begin>\\(?:begin|end)\s*\{\s*(?P<environment>[a-zA-Z]+)\s*\})
  | (?P<text>\\text\s*\{(?P<words>[^{}]*)\})
  | (?P<named>\\(?:mathrm|operatorname|mathbf|mathit)\s*\{\s*(?P<letters>[A-Za-z]+)\s*\})
  | (?P<accent>\\(?P<mark>hat|bar|tilde|vec)(?:\s*\{\s*(?P<under>[A-Za-z]|\\[A-Za-z]+)\s*\}
                                               |\s+(?P<letter>[A-Za-z])))
  | (?P<blackboard>\\mathbb\s*(?:\{\s*(?P<set>[A-Z])\s*\}|\s(?P<bare>[A-Z])))
  | (?P<argmax>\\arg\s*\\(?P<extreme>max|min)(?![A-Za-z]))
  | (?P<delimiter>\\(?P<side>left|right)\s*(?P<shape>[.()\[\]|]|\\[|{}]|\\[lr]?[vV]ert(?![A-Za-z])))
  | (?P<bar>\||\\\||\\vert(?![A-Za-z])|\\Vert(?![A-Za-z]))
  | (?P<number>\d+(?:\.\d+)?)
  | (?P<primes>'+)
  | (?P<word>\\[A-Za-z]+|\\.)
  | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)


class Words(Lexer):
    """The lexer: LaTeX in, tokens of the grammar out."""

    def __init__(self, lexer_conf: object) -> None:
        pass

    def lex(self, data: Any) -> Iterator[Token]:  # type: ignore[override]  # lark calls it so too
        text = data if isinstance(data, str) else data.text
        return iter(_Scan(text if isinstance(text, str) else text.text).tokens())


class _Scan:
    """One pass over one formula; remembers the open brackets and what \\frac still wants."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.done: list[Token] = []
        self.open: list[tuple[str, bool]] = []
        self.wanted = 0  # single-letter arguments that the last \frac, \binom or \sqrt may take
        self.saved: list[int] = []

    def tokens(self) -> list[Token]:
        for piece in PIECE.finditer(self.source):
            name = next(k for k in piece.re.groupindex if piece[k] is not None)
            getattr(self, "_" + name)(piece)
        if self.open:
            raise Unparsable(self.source, len(self.source), "a bracket is not closed")
        return self.done

    def _put(self, kind: str, value: str, start: int, end: int) -> None:
        self.done.append(
            Token(
                kind,
                value,
                start_pos=start,
                line=1,
                column=start + 1,
                end_line=1,
                end_column=end + 1,
                end_pos=end,
            )
        )

    def _fail(self, piece: re.Match[str], reason: str) -> NoReturn:
        raise Unparsable(self.source, piece.start(), reason)

    def _last(self) -> str:
        return self.done[-1].type if self.done else ""

    def _space(self, piece: re.Match[str]) -> None:
        pass

    def _begin(self, piece: re.Match[str]) -> None:
        kinds = {"pmatrix": "MATRIX", "bmatrix": "MATRIX", "cases": "CASES"}
        kind = kinds.get(piece["environment"])
        if kind is None:
            self._fail(piece, f"unknown environment {piece['environment']}")
        side = "BEGIN" if piece[0].startswith("\\begin") else "END"
        mark = f"{kind}:{piece['environment']}"
        if side == "BEGIN":
            self.open.append((mark, False))
        elif not self.open or self.open.pop()[0] != mark:
            self._fail(piece, f"\\end{{{piece['environment']}}} closes nothing")
        self._put(f"{side}{kind}", piece[0], *piece.span())

    def _text(self, piece: re.Match[str]) -> None:
        kind = TEXTS.get(piece["words"].strip())
        if kind is None:
            self._fail(piece, f"unknown words '{piece['words'].strip()}'")
        self._put(kind, piece[0], *piece.span())

    def _named(self, piece: re.Match[str]) -> None:
        value = piece["letters"]
        if not piece[0].startswith(("\\mathrm", "\\operatorname")):
            value = f"\\mathbf{{{value}}}"
        self._put("NAME", value, *piece.span())

    def _accent(self, piece: re.Match[str]) -> None:
        under = piece["under"] or piece["letter"]
        if under.startswith("\\") and under[1:] not in GREEK:
            self._fail(piece, f"unknown word {under}")
        self._put("NAME", f"\\{piece['mark']}{{{under}}}", *piece.span())

    def _blackboard(self, piece: re.Match[str]) -> None:
        self._put("BLACKBOARD", piece["set"] or piece["bare"], *piece.span())

    def _argmax(self, piece: re.Match[str]) -> None:
        self._put("EXTREME", f"arg{piece['extreme']}", *piece.span())

    def _delimiter(self, piece: re.Match[str]) -> None:
        shape, left = piece["shape"], piece["side"] == "left"
        bars = {"|": "ABS", "\\vert": "ABS", "\\lvert": "ABS", "\\rvert": "ABS", "\\|": "NORM",
                "\\Vert": "NORM", "\\lVert": "NORM", "\\rVert": "NORM"}  # fmt: skip
        if shape in bars:
            kind = bars[shape] + ("OPEN" if left else "CLOSE")
            if not left and self.open and self.open[-1][0] == "LEFTDOT":
                kind = "RIGHTBAR"
        elif shape == "." and left:
            kind = "LEFTDOT"
        else:
            kind = WORDS.get(shape, "")
            if kind not in (CLOSER_OF if left else CLOSER_OF.values()):
                self._fail(piece, f"{piece[0]} cannot stand here")
        self._bracket(piece, kind, stretched=True)

    def _bracket(self, piece: re.Match[str], kind: str, stretched: bool = False) -> None:
        if kind in CLOSER_OF:
            self.open.append((kind, stretched))
            if kind == "LBRACE":
                self.saved.append(max(self.wanted - 1, 0))
                self.wanted = 0
        else:
            opener, was_stretched = self.open.pop() if self.open else ("", False)
            if CLOSER_OF.get(opener) != kind or was_stretched != stretched:
                self._fail(piece, f"{piece[0]} closes nothing")
            if kind == "RBRACE":
                self.wanted = self.saved.pop()
        self._put(kind, piece[0], *piece.span())

    def _bar(self, piece: re.Match[str]) -> None:
        """A bare | closes the | that is open if an operand has just ended; else it opens."""
        kind = "ABS" if piece[0] in ("|", "\\vert") else "NORM"
        is_open = bool(self.open) and self.open[-1] == (kind + "OPEN", False)
        closes = is_open and self._last() in ENDS_OPERAND
        self._bracket(piece, kind + ("CLOSE" if closes else "OPEN"))

    def _number(self, piece: re.Match[str]) -> None:
        start, end = piece.span()
        if piece[0].startswith("0") and piece[0].partition(".")[0] != "0" and not self.wanted:
            self._fail(piece, "a number does not begin with 0")
        if self.wanted:  # \frac12 is one half: each argument is one digit
            digits = piece[0]
            if "." in digits:
                self._fail(piece, "write braces around the argument")
            while self.wanted and start < end:
                self._put("NUMBER", self.source[start], start, start + 1)
                start, self.wanted = start + 1, self.wanted - 1
            if start == end:
                return
        elif self._last() in ("CARET", "UNDER") and end - start > 1:
            self._fail(piece, f"LaTeX raises or lowers only the {piece[0][0]}; write braces")
        self._put("NUMBER", self.source[start:end], start, end)

    def _primes(self, piece: re.Match[str]) -> None:
        self._put("PRIMES", piece[0], *piece.span())

    def _word(self, piece: re.Match[str]) -> None:
        word = piece[0]
        if word in IGNORED or word in SIZES:
            return
        kind = WORDS.get(word)
        if kind is None:
            self._fail(piece, f"unknown word {word}")
        if kind in CLOSER_OF or kind in CLOSER_OF.values():
            self._bracket(piece, kind)
            return
        self._put(kind, word, *piece.span())
        self.wanted = {"FRAC": 2, "BINOM": 2, "SQRT": 1}.get(kind, max(self.wanted - 1, 0))

    def _sign(self, piece: re.Match[str]) -> None:
        sign = piece[0]
        if sign.isascii() and sign.isalpha():
            self._put("NAME", sign, *piece.span())
            self.wanted = max(self.wanted - 1, 0)
        elif sign == "~":
            pass
        elif sign not in WORDS:
            self._fail(piece, f"unknown sign {sign}")
        elif WORDS[sign] in CLOSER_OF or WORDS[sign] in CLOSER_OF.values():
            self._bracket(piece, WORDS[sign])
        else:
            self._put(WORDS[sign], sign, *piece.span())
