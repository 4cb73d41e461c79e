"""A user's mistake, found while the graph is built, as one line of Snakemake's without a traceback."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from snakemake.exceptions import WorkflowError

from workflow_scripts.core.errors import UserError

_Arguments = ParamSpec("_Arguments")
_Value = TypeVar("_Value")


def explained(function: Callable[_Arguments, _Value]) -> Callable[_Arguments, _Value]:
    """The function, whose ``UserError`` becomes Snakemake's ``WorkflowError``."""

    @functools.wraps(function)
    def call(*arguments: _Arguments.args, **options: _Arguments.kwargs) -> _Value:
        try:
            return function(*arguments, **options)
        except UserError as error:
            raise WorkflowError(f"error: {error}") from None

    return call
