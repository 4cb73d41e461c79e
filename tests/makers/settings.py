"""Settings that differ from others in some of their values."""

from typing import Any, TypeVar

from workflow_scripts.core.sections import Section

Some = TypeVar("Some", bound=Section)


def changed(section: Some, **changes: Any) -> Some:
    """The section with other values, which are held against its limits."""
    return type(section).model_validate({**dict(section), **changes})
