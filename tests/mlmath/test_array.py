"""What the table of the contract leaves open: messages, mixtures, other functions."""

import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch

import mlmath

# Another array library is one line: its name, how to make an array, how to read one back.
BACKENDS = {
    "numpy": (np.asarray, np.asarray, np),
    "torch": (torch.asarray, lambda tensor: tensor.detach().numpy(), torch),
}
NAN, INF = float("nan"), float("inf")


@pytest.fixture(params=BACKENDS)
def backend(request):
    return BACKENDS[request.param]


TRANSCENDENTAL = [
    mlmath.sigmoid,
    mlmath.sigmoid_derivative,
    mlmath.log_sigmoid,
    mlmath.tanh,
    mlmath.tanh_derivative,
    mlmath.softmax,
    mlmath.log_softmax,
]
ELEMENTWISE = [*TRANSCENDENTAL, mlmath.relu, mlmath.relu_derivative]
# Every function of arithmetic, as a function of one vector.
ONE_VECTOR = {
    **{function.__name__: function for function in ELEMENTWISE},
    "inner": lambda x: mlmath.inner(x, x),
    "outer": lambda x: mlmath.outer(x, x),
    "mse": lambda x: mlmath.mse(x, x),
    "mse_gradient": lambda x: mlmath.mse_gradient(prediction=x, target=x),
    "sgd_step": lambda x: (
        mlmath.sgd_step(x, x, learning_rate=1)
        if not isinstance(x, list | tuple)
        else mlmath.sgd_step([x], [x], learning_rate=1)
    ),
    "derivative": lambda x: mlmath.derivative(lambda v: v * v, x),
    "gradient": lambda x: mlmath.gradient(lambda v: (v * v).sum(), x),
    "difference_quotient": lambda x: mlmath.difference_quotient(lambda v: v * v, x, 1),
}

RATIONAL = [name for name in ONE_VECTOR if name not in {f.__name__ for f in TRANSCENDENTAL}]


@pytest.mark.parametrize("name", ONE_VECTOR)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "bfloat16"])
def test_the_floating_dtype_and_the_kind_are_kept(backend, name, dtype):
    make, _, xp = backend
    # NumPy has no bfloat16.
    x = make([0.5, -1.0, 2.0], dtype=getattr(xp, dtype, xp.float16))
    result = ONE_VECTOR[name](x)
    assert result.dtype == x.dtype
    assert isinstance(result, (type(x), np.generic))


@pytest.mark.parametrize("name", ONE_VECTOR)
def test_integers_become_the_default_float_or_stay_exact(backend, name):
    make, _, xp = backend
    result = ONE_VECTOR[name](make([0, 1, 2], dtype=xp.uint8))
    default = torch.get_default_dtype() if xp is torch else np.float64
    wanted = {"relu": xp.uint8, "inner": xp.int64, "outer": xp.int64}.get(name, default)
    assert result.dtype == wanted


@pytest.mark.parametrize("name", ONE_VECTOR)
@pytest.mark.parametrize("dtype", ["bool", "complex64"])
def test_bool_and_complex_are_refused(backend, name, dtype):
    make, _, xp = backend
    x = make([True, False], dtype=getattr(xp, dtype))
    with pytest.raises(
        TypeError, match=rf"^{name}: .* has dtype .*{dtype}; real numbers are wanted"
    ):
        ONE_VECTOR[name](x)


@pytest.mark.parametrize("name", ONE_VECTOR)
@pytest.mark.parametrize(
    "wrong", ["abc", None, [[1, 2], [3]], ["a"], [None], {"a": 1}, [1j], [True], np.ma.array([1.0])]
)
def test_what_is_no_number_is_refused_in_one_line(name, wrong):
    with pytest.raises((TypeError, ValueError)) as caught:
        ONE_VECTOR[name](wrong)
    assert str(caught.value).startswith(f"{name}: ")
    assert "\n" not in str(caught.value)
    assert (
        "wanted" in str(caught.value)
        or "convert" in str(caught.value)
        or "fill" in str(caught.value)
    )


@pytest.mark.parametrize("function", TRANSCENDENTAL)
def test_fractions_have_no_exponential(function):
    with pytest.raises(TypeError) as caught:
        function([Fraction(1, 2)])
    assert str(caught.value) == (
        f"{function.__name__}: x holds int or Fraction objects; floating-point numbers are wanted,"
        " convert with numpy.asarray(x, dtype=float)"
    )


@pytest.mark.parametrize("name", RATIONAL)
def test_fractions_stay_fractions_where_the_formula_is_rational(name):
    result = ONE_VECTOR[name](np.array([Fraction(1, 3), 2], dtype=object))
    elements = [result] if isinstance(result, Fraction) else list(np.asarray(result).flat)
    assert all(type(element) is Fraction for element in elements)


def test_numpy_integers_inside_an_object_array_do_not_wrap():
    big = np.array([np.int64(2**62), np.int64(2**62)], dtype=object)
    assert mlmath.inner(big, big) == 2**125


@pytest.mark.parametrize("big", [[2**63, -1], [2**64, 1], [2**63], [-(2**63) - 1]])
def test_ints_too_large_for_numpy_stay_exact(big):
    assert mlmath.inner(big, big) == sum(number * number for number in big)


def test_fractions_do_not_meet_floats():
    with pytest.raises(TypeError, match=r"pass b as fractions too"):
        mlmath.inner([Fraction(1, 2)], [0.5])
    with pytest.raises(TypeError, match=r"only NumPy's arrays can hold"):
        mlmath.inner([Fraction(1, 2)], torch.tensor([1]))
    assert mlmath.inner([Fraction(1, 2)], np.array([3])) == Fraction(3, 2)


def test_two_array_libraries_do_not_mix():
    message = "^inner: a is an array of numpy, b is an array of torch; one library is wanted$"
    with pytest.raises(TypeError, match=message):
        mlmath.inner(np.ones(2), torch.ones(2))


def test_a_list_joins_the_library_and_the_dtype_of_the_array_beside_it(backend):
    make, _, xp = backend
    x = make([1.0, 2.0], dtype=xp.float32)
    result = mlmath.mse_gradient(prediction=x, target=[0.1, 0.2])
    assert isinstance(result, type(x))
    assert result.dtype == xp.float32
    assert mlmath.inner(make([1, 2], dtype=xp.int32), [3, 4]).dtype == xp.int64


@pytest.mark.parametrize(
    ("result", "wanted"),
    [
        (lambda: mlmath.sigmoid(0), 0.5),
        (lambda: mlmath.inner([1, 2, 3], [1, 2, 3]), 14),
        (lambda: mlmath.relu(-3), 0),
        (lambda: mlmath.relu(Fraction(1, 3)), Fraction(1, 3)),
        (lambda: mlmath.mse([1, 2], [1, 4]), 2.0),
        (lambda: mlmath.sgd_step(1.0, 2.0, learning_rate=0.25), 0.5),
    ],
)
def test_numbers_and_lists_give_python_numbers(result, wanted):
    assert result() == wanted
    assert type(result()) is type(wanted)


def test_a_numpy_scalar_keeps_its_dtype():
    assert type(mlmath.sigmoid(np.float32(0))) is np.float32
    assert type(mlmath.relu(np.int8(3))) is np.int8
    assert type(mlmath.relu(np.asarray(1.5))) is np.float64


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_nothing_is_rounded_on_the_way(backend, dtype):
    make, read, xp = backend
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 1000)).astype(dtype)
    narrow = [make(v, dtype=getattr(xp, dtype)) for v in (a, b)]
    wide = [v.astype(np.float64) for v in (a, b)]
    for function in (mlmath.mse, mlmath.inner):
        assert read(function(*narrow)) == function(*wide).astype(dtype)
    step = mlmath.sgd_step(*narrow, learning_rate=0.1)
    np.testing.assert_array_equal(read(step), (wide[0] - 0.1 * wide[1]).astype(dtype))
    np.testing.assert_array_equal(
        read(mlmath.softmax(narrow[0])), mlmath.softmax(wide[0]).astype(dtype)
    )


def test_a_bfloat16_softmax_of_many_zeros_sums_to_one():
    result = mlmath.softmax(torch.zeros(50_000, dtype=torch.bfloat16))
    assert result.dtype == torch.bfloat16
    assert float(result.to(torch.float64).sum()) == pytest.approx(1, rel=2**-8)


@pytest.mark.parametrize("name", ONE_VECTOR)
def test_inputs_may_be_read_only_and_strided_and_are_left_alone(name):
    x = np.array([[0.5, 9.0], [-1.0, 9.0], [2.0, 9.0]])[:, 0]
    x.flags.writeable = False
    before = x.copy()
    result = ONE_VECTOR[name](x)
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(result, ONE_VECTOR[name](before))


@pytest.mark.parametrize("name", ONE_VECTOR)
def test_a_result_shares_no_memory_with_its_argument(name):
    x = np.array([0.5, 1.0, 2.0])
    assert not np.shares_memory(ONE_VECTOR[name](x), x)


@pytest.mark.parametrize("name", ONE_VECTOR)
def test_no_warning_escapes(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ONE_VECTOR[name](np.array([NAN, INF, -INF, 1e308, -1e308, 5e-324, -0.0]))
        ONE_VECTOR[name](np.array([NAN, INF, 3e38, -3e38], dtype=np.float32))


def test_wrong_arguments_are_named():
    # Python's own words, whether or not a function computes under the policy.
    with pytest.raises(TypeError, match=r"^sigmoid\(\) missing 1 required positional .*: 'x'$"):
        mlmath.sigmoid()
    with pytest.raises(TypeError, match=r"^mse_gradient\(\) takes 0 positional arguments but 2 "):
        mlmath.mse_gradient([1], [2])
    with pytest.raises(TypeError, match=r"^derivative\(\) missing 1 required positional .*: 'x'$"):
        mlmath.derivative(abs)


@pytest.mark.parametrize(
    ("wrong", "came"),
    [
        (None, "is None"),
        ({1}, "is a set"),
        ((i for i in [1]), "is a generator"),
        ([None], "holds None"),
        ({"a": 1}, "is a dict"),
        ("abc", "is 'abc'"),
        (np.array([{1}]), "holds a set"),
        (lambda x: x, "is a function"),
    ],
)
def test_what_came_is_called_what_it_is(wrong, came):
    with pytest.raises(TypeError) as caught:
        mlmath.sigmoid(wrong)
    assert str(caught.value) == f"sigmoid: x {came}; real numbers are wanted"


def test_a_decimal_is_no_exact_number():
    for wrong in (Decimal(1), [Decimal(1)], np.array([Decimal(1)])):
        with pytest.raises(
            TypeError, match=r"^relu: x .* a Decimal; only int and Fraction are exact"
        ):
            mlmath.relu(wrong)


def test_a_value_is_sent_to_its_own_operators():
    cure = r"; write it with Value's own operators: x\.exp\(\), x\.tanh\(\), x\.relu\(\)$"
    with pytest.raises(TypeError, match=r"^sigmoid: x is a Value" + cure):
        mlmath.derivative(mlmath.sigmoid, 0.5)
    with pytest.raises(TypeError, match=r"^relu: x is a Value" + cure):
        mlmath.derivative(mlmath.relu, 2)
    with pytest.raises(TypeError, match=r"^sigmoid: x is a Value" + cure):
        mlmath.gradient(lambda p: mlmath.sigmoid(p[0]), [1, 2])
    with pytest.raises(TypeError, match=r"^tanh: x holds a Value" + cure):
        mlmath.gradient(mlmath.tanh, [1, 2])


def test_ints_are_promoted_to_floats_whatever_their_size():
    assert mlmath.sigmoid(10**20) == 1.0
    assert mlmath.sigmoid([-(10**400), 0, 10**400]).tolist() == [0.0, 0.5, 1.0]
    assert mlmath.mse([2**64], [0]) == 2.0**128
    assert type(mlmath.mse([2**64], [0])) is float
    assert mlmath.relu([2**64, -0.5]).tolist() == [2.0**64, 0.0]
    assert mlmath.inner([-(10**400), 0.5], [1, 1]) == -INF


def test_ints_stay_ints_in_relu():
    assert mlmath.relu(2**70) == 2**70
    assert type(mlmath.relu(2**70)) is int
    assert type(mlmath.relu(-(2**70))) is int
    whole = mlmath.relu(np.array([np.int8(3), -1], dtype=object))
    assert [type(element) for element in whole] == [int, int]
    assert mlmath.relu([2**70, -1]).tolist() == [2**70, 0]
    assert mlmath.relu([3, -1]).dtype == np.int64
    mixed = mlmath.relu([2**70, Fraction(1, 2)])
    assert [type(element) for element in mixed] == [Fraction, Fraction]


def test_a_mixture_of_dtypes_counts_integers_as_the_default_float():
    assert mlmath.mse(np.ones(1, np.float32), np.ones(1, np.int64)).dtype == np.float64
    ones = torch.ones(1, dtype=torch.float16), torch.ones(1, dtype=torch.int64)
    assert mlmath.mse(*ones).dtype == torch.float32


def test_a_numpy_matrix_is_multiplied_element_by_element():
    matrix = np.asarray([[1.0, 2.0]]).view(np.matrix)
    assert mlmath.mse(matrix, [[0, 0]]) == 2.5


def test_an_argument_is_shown_in_the_message_if_it_is_short():
    with pytest.raises(TypeError, match=rf"^sigmoid: k is '{'x' * 58}'; "):
        mlmath.sigmoid(0, k="x" * 58)
    with pytest.raises(TypeError, match=r"^sigmoid: k is a str; "):
        mlmath.sigmoid(0, k="x" * 59)
    with pytest.raises(TypeError, match=r"^sigmoid: k is a dict; "):
        mlmath.sigmoid(0, k={})
