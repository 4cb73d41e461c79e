"""Each distinct prefix of the rows is one node, which sees itself and the shorter ones, and nothing else."""

import pytest
import torch

from workflow_scripts.models.prefix_trees import PrefixTrees, grow_trees

ROWS = [[5, 6, 1, 2], [8], [5, 6, 1, 3], [5, 6], [8, 1], [5, 6, 1, 2], [5, 6, 4, 2, 2]]
PROMPT_LENGTHS = [2, 1, 2, 2, 1, 2, 2]


def seen(trees: PrefixTrees) -> list[list[int]]:
    """For each node, in order, the nodes that it attends to."""
    whole = torch.block_diag(*(bias.exp() for bias in trees.biases))
    assert set(whole.flatten().tolist()) <= {0.0, 1.0}
    return [row.nonzero().flatten().tolist() for row in whole]


def check(trees: PrefixTrees, rows: list[list[int]]) -> None:
    sight = seen(trees)
    for row, path in zip(rows, trees.paths, strict=True):
        assert trees.tokens[path].tolist() == row
        assert trees.positions[path].tolist() == list(range(len(row)))
        for place, node in enumerate(path):
            assert sight[node] == sorted(path[: place + 1])


def test_equal_beginnings_of_rows_with_one_prompt_share_their_nodes() -> None:
    trees = grow_trees(ROWS, PROMPT_LENGTHS)
    check(trees, ROWS)
    assert [len(bias) for bias in trees.biases] == [8, 2]
    assert trees.paths == [[0, 1, 2, 3], [8], [0, 1, 2, 4], [0, 1], [8, 9], [0, 1, 2, 3], [0, 1, 5, 6, 7]]


def test_prompts_that_begin_alike_are_trees_of_their_own() -> None:
    rows = [[5, 6, 1], [5, 6, 1]]
    trees = grow_trees(rows, [1, 2])
    check(trees, rows)
    assert trees.paths == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize(("largest", "sizes"), [(2, [4, 4, 4, 5, 2]), (3, [5, 7, 2])])
def test_a_tree_that_is_large_enough_takes_no_further_row(largest: int, sizes: list[int]) -> None:
    trees = grow_trees(ROWS, PROMPT_LENGTHS, largest)
    check(trees, ROWS)
    assert [len(bias) for bias in trees.biases] == sizes
