"""The stand-in answers as numpy does, for numbers and nested sequences of them; other uses of numpy are refused."""

import ast
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_scripts.core.published_rows import NotExpressible
from workflow_scripts.problems.formats.numpy_in_tests import without_numpy
from workflow_scripts.problems.formats.numpy_stand_in import numpy as stand_in

NUMBERS = st.one_of(
    st.integers(-3, 3),
    st.sampled_from([0.0, 1.0, 1.0 + 1e-9, 1.0 + 1e-6, -1e-9, math.inf, -math.inf, math.nan, 1 + 1j]),
)
PAIRS = st.tuples(NUMBERS, NUMBERS)
VALUES = st.one_of(
    NUMBERS,
    st.lists(NUMBERS, max_size=3),
    PAIRS,
    st.lists(PAIRS, min_size=1, max_size=2),
    st.lists(st.lists(NUMBERS, max_size=2), max_size=2),
)
NO_NUMBERS = (None, "ab", ["a"], {1}, {1: 2}, [None, 1.0], [[1], [1, 2]])
RARE = (10**15, [10**15], True, [True, 1.0], [], [[]], (), 1.0, [1.0, 2.0])


def outcome(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """What a call gives, or that it raises: which of two programs is right never hangs on the error's type."""
    try:
        with np.errstate(all="ignore"):
            value = function(*arguments, **options)
            return value if value is None or isinstance(value, bool) else np.asarray(value).tolist()
    except (TypeError, ValueError, AssertionError, OverflowError):
        return "raises"


@settings(max_examples=200, deadline=None)
@given(VALUES, VALUES, st.sampled_from([0.0, 1e-7, 1e-6]), st.booleans())
def test_closeness_is_numpys(first: Any, second: Any, atol: float, equal_nan: bool) -> None:
    for name in ("allclose", "isclose"):
        ours, theirs = getattr(stand_in, name), getattr(np, name)
        assert outcome(ours, first, second, 1e-7, atol, equal_nan) == outcome(
            theirs, first, second, 1e-7, atol, equal_nan
        )
    ours, theirs = stand_in.testing.assert_allclose, np.testing.assert_allclose
    assert outcome(ours, first, second, atol=atol) == outcome(theirs, first, second, atol=atol)
    assert outcome(stand_in.array_equal, first, second) == outcome(np.array_equal, first, second)
    for name in ("isnan", "isinf", "isfinite"):
        assert outcome(getattr(stand_in, name), first) == outcome(getattr(np, name), first)


@pytest.mark.parametrize("first", [*NO_NUMBERS, *RARE], ids=repr)
def test_what_is_no_array_of_numbers_raises_as_there(first: Any) -> None:
    for second in RARE:
        assert outcome(stand_in.array_equal, first, second) == outcome(np.array_equal, first, second), second
        # numpy never looks at what stands beside an empty list.
        if first in RARE or second not in ([], [[]], ()):
            assert outcome(stand_in.allclose, first, second) == outcome(np.allclose, first, second), second


def test_an_array_of_truths_has_none_of_its_own() -> None:
    for values in ([1.0, 2.0], [1.0], [2.0]):
        assert outcome(lambda v: bool(stand_in.isclose(v, 1.0)), values) == outcome(
            lambda v: bool(np.isclose(v, 1.0)), values
        )


def test_no_answer_is_of_numpys_types_and_its_doubles_are_pythons() -> None:
    for name in ("ndarray", "float32", "float64", "floating", "integer", "number", "generic"):
        assert not any(isinstance(value, getattr(stand_in, name)) for value in (1, 1.5, [1.5], True))
    assert stand_in.float64("1.5") == 1.5
    assert (stand_in.inf, math.isnan(stand_in.nan)) == (np.inf, True)


def converted(code: str) -> dict[str, Any]:
    """The names that code defines after the conversion; the real package cannot be imported."""
    text = without_numpy(code, ast.parse(code))
    scope: dict[str, Any] = {}
    assert not [line for line in text.splitlines() if line.strip().startswith(("import numpy", "from numpy"))]
    exec(text, scope)
    return scope


@pytest.mark.parametrize(
    "code",
    [
        "import numpy\nx = numpy.allclose([1], 1)",
        "import numpy as np\nx = np.allclose([1], 1)",
        "import math, numpy as np, os; x = np.allclose([1], 1) and math.pi > 3 and os.sep",
        "from numpy import (\n    allclose as close,\n    inf,\n)\nx = close(inf, inf)",
        "import numpy.testing as npt\nnpt.assert_allclose(1.0, 1.0, err_msg='no')\nx = 1",
        "from numpy import testing\ntesting.assert_allclose(1.0, 1.0, verbose=False)\nx = 1",
        "import numpy.testing\nnumpy.testing.assert_allclose(1.0, 1.0)\nx = 1",
        "def f():\n    import numpy as np; return np.isnan(np.nan)\nx = f()",
        "é = 'é'; import numpy as np; x = np.isclose(1, 1)\n",
        "import numpy as np\nimport numpy as np\nx = isinstance(1.0, (float, np.ndarray)) or 1.0 == np.float64(1)",
    ],
)
def test_every_form_of_import_becomes_an_assignment(code: str) -> None:
    assert converted(code)["x"]


@pytest.mark.parametrize(
    ("code", "use"),
    [
        ("import numpy as np\nnp.array([1])", r"numpy\.array"),
        ("import numpy as np\nnp.linalg.norm([1])", r"numpy\.linalg"),
        ("from numpy import *", r"numpy\.\*"),
        ("from numpy.linalg import norm", r"numpy\.linalg\.norm"),
        ("import numpy as np\ngetattr(np, 'array')", "numpy as a value"),
        ("import numpy as np\nnp.ndarray((1,))", r"numpy\.ndarray\(\.\.\.\)"),
        ("import numpy as np\nassert np.isclose(1, 2).all()", r"numpy\.isclose\(\.\.\.\)\.all"),
        ("import numpy as np\nnp.testing.assert_equal(1, 1)", r"numpy\.testing\.assert_equal"),
    ],
)
def test_more_of_numpy_is_refused(code: str, use: str) -> None:
    with pytest.raises(NotExpressible, match=f"its tests use {use}, and the sandbox gives tests no numpy"):
        without_numpy(code, ast.parse(code))


def test_code_without_numpy_stays_as_it_is() -> None:
    code = "import math\r\nnumpy = 1  # not the package\n"
    assert without_numpy(code, ast.parse(code)) is code
