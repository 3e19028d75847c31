"""Test vectors: inputs with correctly rounded results, for kernels that Python cannot call.

Numbers are written in hexadecimal, as C's ``%a`` does, so that none is changed on its way through
a file.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path

from mlmath.testing.families import families
from mlmath.testing.reference import ELEMENTWISE, FORMATS, ROWWISE, correctly_rounded

__all__ = ["Vector", "vectors", "write_vectors"]

# What mlmath itself promises, in whole units away from the rounded result.
ULPS = {
    "sigmoid": 2,
    "sigmoid_derivative": 3,
    "log_sigmoid": 2,
    "tanh": 3,
    "tanh_derivative": 3,
    "relu": 0,
    "relu_derivative": 0,
    "softmax": 5,
    "log_softmax": 5,
}


@dataclass(frozen=True)
class Vector:
    """One call: what goes in, and what must come out.

    Attributes
    ----------
    function : str
        The name of the function.
    label : str
        The edge that is tried.
    input_dtype, dtype : str
        The dtype of the inputs, which may be one of integers, and that of the results.
    inputs : tuple of str
        Numbers of the input dtype in hexadecimal, for ``float.fromhex``; for a softmax, one row.
    outputs : tuple of str
        The results, one for each input: the numbers of the dtype nearest to the exact values.
    ulps : int
        How many units in the last place of an output a result may be away from it. mlmath keeps
        within them.
    """

    function: str
    label: str
    input_dtype: str
    dtype: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    ulps: int


def vectors(name: str) -> Iterator[Vector]:
    """Give the test vectors of a function, in every floating-point dtype.

    Parameters
    ----------
    name : str
        One of the functions of :mod:`mlmath.activations`.

    Returns
    -------
    iterator of Vector
        The same each time.

    Raises
    ------
    ValueError
        If there is no such function.
    ImportError
        If mpmath is not installed.

    Notes
    -----
    The inputs are those of :func:`check`. Integers come with results in float64.

    Examples
    --------
    >>> from mlmath.testing import vectors
    >>> first = next(vectors("sigmoid"))
    >>> first.label, first.dtype, first.inputs[0], first.outputs[0]
    ('zero and its neighbours', 'float16', '0x0.0p+0', '0x1.0000000000000p-1')
    """
    if name not in ELEMENTWISE and name not in ROWWISE:
        raise ValueError(f"vectors: name is {name!r}; the name of an activation is wanted")
    return _vectors(name)


def write_vectors(name: str, path: str | PathLike[str]) -> None:
    """Write the test vectors of a function to a file, as JSON.

    Parameters
    ----------
    name : str
        As for :func:`vectors`.
    path : path_like
        Where to; a file that is there is replaced.

    Raises
    ------
    ValueError, ImportError
        As :func:`vectors`.

    Notes
    -----
    The file holds a list of objects, one for each :class:`Vector`, whose keys are its attributes:
    ``function``, ``label``, ``input_dtype``, ``dtype``, ``inputs``, ``outputs`` and ``ulps``. The
    last is a number, ``inputs`` and ``outputs`` are lists of strings such as
    ``"-0x1.8000000000000p+1"``, ``"inf"`` or ``"nan"``, and the others are strings.

    Examples
    --------
    >>> import json, tempfile, pathlib
    >>> from mlmath.testing import write_vectors
    >>> path = pathlib.Path(tempfile.mkdtemp(), "relu.json")
    >>> write_vectors("relu", path)
    >>> sorted(json.loads(path.read_text())[0])
    ['dtype', 'function', 'input_dtype', 'inputs', 'label', 'outputs', 'ulps']
    """
    lines = [json.dumps(asdict(vector)) for vector in vectors(name)]
    Path(path).write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def _vectors(name: str) -> Iterator[Vector]:
    for dtype in FORMATS:
        for family in families(name, dtype):
            if family.dtype not in FORMATS and dtype != "float64":
                # Integers are the same beside each dtype; once is enough.
                continue
            # Narrow results are rounded once from float64: the nearest number, or the next.
            allowed = ULPS[name] if dtype == "float64" else math.ceil(ULPS[name] / 5)
            for row in family.rows:
                outputs = correctly_rounded(name, row, dtype)
                inputs, results = (tuple(float(x).hex() for x in xs) for xs in (row, outputs))
                yield Vector(name, family.label, family.dtype, dtype, inputs, results, allowed)
