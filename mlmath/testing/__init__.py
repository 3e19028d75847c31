"""Test a kernel of your own against mlmath: its values, its behaviour at the edges, its gradient.

:func:`check` tries a kernel and reports what is wrong, worst first; :func:`vectors` gives inputs
with correctly rounded results, for kernels that Python cannot call; :func:`check_gradient` compares
derivatives. From a shell: ``python -m mlmath.testing yourmodule:your_softmax --like softmax``.

mpmath is needed, which ``mlmath-book[testing]`` installs.

References
----------
Jean-Michel Muller et al., *Handbook of Floating-Point Arithmetic*, sections "Ulp" and "Correctly
rounded functions".
"""

from mlmath.testing._checking import check
from mlmath.testing._gradients import GradientReport, check_gradient
from mlmath.testing._report import Failure, Report
from mlmath.testing._vectors import Vector, vectors, write_vectors
from mlmath.testing.reference import ulps

__all__ = [
    "Failure",
    "GradientReport",
    "Report",
    "Vector",
    "check",
    "check_gradient",
    "ulps",
    "vectors",
    "write_vectors",
]
