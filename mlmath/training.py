"""A network learns by one step, repeated: predict, measure the error, go back, adjust.

A ``TypeError`` refuses what is bool, complex or no number, fractions beside floats, and arrays of
two libraries; a ``ValueError`` refuses shapes that do not fit together. Fractions stay exact;
integers become the library's default float, except beside a fraction.
"""

from numbers import Real
from typing import Any, NamedTuple

from mlmath._array import (
    Array,
    ArrayLike,
    Number,
    Prepared,
    array_namespace,
    check_same_shape,
    described,
    is_array,
    is_real,
    prepare,
    quiet,
    read_number,
)
from mlmath.activations import rectified, step
from mlmath.losses import mean_square, mean_square_gradient

__all__ = ["Network", "TrainingStep", "network", "sgd_step", "training_step"]


# The sizes that the arrays of a network have in common, by name.
_LAYOUT = {
    "hidden_weight": ("hidden", "inputs"),
    "hidden_bias": ("hidden",),
    "output_weight": ("outputs", "hidden"),
    "output_bias": ("outputs",),
    "x": ("n", "inputs"),
    "target": ("n", "outputs"),
}


class Network(NamedTuple):
    r"""The parameters of a network with one hidden layer, as :func:`network` takes them.

    Parameters
    ----------
    hidden_weight : array_like, shape (hidden, inputs)
        :math:`W_1`; the lecture's network has thirty-two hidden units.
    hidden_bias : array_like, shape (hidden,)
        :math:`b_1`.
    output_weight : array_like, shape (outputs, hidden)
        :math:`W_2`.
    output_bias : array_like, shape (outputs,)
        :math:`b_2`.

    Notes
    -----
    The layout is that of ``torch.nn.Linear``, so parameters compare directly. A named tuple of
    gradients has the same fields.

    References
    ----------
    PyTorch documentation, ``torch.nn.Linear``.

    Examples
    --------
    >>> from mlmath import Network
    >>> Network([[1], [-1]], [0, 0], [[1, 1]], [0]).output_weight
    [[1, 1]]
    """

    hidden_weight: ArrayLike
    hidden_bias: ArrayLike
    output_weight: ArrayLike
    output_bias: ArrayLike


class TrainingStep(NamedTuple):
    r"""What one training step gives.

    .. math::
        :code: mlmath.training._descend

        \tilde{\theta} = \theta - \eta\,g

    Parameters
    ----------
    loss : scalar
        The mean squared error before the step.
    gradients : Network
        :math:`g`, the derivative of the loss with respect to each parameter, in its shape.
    parameters : Network
        :math:`\tilde{\theta}`, the parameters after the step.

    Examples
    --------
    >>> from mlmath import TrainingStep
    >>> TrainingStep._fields
    ('loss', 'gradients', 'parameters')
    """

    loss: Array
    gradients: Network
    parameters: Network


def network(x: ArrayLike, parameters: Network, /) -> Array:
    r"""Predict: the forward pass of a network with one hidden layer.

    For an example :math:`x`, the prediction is

    .. math::
        :code: y_hat

        \hat{y} = W_2\,\mathrm{relu}(W_1 x + b_1) + b_2

    with one number for each output, :math:`\hat{y} \in \mathbb{R}^r`.

    Parameters
    ----------
    x : array_like, shape (n, inputs)
        One example a row.
    parameters : Network
        :math:`W_1`, :math:`b_1`, :math:`W_2` and :math:`b_2`.

    Returns
    -------
    array, shape (n, outputs)
        One prediction a row, in the dtype of the arguments.

    Raises
    ------
    TypeError
        If there are not four parameters.

    References
    ----------
    Ian Goodfellow, Yoshua Bengio and Aaron Courville, *Deep Learning*, chapter "Deep Feedforward
    Networks".

    Examples
    --------
    The absolute value is a network of two hidden units.

    >>> from mlmath import Network, network
    >>> absolute = Network([[1], [-1]], [0, 0], [[1, 1]], [0])
    >>> network([[-3], [2]], absolute)
    array([[3.],
           [2.]])

    For one example, this is the formula.

    >>> import numpy as np
    >>> from mlmath import relu
    >>> W_1, b_1, W_2, b_2 = map(np.array, absolute)
    >>> x = [-3]
    >>> y_hat = W_2 @ relu(W_1 @ x + b_1) + b_2
    >>> y_hat
    array([3])
    """
    with quiet():
        prepared = _prepare_network("network", parameters, x=x)
        *wide, wide_x = prepared.arrays
        return prepared.finish(_forward(Network(*wide), wide_x)[-1])


def training_step(
    parameters: Network, x: ArrayLike, target: ArrayLike, /, *, learning_rate: Real | float
) -> TrainingStep:
    r"""Train a network by one step: forward pass, loss, backward pass, gradient descent.

    Each row of the predictions :math:`P` is that of :func:`network` for a row of :math:`X`. The
    loss is their mean squared error over :math:`n` examples with :math:`r` outputs each:

    .. math::
        :code: mlmath.mse

        L = \frac{1}{n r} \sum_{i=1}^{n} \sum_{j=1}^{r} (P_{ij} - Y_{ij})^2

    Parameters
    ----------
    parameters : Network
        :math:`W_1`, :math:`b_1`, :math:`W_2` and :math:`b_2`.
    x : array_like, shape (n, inputs)
        The examples :math:`X`, one a row.
    target : array_like, shape (n, outputs)
        The right answers :math:`Y`.
    learning_rate : real number
        How far to go against the gradient; positive and finite.

    Returns
    -------
    TrainingStep
        The loss, its gradients, and the new parameters. The gradients and parameters have the
        dtypes of the old parameters; integers are exact if `learning_rate` is a ``Fraction``. The
        old parameters are left as they are.

    Raises
    ------
    ValueError
        If there is no example or no output, or `learning_rate` is not positive and finite.
    TypeError
        If there are not four parameters, or `learning_rate` is no real number.

    Notes
    -----
    The backward pass is the chain rule, written out: each of its lines is one factor, the first
    of them :math:`\frac{\partial L}{\partial P_{ij}} = \frac{2}{n r}\,(P_{ij} - Y_{ij})`. The loss
    and all the gradients agree with torch's autograd to ``1e-12`` in float64.

    References
    ----------
    David Rumelhart, Geoffrey Hinton and Ronald Williams, "Learning representations by
    back-propagating errors", *Nature*, :exempt:`1986 <a year>`.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from mlmath import Network, training_step
    >>> parameters = Network([[1], [-1]], [0, 0], [[1, 1]], [0])
    >>> step = training_step(parameters, [[2]], [[3]], learning_rate=Fraction(1, 8))
    >>> step.loss
    Fraction(1, 1)
    >>> step.gradients.hidden_weight
    array([[Fraction(-4, 1)],
           [Fraction(0, 1)]], dtype=object)
    >>> step.parameters.output_bias
    array([Fraction(1, 4)], dtype=object)
    """
    rate = _read_rate("training_step", learning_rate)
    with quiet():
        prepared = _prepare_network(
            "training_step", parameters, x=x, target=target, learning_rate=rate
        )
        *old, x, target, wide_rate = prepared.arrays
        p = Network(*old)

        for name, array, axis, wanted in (("x", x, 0, "example"), ("target", target, 1, "output")):
            if array.shape[axis] == 0:
                raise ValueError(
                    f"training_step: {name} has shape {tuple(array.shape)};"
                    f" one {wanted} or more is wanted"
                )

        z, h, prediction = _forward(p, x)
        loss = mean_square(prediction, target)

        xp = array_namespace(x)
        d_prediction = mean_square_gradient(prediction, target)
        d_output_weight = d_prediction.T @ h
        d_output_bias = xp.sum(d_prediction, axis=0)
        d_h = d_prediction @ p.output_weight
        d_z = d_h * step(z)
        d_hidden_weight = d_z.T @ x
        d_hidden_bias = xp.sum(d_z, axis=0)

        gradients = Network(d_hidden_weight, d_hidden_bias, d_output_weight, d_output_bias)
        new = (_descend(*pair, wide_rate) for pair in zip(p, gradients, strict=True))
        return TrainingStep(
            loss=prepared.finish(loss),
            gradients=Network(*map(prepared.finish, gradients, prepared.dtypes)),
            parameters=Network(*map(prepared.finish, new, prepared.dtypes)),
        )


def sgd_step(parameters: Any, gradients: Any, *, learning_rate: Real | float) -> Any:
    r"""Take one step of gradient descent.

    .. math::
        :code: mlmath.training._descend

        \tilde{\theta} = \theta - \eta\,g

    Parameters
    ----------
    parameters : array, number, or list, tuple or named tuple of array_like
        The parameters :math:`\theta`.
    gradients : the same structure
        :math:`g`, the derivative of the loss with respect to each parameter, in its shape.
    learning_rate : real number
        The step size :math:`\eta`, positive and finite.

    Returns
    -------
    the same structure as `parameters`
        New parameters, in the dtypes of the old; one that is a number or a list beside a gradient
        that is an array takes its library and dtype. Integers become fractions if
        `learning_rate`, or another parameter or gradient of a list of numbers, is a ``Fraction``.
        The old parameters are left as they are.

    Raises
    ------
    ValueError
        If lengths or shapes differ, or `learning_rate` is not positive and finite.
    TypeError
        If `gradients` has another structure than `parameters`, or `learning_rate` is no real
        number.

    Notes
    -----
    "Stochastic" is the choice of the examples that the gradient was computed from; the step is
    that of plain gradient descent. In a list of arrays, each is a step of its own.

    References
    ----------
    PyTorch documentation, ``torch.optim.SGD``.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from mlmath import sgd_step
    >>> gradients = [Fraction(4, 3), Fraction(2), Fraction(8, 3)]
    >>> sgd_step([0, 1, 2], gradients, learning_rate=Fraction(1, 2))
    [Fraction(-2, 3), Fraction(0, 1), Fraction(2, 3)]
    """
    rate = _read_rate("sgd_step", learning_rate)
    if not isinstance(parameters, list | tuple):
        return _one_step("parameters", parameters, "gradients", gradients, rate)
    if not isinstance(gradients, list | tuple):
        raise TypeError(
            f"sgd_step: parameters is {described(parameters)}, gradients is"
            f" {described(gradients)}; the same structure is wanted"
        )
    if len(parameters) != len(gradients):
        raise ValueError(
            f"sgd_step: parameters has length {len(parameters)}, gradients has length"
            f" {len(gradients)}; lengths must match"
        )
    if all(is_real(number) and not is_array(number) for number in (*parameters, *gradients)):
        # Numbers alone are one vector, so that all of them are exact or none.
        vectors = list(parameters), list(gradients)
        new = _one_step("parameters", vectors[0], "gradients", vectors[1], rate).tolist()
    else:
        new = [
            _one_step(f"parameters[{i}]", parameter, f"gradients[{i}]", gradient, rate)
            for i, (parameter, gradient) in enumerate(zip(parameters, gradients, strict=True))
        ]
    if hasattr(parameters, "_fields"):
        return type(parameters)(*new)
    return type(parameters)(new)


def _forward(p: Network, x: Array) -> tuple[Array, Array, Array]:
    """The hidden layer before and after the relu, and the prediction."""
    z = x @ p.hidden_weight.T + p.hidden_bias
    h = rectified(z)
    return z, h, h @ p.output_weight.T + p.output_bias


def _descend(parameter: Array, gradient: Array, rate: Array) -> Array:
    return parameter - rate * gradient


def _one_step(
    parameter_name: str,
    parameter: ArrayLike,
    gradient_name: str,
    gradient: ArrayLike,
    rate: Number,
) -> Array:
    arguments = {parameter_name: parameter, gradient_name: gradient, "learning_rate": rate}
    with quiet():
        prepared = prepare("sgd_step", arguments, rational=True)
        wide, slope, wide_rate = prepared.arrays
        check_same_shape("sgd_step", **{parameter_name: wide, gradient_name: slope})
        return prepared.finish(_descend(wide, slope, wide_rate), prepared.dtypes[0])


def _prepare_network(function: str, parameters: Network, **others: ArrayLike) -> Prepared:
    """The four parameters and the `others`, ready to compute with, their shapes checked."""
    if not isinstance(parameters, list | tuple) or len(parameters) != len(Network._fields):
        raise TypeError(
            f"{function}: parameters is {described(parameters)};"
            f" a Network of {', '.join(Network._fields)} is wanted"
        )
    arguments = dict(zip(Network._fields, parameters, strict=True)) | others
    prepared = prepare(function, arguments, rational=True)
    shapes = {n: tuple(a.shape) for n, a in zip(arguments, prepared.arrays, strict=True)}
    sizes: dict[str, tuple[str, int]] = {}
    for name, axes in _LAYOUT.items():
        if name not in shapes:
            continue
        if len(shapes[name]) != len(axes):
            raise ValueError(
                f"{function}: {name} has shape {shapes[name]}; ({', '.join(axes)}) is wanted"
            )
        for axis, size in zip(axes, shapes[name], strict=True):
            first, expected = sizes.setdefault(axis, (name, size))
            if size != expected:
                raise ValueError(
                    f"{function}: {first} has shape {shapes[first]}, {name} has shape"
                    f" {shapes[name]}; they must agree in {axis}"
                )
    return prepared


def _read_rate(function: str, learning_rate: object) -> Number:
    """`learning_rate` as Python's own number, so that it has no say in the dtype."""
    return read_number(
        function,
        "learning_rate",
        learning_rate,
        wanted="a positive finite number",
        accept=lambda rate: rate > 0,
    )
