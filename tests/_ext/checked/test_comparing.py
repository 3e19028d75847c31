"""A definition agrees with the code that it is bound to, whatever form that code has."""

import numpy as np
import pytest
from checked import Scope, check
from checked.comparing import spellings


def scope_of(*declarations):
    scope = Scope()
    for text in declarations:
        scope.declare(text)
    return scope


def judged(latex, code, *declarations):
    return check(scope_of(*declarations), latex, kind="define", code=code)


def logistic(x, *, k):
    return 1 / (1 + np.exp(-k * x))


def test_a_keyword_only_parameter_takes_the_name_that_it_spells():
    right, wrong = (rf"s(x, k) = \frac{{1}}{{1 + e^{{-{argument}}}}}" for argument in ("kx", "x"))
    assert judged(right, logistic).ok
    assert judged(wrong, logistic).category == "false"


def test_a_keyword_only_parameter_that_the_formula_lacks_is_named():
    verdict = judged(r"s(x) = \frac{1}{1 + e^{-x}}", logistic)
    assert "needs k" in verdict.message


def test_parameters_take_the_names_that_they_spell_in_any_order():
    def f(b, a):
        return a - 2 * b

    assert judged("p(a, b) = a - 2b", f).ok
    assert not judged("p(a, b) = b - 2a", f).ok
    assert judged("p = a - 2b", f, "a", "b").ok


def test_names_that_nothing_spells_go_in_order():
    assert judged("p(a, b) = a - 2b", lambda left, right: left - 2 * right).ok
    assert not judged("p(a, b) = b - 2a", lambda left, right: left - 2 * right).ok


def test_a_parameter_with_a_default_may_be_left_out():
    def s(x, /, k=1):
        return logistic(x, k=k)

    assert judged(r"\sigma(x) = \frac{1}{1 + e^{-x}}", s).ok
    assert not judged(r"\sigma(x) = \frac{1}{1 + e^{-2x}}", s).ok


def test_matrices_and_vectors_come_as_arrays():
    def predict(W_1, x, b_1):
        return W_1 @ x + b_1

    names = (r"m, n \in \mathbb{N}", r"W_1 \in \mathbb{R}^{m \times n}",
             r"x \in \mathbb{R}^n", r"b_1 \in \mathbb{R}^m")  # fmt: skip
    assert judged("z = W_1 x + b_1", predict, *names).ok
    assert not judged("z = W_1 x - b_1", predict, *names).ok


def test_code_that_takes_no_arrays_gets_lists():
    def total(x):
        return x.index(x[0]) + sum(x)

    assert judged(r"s = \sum_i x_i", total, r"x \in \mathbb{R}^3").ok
    assert not judged(r"s = \sum_i x_i^2", total, r"x \in \mathbb{R}^3").ok


def test_a_whole_number_comes_as_one():
    def total(n):
        return sum(range(n + 1))

    assert judged(r"s = \frac{n(n + 1)}{2}", total, r"n \in \mathbb{N}").ok
    assert not judged(r"s = \frac{n(n - 1)}{2}", total, r"n \in \mathbb{N}").ok


def test_a_function_comes_as_a_function():
    def quotient(f, x, h):
        return (f(x + h) - f(x)) / h

    right = r"q(h) = \frac{f(x + h) - f(x)}{h}"
    for known in ("f: differentiable", None):
        scope = scope_of("x", r"h \ne 0", *([known] if known else []))
        if not known:
            assert check(scope, "f(x) = 3x^2 + x", kind="define").ok
        assert not check(scope, right.replace("x + h", "x - h"), kind="define", code=quotient).ok
        assert check(scope, right, kind="define", code=quotient).ok


def test_a_definition_comes_as_its_value():
    def loss(w_2, h, t):
        return (w_2 * h - t) ** 2

    scope = scope_of("x", "w_1", "w_2", "t")
    assert check(scope, r"h = \max(0, w_1 x)", kind="define").ok
    assert not check(scope, "L = (w_2 h + t)^2", kind="define", code=loss).ok
    assert check(scope, "L = (w_2 h - t)^2", kind="define", code=loss).ok


def test_a_slope_is_proved_and_compared():
    def sigmoid_derivative(x):
        return logistic(x, k=1) * logistic(-x, k=1)

    scope = scope_of("x")
    assert check(scope, r"\sigma(x) = \frac{1}{1 + e^{-x}}", kind="define").ok
    right = r"\sigma'(x) = \sigma(x) \left(1 - \sigma(x)\right)"
    assert check(scope, right, kind="define", code=sigmoid_derivative).ok
    assert check(scope, right, kind="define", code=np.tanh).category == "false"
    false = check(scope, right.replace("1 -", "1 +"), kind="define", code=sigmoid_derivative)
    assert false.category == "false"


@pytest.mark.parametrize("word", [r"\mathrm{relu}", r"\mathrm{ReLU}", r"\operatorname{relu}"])
def test_a_word_is_the_name_of_its_function(word):
    def relu(x):
        return max(0, x)

    def rectified(x):
        return max(0, x)

    assert judged(rf"{word}(x) = \max(0, x)", relu).ok
    assert "rectified" in judged(rf"{word}(x) = \max(0, x)", rectified).message
    assert judged(r"r(x) = \max(0, x)", rectified).ok


def test_the_name_of_a_slope_may_go_on():
    def relu_derivative(x):
        return float(x > 0)

    scope = scope_of("x")
    assert check(scope, r"\mathrm{relu}(x) = \max(0, x)", kind="define").ok
    scope.declare(r"x \ne 0")
    right = r"\mathrm{relu}'(x) = \begin{cases} 0 & x < 0 \\ 1 & x > 0 \end{cases}"
    assert check(scope, right, kind="define", code=relu_derivative).ok


def test_a_formula_has_a_value_wherever_its_code_has():
    def step(x):
        return float(x > 0)

    cases = r"r(x) = \begin{cases} 0 & x RELATION 0 \\ 1 & x > 0 \end{cases}"
    assert judged(cases.replace("RELATION", r"\le"), step).ok
    verdict = judged(cases.replace("RELATION", "="), step)
    assert "no value" in verdict.message


def test_code_that_raises_is_named_with_the_point():
    def f(x):
        raise ValueError("too\nlarge")

    message = judged("y = 2x", f, "x").message
    assert "at x = " in message
    assert message.endswith("raises ValueError: too large")


def test_a_definition_that_is_compared_nowhere_is_refused():
    assert judged("y = 2x", lambda x: 2 * x, "x > 2", "x < 1").category != ""


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        (r"\alpha", "alpha"), (r"\lambda", "lambda_"), ("x_1", "x_1"), ("x_1", "x1"),
        (r"\hat{y}", "y_hat"), (r"\tilde{\theta}", "theta_tilde"), ("W_1", "W1"),
        (r"\mathbf{x}", "x"),
    ],
)  # fmt: skip
def test_names_are_spelled_as_code_spells_them(name, spelled):
    assert spelled in spellings(name)
