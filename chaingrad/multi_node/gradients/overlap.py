"""The backward pass that sends gradients while it goes on.

It is the pass of `chaingrad.autograd.backprop`, one function at a time. Before it begins, the uses of every parameter
in the graph are counted. When the last function that uses a parameter has been visited, its gradient is complete; when
all gradients of the next bucket are, the bucket is sent. After every function MPI gets a moment to move bytes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chaingrad.autograd import backprop
from chaingrad.multi_node.gradients.buckets import Bucket, Layout

__all__ = ['Flight', 'Uses', 'backward']


class Uses:
    """How the functions of a graph use parameters.

    Attributes:
        counts: dict from the node of a parameter to the number of edges that lead to it.
        last: dict from the node of a parameter to the rank of the function that is visited last of those that use it.
    """

    def __init__(self, outputs: Sequence[Any], params: Iterable[Any]) -> None:
        self.counts: dict[Any, int] = {}
        self.last: dict[Any, int] = {}
        wanted = {p._node for p in params if p._node is not None}
        functions = [y._node._node_creator for y in outputs]
        found = set(functions)
        while functions:
            function = functions.pop()
            edges = function._node_edges
            for i in function._node_targets:
                node = edges[i]
                creator = node._node_creator
                if creator is not None:
                    if creator not in found:
                        found.add(creator)
                        functions.append(creator)
                elif node in wanted:
                    self.counts[node] = self.counts.get(node, 0) + 1
                    self.last[node] = min(function.rank, self.last.get(node, function.rank))

    def order(self, params: Sequence[Any]) -> list[int]:
        """Return the indexes of the parameters in the order in which their gradients are complete; unused ones last."""
        return sorted(range(len(params)), key=lambda i: (-self.last.get(params[i]._node, -1), -i))


class Flight:
    """The buckets of one step: which are complete, sent, and back."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._next = 0  # the first bucket that is not sent
        self._oldest = 0  # the first bucket that is not known to be back
        self._bucket_of: dict[Any, Bucket] = {}
        for bucket in layout.buckets:
            bucket.missing = len(bucket.params)
            for param in bucket.params:
                self._bucket_of[param._node] = bucket

    def complete(self, node: Any) -> None:
        """Note that the gradient of a parameter is complete, and send the buckets whose turn it is."""
        bucket = self._bucket_of.get(node)
        if bucket is None:
            return
        bucket.missing -= 1
        buckets = self._layout.buckets
        while self._next < len(buckets) and not buckets[self._next].missing:
            self._send()

    def _send(self) -> None:
        bucket = self._layout.buckets[self._next]
        bucket.pack()
        bucket.start()
        self._next += 1

    def poll(self) -> None:
        """Let MPI move bytes on."""
        while self._oldest < self._next:
            bucket = self._layout.buckets[self._oldest]
            if bucket.request is not None and not bucket.request.Test():
                return
            bucket.request = None
            self._oldest += 1

    def finish(self) -> None:
        """Send what is left, wait for everything, and write the sums."""
        while self._next < len(self._layout.buckets):
            self._send()
        self._layout.finish(zero_fill=True, factor=1)


def backward(loss: Any, layout: Layout, uses: Uses, loss_scale: float | None) -> None:
    """Do what `loss.backward(loss_scale=loss_scale)` does, and replace the gradients by their means over the ranks.

    The pass begins with the loss divided by the number of ranks, so that the sums are the means.
    """
    flight = Flight(layout)
    outputs, begun = backprop.begin([loss], False, (loss_scale or 1) / layout.n_ranks)
    grads = begun[0]
    counts = dict(uses.counts)
    while (visited := backprop.visit(begun, False, False, once=True)) is not None:
        edges = visited[0]._node_inputs
        for i in visited[1]:
            node = edges[i] if type(edges) is tuple else edges
            left = counts.get(node, 0) - 1
            counts[node] = left
            if left == 0:
                if node in grads:
                    backprop.accumulate({node: grads.pop(node)}, loss_scale)
                flight.complete(node)
        flight.poll()
    backprop.accumulate(grads, loss_scale)
    for y in outputs:
        y._set_grad(None)
    flight.finish()
