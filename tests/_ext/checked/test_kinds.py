"""The kinds of formula, and what their verdicts say."""

import math
import threading

import pytest
from checked import Scope, check, stop
from checked.errors import Refused
from checked.worker import clock, heavy
from sympy import Symbol, exp


@pytest.fixture
def scope():
    scope = Scope()
    scope.declare("x")
    return scope


def sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (1 + math.exp(x))


def test_code_that_agrees_with_its_formula(scope):
    assert check(scope, r"\sigma(x) = \frac{1}{1 + e^{-x}}", kind="define", code=sigmoid).ok


def test_code_that_differs_is_shown_with_the_point(scope):
    verdict = check(scope, r"\sigma(x) = \frac{1}{1 + e^{-x}}", kind="define", code=math.tanh)
    assert verdict.category == "false"
    assert "gives" in verdict.message


def test_code_for_a_vector():
    scope = Scope()
    scope.declare(r"x \in \mathbb{R}^n")

    def softmax(x):
        powers = [math.exp(v) for v in x]
        return [p / sum(powers) for p in powers]

    latex = r"p_i = \frac{e^{x_i}}{\sum_{j=1}^{n} e^{x_j}}"
    assert check(scope, latex, kind="define", code=softmax).ok
    other = Scope()
    other.declare(r"x \in \mathbb{R}^n")
    assert check(other, latex, kind="define", code=sorted).category == "false"


def test_a_known_function_is_claimed_not_defined(scope):
    right = r"\tanh(x) = \frac{e^x - e^{-x}}{e^x + e^{-x}}"
    assert check(scope, right, kind="define", code=math.tanh).ok
    wrong = r"\tanh(x) = \frac{e^x + e^{-x}}{e^x + e^{-x}}"
    assert check(scope, wrong, kind="define").category == "false"


def test_a_number_shows_its_left_side(scope):
    check(scope, "y = 3x^2 + 15", kind="define")
    check(scope, "x = 3", kind="given")
    verdict = check(scope, r"18 = \frac{dy}{dx}", kind="number")
    assert verdict.ok
    assert verdict.shown == "18"
    assert verdict.steps[0].how == "at the page's data"
    assert verdict.steps[0].used == ("y",)


def test_a_printed_decimal_is_a_rounding_and_only_that(scope):
    check(scope, "x = 3", kind="given")
    assert check(scope, r"0.333 = \frac{1}{x}", kind="number").ok
    assert check(scope, r"0.334 = \frac{1}{x}", kind="number").category == "false"
    assert check(scope, r"0.333 = \frac{1}{x}").category == "false"


@pytest.mark.parametrize(
    ("latex", "how"),
    [
        ("(x + 1)^2 = x^2 + 2x + 1", "for all x"),
        (r"\frac{1}{2} + \frac{1}{3} = \frac{5}{6}", "exactly"),
        (r"\frac{1}{3} \approx 0.33", "to the digits shown"),
    ],
)
def test_how_far_a_step_is_proved(scope, latex, how):
    assert check(scope, latex).steps[0].how == how


def test_a_false_step_is_numbered_and_shown_at_a_point(scope):
    verdict = check(scope, "2x + 2 = 2(x + 1) = 6x - 10")
    assert verdict.message.startswith("step 2 of 2 is false: left 4.8, right -1.6 at x = 7/5")
    assert "left − right = 12 - 4*x" in verdict.message


def test_an_unknown_kind_is_an_error(scope):
    with pytest.raises(ValueError, match="kind must be one of"):
        check(scope, "x = x", kind="wish")


def test_the_same_formula_gives_the_same_verdict_in_threads(scope):
    verdicts = []

    def work():
        own = Scope()
        own.declare("x")
        verdicts.append(check(own, r"\frac{d}{dx} e^{2x} = 2 e^{2x}"))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(verdict.ok for verdict in verdicts)
    assert len(set(verdicts)) == 1


def test_a_method_that_takes_too_long_is_stopped_and_the_next_one_works():
    x = Symbol("x")
    with clock(0.0001), pytest.raises(Refused, match="no answer within"):
        heavy("integrate", exp(x**2) * x, x)
    assert heavy("integrate", 2 * x, x) == x**2
    stop()


def test_time_runs_out_as_a_verdict(scope):
    verdict = check(scope, r"\lim_{x \to 0} \frac{e^x - 1 - x}{x^2} = \frac{1}{2}", time_limit=1e-6)
    assert verdict.category == "timeout"


def vectors(*more):
    scope = Scope()
    for text in (r"m \in \mathbb{N}", r"a \in \mathbb{R}^n", r"b \in \mathbb{R}^n", *more):
        scope.declare(text)
    return scope


def inner(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def outer(a, b):
    return [[x * y for y in b] for x in a]


def test_the_vectors_that_the_code_gets_differ():
    name = r"\operatorname{inner}(a, b) = "
    assert check(vectors(), name + r"a^\top b", kind="define", code=inner).ok
    for wrong in (r"a^\top a", r"b^\top b"):
        assert check(vectors(), name + wrong, kind="define", code=inner).category == "false"


def test_the_code_gives_the_shape_of_the_formula():
    scope = vectors(r"u \in \mathbb{R}^2", r"v \in \mathbb{R}^3")
    name = r"\operatorname{outer}(u, v) = "
    assert not check(scope, name + r"v u^\top", kind="define", code=outer).ok
    assert check(scope, name + r"u v^\top", kind="define", code=outer).ok
    flat = r"f(u, v) = u v^\top"
    assert (
        "shape"
        in check(
            scope, flat, kind="define", code=lambda u, v: [x for row in outer(u, v) for x in row]
        ).message
    )


@pytest.mark.parametrize("latex", ["c(c) = 3", "c(f) = 3x", r"\ell(\ell) = 3", "p_p = 3"])
def test_a_function_is_no_name_in_brackets(latex):
    scope = Scope()
    scope.declare("x")
    scope.declare("f: differentiable")
    assert not check(scope, latex, kind="define").ok


def test_an_unexpected_error_is_a_refusal_that_names_it(scope, monkeypatch):
    def fail(*_):
        raise RuntimeError("out of order")

    monkeypatch.setattr("checked.Prover", fail)
    verdict = check(scope, "x = x")
    assert verdict.category == "unsupported"
    assert "RuntimeError: out of order" in verdict.message


@pytest.mark.parametrize(
    "supposed",
    [["T > 0"], [r"k \ne 0"], ["f: differentiable", r"f(x) \ne 0"], [r"v \in \mathbb{R}^3"]],
)
def test_what_is_supposed_of_other_names_does_not_matter(supposed):
    scope = Scope()
    for text in ("x", "p", *supposed):
        scope.declare(text)
    assert check(scope, r"2p = 4 \iff p = 2").ok
    assert not check(scope, r"2p = 4 \iff p = 3").ok
    assert check(scope, "x = 2", kind="given").ok


def test_a_gradient_by_a_matrix_has_its_shape():
    scope = Scope()
    for text in (r"W \in \mathbb{R}^{1 \times 2}", r"u \in \mathbb{R}^2"):
        scope.declare(text)
    assert check(scope, "K = W u", kind="define").ok
    assert not check(scope, r"\nabla_W K = \begin{pmatrix} u_1 \end{pmatrix}").ok
    assert not check(scope, r"\nabla_W K = u").ok
    assert check(scope, r"\nabla_W K = \begin{pmatrix} u_1 & u_2 \end{pmatrix} = u^\top").ok


def test_one_index_is_enough_for_a_row():
    scope = Scope()
    for text in (r"W_2 \in \mathbb{R}^{1 \times 2}", r"u \in \mathbb{R}^2"):
        scope.declare(text)
    assert check(scope, "K = W_2 u", kind="define").ok
    assert check(scope, r"\frac{\partial K}{\partial (W_2)_j} = u_j").ok
    assert check(scope, r"\frac{\partial K}{\partial (W_2)_{1,2}} = u_2").ok
    assert not check(scope, r"\frac{\partial K}{\partial (W_2)_j} = u_1").ok


@pytest.mark.parametrize(
    ("supposed", "latex"),
    [
        ([], r"14x = 28 \iff x = \frac{28}{14} = 2"),
        ([], r"x > 0 \implies \frac{1}{x} > 0"),
        ([], r"x \ne 0 \implies \frac{x}{x} = 1"),
        ([], r"x^2 = 2 \iff x = \sqrt{2} \lor x = -\sqrt{2}"),
        (["x > 0"], r"\ln x = 1 \iff x = e"),
        (["y"], r"x^2 + y^2 = 1 \implies 2x^2 + 2y^2 = \frac{4}{2} = 2"),
    ],
)
def test_what_follows(scope, supposed, latex):
    for text in supposed:
        scope.declare(text)
    verdict = check(scope, latex)
    assert verdict.ok, verdict.message


@pytest.mark.parametrize(
    ("supposed", "latex", "category"),
    [
        ([], r"14x = 28 \iff x = \frac{28}{14} = 3", "false"),
        ([], r"x^2 \le 2 \iff x^2 < 2", "false"),
        ([], r"x = 3 \iff x^2 = 9", "false"),
        ([], r"x \ge 0 \implies \frac{1}{x} > 0", "undefined"),
        ([], r"x > 0 \iff \frac{1}{x} > 0", "undefined"),
        ([], r"x = 1 \lor x = 0 \implies \frac{1}{x} = 1", "undefined"),
        ([], r"x = 0 \implies \frac{x}{x} = 1", "undefined"),
        (["x > 5"], r"x = 3 \implies x = 3", "vacuous"),
        ([r"n \in \mathbb{N}"], r"2n = 3 \implies 4n = 6", "vacuous"),
        (["y", "x > 5"], r"x^2 + y^2 = 1 \implies x^2 = 1 - y^2", "vacuous"),
    ],
)
def test_what_does_not_follow(scope, supposed, latex, category):
    for text in supposed:
        scope.declare(text)
    assert check(scope, latex).category == category


def test_a_product_with_one_row_is_a_number_for_the_witness_too():
    scope = Scope()
    for text in (
        r"W \in \mathbb{R}^{m \times n}",
        r"V \in \mathbb{R}^{k \times m}",
        r"x \in \mathbb{R}^n",
        r"a \in \mathbb{R}^m",
        r"b \in \mathbb{R}^k",
    ):
        scope.declare(text)
    assert check(scope, r"V (W x + a) + b = (V W) x + (V a + b)").ok
    assert not check(scope, r"V (W x + a) + b = (V W) x + (a + b)").ok


def test_the_chain_rule_over_a_sum_of_letter_length_comes_to_an_end():
    scope = Scope()
    scope.declare(r"x \in \mathbb{R}^n")
    scope.declare(r"i \in \{1, \dots, n\}")
    assert check(scope, r"u_j = x_j^2", kind="define").ok
    assert check(scope, r"y = \sum_{j=1}^{n} u_j^2", kind="define").ok
    right = (
        r"\sum_{j=1}^{n} \frac{\partial y}{\partial u_j} \cdot \frac{\partial u_j}{\partial x_i}"
    )
    assert check(scope, r"\frac{\partial y}{\partial x_i} = " + right, time_limit=3).ok
