"""Token rows as trees of their distinct prefixes, so that a decoder computes each of these once.

Completions of one prompt have the prompt in common, and those of a narrow policy their first tokens as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

# Attention within a tree costs the square of its nodes, which outgrows what a longer tree saves at this many, or where
# they are twice as many as the width of the model's hidden states.
NODES_BEHIND_PROMPT = 192


class PrefixTree:
    """Rows that begin alike: a node for each distinct prefix, numbered in the order in which rows first reach it."""

    def __init__(self) -> None:
        self.children: dict[tuple[int, int], int] = {}  # by parent (-1 at a row's beginning) and last token
        self.positions: list[int] = []
        self.branches: list[tuple[int, list[int]]] = []  # first node of each row's new ones, and the nodes before it

    def add(self, row: Sequence[int]) -> list[int]:
        """The nodes of the row's prefixes, from the shortest; the new ones among them are its last."""
        first, node, path = len(self.children), -1, []
        for token in row:
            node = self.children.setdefault((node, token), len(self.children))
            path.append(node)
        shared = len(row) - (len(self.children) - first)
        self.positions += range(shared, len(row))
        self.branches.append((first, path[:shared]))
        return path

    def bias(self) -> Tensor:
        """What is added to attention scores [S, S]: 0 from each node to itself and those before it, -inf elsewhere."""
        bias = torch.full((len(self.children), len(self.children)), -torch.inf)
        ends = [*(first for first, _ in self.branches[1:]), len(self.children)]
        for (first, before), end in zip(self.branches, ends, strict=True):
            bias[first:end, before] = 0.0
            bias[first:end, first:end].triu_(1)
        return bias


@dataclass(frozen=True)
class PrefixTrees:
    """N nodes of several trees in sequence: last tokens [N], positions [N], each tree's bias [S, S] (of S nodes).

    ``paths``: the nodes of each row's prefixes, among all N.
    """

    tokens: Tensor
    positions: Tensor
    biases: list[Tensor]
    paths: list[list[int]]


def grow_trees(
    rows: Sequence[Sequence[int]], prompt_lengths: Sequence[int], largest: int = NODES_BEHIND_PROMPT
) -> PrefixTrees:
    """The trees of rows, each of which begins with its prompt; rows of equal prompts share one.

    A tree with ``largest`` nodes or more behind the prompt takes no further row: the next one begins another.
    """
    members: dict[tuple[int, ...], list[int]] = {}
    for index, (row, length) in enumerate(zip(rows, prompt_lengths, strict=True)):
        members.setdefault(tuple(row[:length]), []).append(index)
    trees: list[PrefixTree] = []
    paths: list[list[int]] = [[] for _ in rows]
    grown = 0
    for prompt, indices in members.items():
        tree = PrefixTree()
        for index in indices:
            if len(tree.children) >= len(prompt) + largest:
                trees.append(tree)
                grown += len(tree.children)
                tree = PrefixTree()
            paths[index] = [grown + node for node in tree.add(rows[index])]
        trees.append(tree)
        grown += len(tree.children)
    return PrefixTrees(
        torch.tensor([token for tree in trees for _, token in tree.children]),
        torch.tensor([position for tree in trees for position in tree.positions]),
        [tree.bias() for tree in trees],
        paths,
    )
