"""Where the boxes of a layered picture stand: layers, order within a layer, coordinates.

After Sugiyama, Tagawa and Toda (1981): long edges are cut by dummies, one in every layer they pass, orders come from
barycentres. Coordinates are the least squares solution that keeps the order and the gaps (isotonic regression).
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence

SWEEPS = 12


class Layout:
    """The places of boxes in a directed graph without cycles.

    `layer[v]`, `x[v]` are the layer and the centre across the layers of every vertex; vertices from `len(sizes)` on are
    dummies. `segments` are the edges from one layer to the next; those of one source share their dummies.

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
        self._order()
        self.x = self._place()

    def is_dummy(self, v: int) -> bool:
        """Say whether a vertex only guides a long edge."""
        return self.sizes[v] == 0

    def _cut(self, edges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
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

    def _order(self) -> None:
        """Sort each row by the mean place of its neighbours, down and up; keep the order with fewest crossings."""
        best, fewest = [list(row) for row in self.rows], self._crossings()
        for sweep in range(SWEEPS):
            if fewest == 0:
                break
            rows, near = (self.rows[1:], self.above) if sweep % 2 == 0 else (self.rows[-2::-1], self.below)
            place = {v: float(i) for row in self.rows for i, v in enumerate(row)}
            for row in rows:
                keys = {v: sum(place[u] for u in near[v]) / len(near[v]) if near[v] else place[v] for v in row}
                row.sort(key=keys.__getitem__)
                place.update((v, float(i)) for i, v in enumerate(row))
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = [list(row) for row in self.rows], crossings
        self.rows = best
        self._swap()

    def _swap(self) -> None:
        """Exchange neighbours in a row while that saves crossings."""
        for _ in range(SWEEPS):
            improved = False
            place = {v: i for row in self.rows for i, v in enumerate(row)}
            for row in self.rows:
                for i in range(len(row) - 1):
                    u, v = row[i : i + 2]
                    pairs = [
                        (place[a], place[b]) for near in (self.above, self.below) for a in near[u] for b in near[v]
                    ]
                    saved = sum((a > b) - (a < b) for a, b in pairs)
                    if saved > 0:
                        row[i : i + 2] = v, u
                        place[u], place[v] = i + 1, i
                        improved = True
            if not improved:
                return

    def _crossings(self) -> int:
        total = 0
        for row in self.rows[:-1]:
            place = {v: i for i, v in enumerate(self.rows[self.layer[row[0]] + 1])}
            passed: list[int] = []
            for end in [i for u in row for i in sorted(place[v] for v in self.below[u])]:
                total += len(passed) - bisect.bisect_right(passed, end)
                bisect.insort(passed, end)
        return total

    def _is_leaf(self, v: int) -> bool:
        return not self.above[v] and self.layer[v] > 0

    def _pull(self, u: int, v: int) -> float:
        """Return how strongly two ends of a segment want to stand in line: long edges run straight, leaves give way."""
        if self._is_leaf(u) or self._is_leaf(v):
            return 0.01
        return 1.0 + 3.0 * (self.is_dummy(u) + self.is_dummy(v))

    def _place(self) -> list[float]:
        """Move each row towards its neighbours, down and up again."""
        x = [0.0] * len(self.sizes)
        weights = {v: self._weight(v) for v in range(len(x))}
        for row in self.rows:
            self._settle(row, dict.fromkeys(row, 0.0), x, weights)
        both = [a + b for a, b in zip(self.above, self.below)]
        for sweep in range(3 * SWEEPS):
            rows, near = (self.rows, self.above) if sweep % 2 == 0 else (self.rows[::-1], self.below)
            near = both if sweep >= 2 * SWEEPS else near
            for row in rows:
                wanted = {}
                for v in row:
                    pulls = [self._pull(u, v) for u in near[v]]
                    wanted[v] = sum(p * x[u] for p, u in zip(pulls, near[v])) / sum(pulls) if pulls else x[v]
                self._settle(row, wanted, x, weights)
        self._straighten(x)
        return x

    def _straighten(self, x: list[float]) -> None:
        """Put each vertex exactly below the one that leads to it where both are each other's first choice."""

        def first_choice(v: int, near: Sequence[int]) -> int | None:
            near = [u for u in near if not self._is_leaf(u)]
            return min(near, key=lambda u: (self.is_dummy(u) != self.is_dummy(v), abs(x[u] - x[v])), default=None)

        up = [first_choice(v, self.above[v]) for v in range(len(x))]
        down = [first_choice(v, self.below[v]) for v in range(len(x))]
        for row in self.rows:
            above = {v: u for v in row if (u := up[v]) is not None and down[u] == v}
            weights = {v: 1e6 if v in above and not self.is_dummy(v) else self._weight(v) for v in row}
            self._settle(row, {v: x[above.get(v, v)] for v in row}, x, weights)
        for row in self.rows[::-1]:  # dummies make way for what comes further down, leaves come near to their target
            gives_way = {v: self.is_dummy(v) or self._is_leaf(v) for v in row}
            wanted = {v: x[u] if gives_way[v] and (u := down[v]) is not None else x[v] for v in row}
            weights = {v: self._weight(v) if gives_way[v] else 1e6 for v in row}
            self._settle(row, wanted, x, weights)

    def _weight(self, v: int) -> float:
        """Return how much a vertex counts against its neighbours in the row."""
        return 8.0 if self.is_dummy(v) else 0.01 if self._is_leaf(v) else 1.0

    def _settle(self, row: Sequence[int], wanted: dict[int, float], x: list[float], weights: dict[int, float]) -> None:
        """Set the places nearest to the wanted ones, in weighted least squares, that keep order and gaps."""
        blocks: list[list[float]] = []  # weight, weighted sum of (wanted - offset), number of vertices
        offsets, offset = [], 0.0
        for i, v in enumerate(row):
            if i:
                offset += (self.sizes[row[i - 1]] + self.sizes[v]) / 2 + self.gap
            offsets.append(offset)
            blocks.append([weights[v], weights[v] * (wanted[v] - offset), 1])
            while len(blocks) > 1 and blocks[-2][1] / blocks[-2][0] > blocks[-1][1] / blocks[-1][0]:
                last = blocks.pop()
                blocks[-1] = [a + b for a, b in zip(blocks[-1], last)]
        starts = [b[1] / b[0] for b in blocks for _ in range(int(b[2]))]
        for v, start, shift in zip(row, starts, offsets):
            x[v] = start + shift


def _layers(n: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """Return the layers: the last vertices by their longest way from a source, every other just before its targets."""
    below: list[list[int]] = [[] for _ in range(n)]
    missing = [0] * n
    for u, v in edges:
        below[u].append(v)
        missing[v] += 1
    layer, ready = [0] * n, [v for v in range(n) if missing[v] == 0]
    for u in ready:  # grows while it is read
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
