"""YAML that people edit: a key that stands twice in one mapping is an error, where YAML readers take the last one."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import NESTED_TOO_DEEP, read_text

_MERGE = "tag:yaml.org,2002:merge"


def read_yaml(path: Path | str) -> Any:
    """What a YAML file says; text that is no YAML and a key that stands twice are a ``UserError`` with the line."""
    text = read_text(path)
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        _check_node(node, path)
        return None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UserError(f"{path}{line}: not valid YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError) as error:  # a date of month 13 is a ValueError
        raise UserError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise UserError(f"{path}: not valid YAML: {NESTED_TOO_DEEP}") from None


def require_unique_keys(paths: Sequence[Path | str]) -> None:
    """A ``UserError`` for the first key that stands twice in a mapping of these files, which Snakemake reads.

    They may be JSON, which is YAML too but where tabs indent it: such a file passes.
    """
    for path in paths:
        with contextlib.suppress(yaml.YAMLError):
            _check_node(yaml.compose(read_text(path), Loader=yaml.SafeLoader), path)


def _check_node(root: yaml.Node | None, path: Path | str) -> None:
    """Before construction, which puts what ``<<`` merges among a mapping's own keys; these may repeat it."""
    pending = [("", root)]
    seen = set()
    for place, node in pending:
        # An anchor's node stands at each of its aliases.
        if node in seen:
            continue
        seen.add(node)
        if isinstance(node, yaml.SequenceNode):
            pending += [(f"{place}{number}.", item) for number, item in enumerate(node.value)]
        elif isinstance(node, yaml.MappingNode):
            keys = [key for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE]
            first: dict[tuple[str, str], yaml.ScalarNode] = {}
            for key in keys:
                if (known := first.setdefault((key.tag, key.value), key)) is not key:
                    raise UserError(
                        f"{path}:{key.start_mark.line + 1}: {place}{key.value}: stands twice, first in line "
                        f"{known.start_mark.line + 1}; the last one would count: remove one"
                    )
            pending += [(f"{place}{key.value}.", value) for key, value in node.value]
