"""BinaryHierarchicalSoftmax, an output layer for many classes that descends a tree."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from typing import Any

import numpy as np

from chaingrad.autograd.annotations import Array
from chaingrad.autograd.array_ops import reshape
from chaingrad.autograd.backends import DeviceResidentsVisitor
from chaingrad.autograd.configuration import get_dtype
from chaingrad.autograd.matmul import matmul
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.reduction import sum as _sum
from chaingrad.autograd.variable import Variable, VariableOrArray, as_array
from chaingrad.functions.activation.smooth import softplus
from chaingrad.functions.connection import embed_id
from chaingrad.links.annotations import DTypeLike
from chaingrad.links.initializers import Uniform
from chaingrad.links.link import Link


class BinaryHierarchicalSoftmax(Link):
    """Loss of an output layer whose classes are the leaves of a binary tree.

    loss = sum over the nodes m on the path to class t of log(1 + exp(-c_m x W_m)),  c = 1 to the left, -1 to the right

    Args:
        in_size (int): length of the inputs.
        tree: nested pairs whose leaves are the classes, such as ((0, 1), 2).
        dtype: dtype of W; `config.dtype` when None.

    Attributes:
        W (Parameter): vectors of the inner nodes (classes - 1, in_size), numbered from the root, left before right;
            Uniform(1) at first.

    Raises:
        ValueError: when an inner node has not two children, or a class comes twice.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> tree = L.BinaryHierarchicalSoftmax.create_huffman_tree({0: 8, 1: 5, 2: 2, 3: 1})
        >>> tree
        (0, ((3, 2), 1))
        >>> layer = L.BinaryHierarchicalSoftmax(3, tree)
        >>> layer(np.ones((2, 3), np.float32), np.array([0, 3])).shape
        ()

    Source:
        Mnih, Hinton: A scalable hierarchical distributed language model (NIPS 2008); Mikolov et al.: Distributed
        representations of words and phrases (NIPS 2013), section 2.1.
    """

    W: Parameter

    def __init__(self, in_size: int, tree: Any, dtype: DTypeLike | None = None) -> None:
        super().__init__()
        paths, n_nodes = _paths_to_leaves(tree)
        longest = max([len(path) for path in paths.values()])
        # For each class the nodes on its path and the turns taken there, padded with node -1 and turn 0.
        self.nodes = np.full((max(paths) + 1, longest), -1, np.int32)
        self.turns = np.zeros((max(paths) + 1, longest), np.int8)
        for leaf, path in paths.items():
            self.nodes[leaf, : len(path)] = [node for node, _ in path]
            self.turns[leaf, : len(path)] = [turn for _, turn in path]
        with self.init_scope():
            self.W = Parameter(Uniform(1.0, get_dtype(dtype)), (n_nodes, in_size))

    def device_resident_accept(self, visitor: DeviceResidentsVisitor) -> None:
        """Pass the parameter and the tables of the tree to a visitor."""
        super().device_resident_accept(visitor)
        self.nodes = visitor.visit_array(self.nodes)
        self.turns = visitor.visit_array(self.turns)

    @staticmethod
    def create_huffman_tree(word_counts: Mapping[int, float]) -> Any:
        """Return the tree in which frequent classes have short paths.

        Args:
            word_counts: how often each class occurs.

        Returns:
            Nested pairs of classes.

        Raises:
            ValueError: when there is no class.
        """
        if not word_counts:
            raise ValueError('create_huffman_tree: word_counts must have at least one class, but it is empty.')
        # The second entry decides between equal counts, so that trees are never compared.
        heap: list[tuple[float, int, Any]] = [(count, i, word) for i, (word, count) in enumerate(word_counts.items())]
        heapq.heapify(heap)
        while len(heap) > 1:
            count1, i1, tree1 = heapq.heappop(heap)
            count2, i2, tree2 = heapq.heappop(heap)
            heapq.heappush(heap, (count1 + count2, min(i1, i2), (tree1, tree2)))
        return heap[0][2]

    def forward(self, x: VariableOrArray, t: VariableOrArray) -> Variable:
        """Return the loss.

        Args:
            x: Variable or array, (n, in_size), of the dtype of W.
            t: Variable or array, the classes (n,), integers.

        Returns:
            Variable of no axes: the sum over the samples.

        Raises:
            ValueError: when a class is not in the tree.
        """
        classes: Array = as_array(t)
        if classes.size:
            in_range = 0 <= classes.min() and classes.max() < len(self.nodes)
            if not in_range or not self.turns[classes, 0].all():
                raise ValueError('BinaryHierarchicalSoftmax: every class in t must be a leaf of the tree.')
        turns = self.turns[classes].astype(self.W.dtype)
        vectors = embed_id(self.nodes[classes], self.W, ignore_label=-1)
        scores = reshape(matmul(vectors, reshape(x, (*x.shape, 1))), turns.shape)
        return _sum(softplus(scores * -turns) * abs(turns))


def _paths_to_leaves(tree: Any) -> tuple[dict[int, list[tuple[int, int]]], int]:
    """Return for each leaf the list of (node, turn) on the path to it, and the number of inner nodes."""
    paths: dict[int, list[tuple[int, int]]] = {}
    n_nodes = 0
    stack: list[tuple[Any, list[tuple[int, int]]]] = [(tree, [])]
    while stack:
        node, path = stack.pop()
        if isinstance(node, tuple):
            if len(node) != 2:
                raise ValueError(
                    f'BinaryHierarchicalSoftmax: every inner node must have two children, but one has {len(node)}.'
                )
            left, right = node
            stack.append((right, [*path, (n_nodes, -1)]))
            stack.append((left, [*path, (n_nodes, 1)]))
            n_nodes += 1
        elif node in paths:
            raise ValueError(f'BinaryHierarchicalSoftmax: class {node} comes twice in the tree.')
        else:
            paths[int(node)] = path
    if not n_nodes:
        raise ValueError('BinaryHierarchicalSoftmax: the tree must have at least one inner node, a pair of classes.')
    return paths, n_nodes
