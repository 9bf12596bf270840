"""The layout of a layered picture: layers, the order within each layer, coordinates.

After Sugiyama, Tagawa and Toda (1981): dummy vertices cut long edges, one in every layer that an edge crosses, and
barycentres give the order. The coordinates are the least squares solution that keeps order and gaps (isotonic
regression).
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from typing import NamedTuple

PASSES = 12
"""How many times the rows are sorted, in turn from the top down and from the bottom up."""


class Layout:
    """The positions of boxes in a directed graph without cycles.

    `layer[v]` is the layer of a vertex and `x[v]` its centre across the layers; vertices from `len(sizes)` on are
    dummies. `rows[i]` holds the vertices of a layer in order. `segments` are the edges from one layer to the next; long
    edges from the same source share their dummies.

    Args:
        sizes: extent of each box across the layers.
        edges: pairs of indexes, from source to target.
        gap: smallest distance between two boxes of a layer.
    """

    def __init__(self, sizes: Sequence[float], edges: Sequence[tuple[int, int]], gap: float) -> None:
        self.sizes = list(sizes)
        self.gap = gap
        self.layer = _layers(len(sizes), edges)
        self.segments = self._cut(edges)
        self.above: list[list[int]] = [[] for _ in self.sizes]
        self.below: list[list[int]] = [[] for _ in self.sizes]
        for u, v in self.segments:
            self.below[u].append(v)
            self.above[v].append(u)
        self.rows: list[list[int]] = [[] for _ in range(max(self.layer, default=-1) + 1)]
        for v, layer in enumerate(self.layer):
            self.rows[layer].append(v)
        self._sort_rows()
        self.x = self._find_coordinates()

    def is_dummy(self, v: int) -> bool:
        """Say whether a vertex only carries a long edge through its layer."""
        return self.sizes[v] == 0

    def _cut(self, edges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Return the segments of all edges, and add the dummies between them."""
        dummies: dict[tuple[int, int], int] = {}
        segments = []
        for u, v in edges:
            start = u
            for layer in range(self.layer[u] + 1, self.layer[v]):
                if (u, layer) not in dummies:
                    dummies[u, layer] = len(self.sizes)
                    self.sizes.append(0)
                    self.layer.append(layer)
                    segments.append((start, dummies[u, layer]))
                start = dummies[u, layer]
            segments.append((start, v))
        return segments

    def _sort_rows(self) -> None:
        """Sort each row by the mean position of its neighbours, down and up; keep the order with fewest crossings."""
        best = [list(row) for row in self.rows]
        fewest = self._count_crossings()
        for i in range(PASSES):
            if fewest == 0:
                break
            if i % 2 == 0:
                self._sort_by_neighbours(self.rows[1:], self.above)
            else:
                self._sort_by_neighbours(self.rows[-2::-1], self.below)
            crossings = self._count_crossings()
            if crossings < fewest:
                fewest = crossings
                best = [list(row) for row in self.rows]
        self.rows = best
        self._swap_neighbours()

    def _sort_by_neighbours(self, rows: Sequence[list[int]], neighbours: Sequence[Sequence[int]]) -> None:
        """Sort rows, one after the other, by the mean position of each vertex's neighbours in the row before."""
        position = self._positions()
        for row in rows:
            keys = {}
            for v in row:
                near = neighbours[v]
                keys[v] = sum(position[u] for u in near) / len(near) if near else position[v]
            row.sort(key=keys.__getitem__)
            for i, v in enumerate(row):
                position[v] = i

    def _positions(self) -> dict[int, int]:
        """Return the position of every vertex in its row."""
        return {v: i for row in self.rows for i, v in enumerate(row)}

    def _swap_neighbours(self) -> None:
        """Exchange neighbours in a row while that saves crossings."""
        for _ in range(PASSES):
            improved = False
            position = self._positions()
            for row in self.rows:
                for i in range(len(row) - 1):
                    u, v = row[i], row[i + 1]
                    if self._saved_by_swap(u, v, position) > 0:
                        row[i], row[i + 1] = v, u
                        position[u] = i + 1
                        position[v] = i
                        improved = True
            if not improved:
                return

    def _saved_by_swap(self, u: int, v: int, position: dict[int, int]) -> int:
        """Return how many crossings fewer there are once u stands right of v, which is now its right neighbour."""
        saved = 0
        for neighbours in (self.above, self.below):
            for a in neighbours[u]:
                for b in neighbours[v]:
                    saved += (position[a] > position[b]) - (position[a] < position[b])
        return saved

    def _count_crossings(self) -> int:
        total = 0
        for row in self.rows[:-1]:
            next_row = self.rows[self.layer[row[0]] + 1]
            position = {v: i for i, v in enumerate(next_row)}
            passed: list[int] = []  # the ends of the segments so far, sorted
            for u in row:
                for end in sorted(position[v] for v in self.below[u]):
                    total += len(passed) - bisect.bisect_right(passed, end)
                    bisect.insort(passed, end)
        return total

    def _is_leaf(self, v: int) -> bool:
        return not self.above[v] and self.layer[v] > 0

    def _pull(self, u: int, v: int) -> float:
        """Return how strongly a segment pulls its ends into line: long edges run straight, leaves give way."""
        if self._is_leaf(u) or self._is_leaf(v):
            return 0.01
        return 1.0 + 3.0 * (self.is_dummy(u) + self.is_dummy(v))

    def _find_coordinates(self) -> list[float]:
        """Move each row towards its neighbours, down and up again, and return the centres of all vertices."""
        x = [0.0] * len(self.sizes)
        weights = {v: self._weight(v) for v in range(len(x))}
        for row in self.rows:
            self._settle(row, dict.fromkeys(row, 0.0), x, weights)
        all_neighbours = [above + below for above, below in zip(self.above, self.below)]
        for i in range(3 * PASSES):
            downwards = i % 2 == 0
            neighbours = self.above if downwards else self.below
            if i >= 2 * PASSES:
                neighbours = all_neighbours
            for row in self.rows if downwards else self.rows[::-1]:
                wanted = {v: self._pulled_to(v, neighbours[v], x) for v in row}
                self._settle(row, wanted, x, weights)
        self._straighten(x)
        return x

    def _pulled_to(self, v: int, neighbours: Sequence[int], x: Sequence[float]) -> float:
        """Return the weighted mean of the neighbours' centres; the vertex's own where it has none."""
        if not neighbours:
            return x[v]
        pulls = [self._pull(u, v) for u in neighbours]
        return sum(pull * x[u] for pull, u in zip(pulls, neighbours)) / sum(pulls)

    def _straighten(self, x: list[float]) -> None:
        """Put each vertex exactly below the one that leads to it where both are each other's first choice."""

        def first_choice(v: int, neighbours: Sequence[int]) -> int | None:
            candidates = [u for u in neighbours if not self._is_leaf(u)]
            return min(candidates, key=lambda u: (self.is_dummy(u) != self.is_dummy(v), abs(x[u] - x[v])), default=None)

        up = [first_choice(v, self.above[v]) for v in range(len(x))]
        down = [first_choice(v, self.below[v]) for v in range(len(x))]
        for row in self.rows:
            wanted = {}
            weights = {}
            for v in row:
                u = up[v]
                is_pair = u is not None and down[u] == v
                wanted[v] = x[u] if u is not None and is_pair else x[v]
                weights[v] = 1e6 if is_pair and not self.is_dummy(v) else self._weight(v)
            self._settle(row, wanted, x, weights)
        for row in self.rows[::-1]:  # dummies make room for vertices further down, leaves move close to their target
            wanted = {}
            weights = {}
            for v in row:
                u = down[v]
                gives_way = self.is_dummy(v) or self._is_leaf(v)
                wanted[v] = x[u] if u is not None and gives_way else x[v]
                weights[v] = self._weight(v) if gives_way else 1e6
            self._settle(row, wanted, x, weights)

    def _weight(self, v: int) -> float:
        """Return how much a vertex counts against its neighbours in the row."""
        if self.is_dummy(v):
            return 8.0
        return 0.01 if self._is_leaf(v) else 1.0

    def _settle(self, row: Sequence[int], wanted: dict[int, float], x: list[float], weights: dict[int, float]) -> None:
        """Set the centres of a row, nearest to `wanted` in weighted least squares, and keep order and gaps."""
        offsets: list[float] = []  # of each vertex from the first one, if all stand as close as they may
        blocks: list[_Block] = []  # vertices that stand as close as they may
        for i, v in enumerate(row):
            if i == 0:
                offset = 0.0
            else:
                offset += (self.sizes[row[i - 1]] + self.sizes[v]) / 2 + self.gap
            offsets.append(offset)
            block = _Block(weights[v], weights[v] * (wanted[v] - offset), 1)
            while blocks and blocks[-1].start > block.start:
                block = blocks.pop().merge(block)
            blocks.append(block)
        starts = [block.start for block in blocks for _ in range(block.size)]
        for v, start, offset in zip(row, starts, offsets):
            x[v] = start + offset


class _Block(NamedTuple):
    """Neighbours in a row that stand as close as they may."""

    weight: float
    weighted_sum: float  # of wanted - offset
    size: int

    @property
    def start(self) -> float:
        """The coordinate of the row's first vertex that is best for this block."""
        return self.weighted_sum / self.weight

    def merge(self, other: _Block) -> _Block:
        """Return the block of both."""
        return _Block(self.weight + other.weight, self.weighted_sum + other.weighted_sum, self.size + other.size)


def _layers(n: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """Return the layers: that of a last vertex is its longest path from a source, others stand before their targets."""
    below: list[list[int]] = [[] for _ in range(n)]
    missing = [0] * n  # how many of its sources have no layer yet
    for u, v in edges:
        below[u].append(v)
        missing[v] += 1
    layer = [0] * n
    ready = [v for v in range(n) if missing[v] == 0]
    for u in ready:  # the list grows inside the loop
        for v in below[u]:
            layer[v] = max(layer[v], layer[u] + 1)
            missing[v] -= 1
            if missing[v] == 0:
                ready.append(v)
    if len(ready) < n:
        raise ValueError('Layout: the graph has a cycle.')
    for u in ready[::-1]:
        layer[u] = min((layer[v] - 1 for v in below[u]), default=layer[u])
    return layer
