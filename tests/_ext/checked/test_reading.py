"""Reading: one tree or one error with its place, never a guess."""

import pytest
from checked import tree as t
from checked.errors import Unparsable
from checked.reading import read


class Names:
    """s and x are numbers, f and \\sigma functions, W_1 is one name."""

    def is_function(self, text):
        return text in ("f", "\\sigma")

    def is_name(self, text):
        return text in ("s", "x", "f", "\\sigma", "W_1")


def tree(latex):
    return read(latex, Names())


def test_a_chain_has_as_many_steps_as_relations():
    chain = tree(r"s = x \le 2 < 3")
    assert isinstance(chain, t.Chain)
    assert chain.relations == ("=", "≤", "<")


def test_brackets_after_a_number_multiply_and_after_a_function_call():
    assert isinstance(tree("s(1 - s)"), t.Multiply)
    assert isinstance(tree("f(1 - s)"), t.Call)


def test_a_prime_is_kept():
    call = tree(r"\sigma'(x)")
    assert isinstance(call, t.Call)
    assert call.function == t.Prime(t.Name("\\sigma"), 1)


def test_a_declared_name_with_an_index_is_one_name():
    assert tree("W_1") == t.Name("W_1")
    assert tree("W_2") == t.Subscript(t.Name("W"), (t.Number(2),))


def test_letters_side_by_side_in_an_index_are_two_indices():
    assert tree("W_{ij}") == t.Subscript(t.Name("W"), (t.Name("i"), t.Name("j")))


@pytest.mark.parametrize(
    ("latex", "same"),
    [
        (r"\frac12", r"\frac{1}{2}"),
        (r"\left(x\right)", "(x)"),
        (r"2\,x", "2x"),
        (r"\hat y", r"\hat{y}"),
        (r"\dfrac{x}{s}", r"\frac xs"),
        (r"|x|", r"\lvert x \rvert"),
        (r"\left.x\right|_{x=3}", r"\left. x \right\vert_{x = 3}"),
    ],
)
def test_two_ways_to_write_the_same(latex, same):
    assert tree(latex) == tree(same)


def test_a_derivative_takes_what_stands_beside_it():
    node = tree(r"\frac{d}{dx} x^2 + s")
    assert isinstance(node, t.Add)
    assert isinstance(node.terms[0], t.Derivative)


def test_a_sum_takes_the_product_that_follows():
    node = tree(r"\sum_{i=1}^{3} x_i \cdot s")
    assert isinstance(node, t.Big)
    assert isinstance(node.body, t.Multiply)


@pytest.mark.parametrize(
    "latex",
    [
        "", "2 3", "x 2", "2 +", "x^23", "x_12",
        "(x", "x)", r"\left(x)", r"\foo", "x @ 2", "x = = 2",
        r"\frac{d}{dx}", r"\partial x", r"1/2x",
        r"x/s/2", r"\ln x s", r"3\frac12", "-0", "+x", "007",
        r"0 x", r"e{x}", r"f^2(x)", "x'", r"\begin{pmatrix} 1 & 2 \\ 3 \end{pmatrix}",
        r"\begin{pmatrix} 1 \end{bmatrix}", r"\max_{x \in \mathbb{R}} x + 1",
        r"\frac{d}{dx} x \cdot x",
    ],
)  # fmt: skip
def test_what_is_not_clear_is_refused(latex):
    if latex.startswith(r"\max_"):
        latex = "(" + latex + ")"
    with pytest.raises(Unparsable):
        tree(latex)


def test_an_error_shows_its_place():
    with pytest.raises(Unparsable, match=r"column 5: unknown word \\foo") as caught:
        tree(r"x + \foo{x}")
    _, line, caret = caught.value.message.split("\n")
    assert line[caret.index("^") :].startswith(r"\foo")
