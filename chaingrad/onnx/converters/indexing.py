"""Functions that select elements: slices, numbers, arrays of indexes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from chaingrad.autograd import array_ops
from chaingrad.functions.array import selection
from chaingrad.onnx.converters.elementwise import Converter
from chaingrad.onnx.graph import Call

__all__ = ['CONVERTERS']

_LAST = np.iinfo(np.int64).max
_FIRST = np.iinfo(np.int64).min


def _items(slices: Any, ndim: int) -> list[Any]:
    """Return one item for each axis (and None for each new one), with full slices in place of `...`."""
    items = list(slices) if isinstance(slices, tuple) else [slices]
    items = [np.asarray(item) if isinstance(item, list) else item for item in items]
    places = [i for i, item in enumerate(items) if item is Ellipsis]
    missing = ndim - sum(map(_n_axes, items))
    where = places[0] if places else len(items)
    return items[:where] + [slice(None)] * missing + items[where + len(places) :]


def _n_axes(item: Any) -> int:
    """Return for how many axes of an array an item stands."""
    if item is None or item is Ellipsis:
        return 0
    return item.ndim if isinstance(item, np.ndarray) and item.dtype.kind == 'b' else 1


def _get_item(call: Call) -> None:
    items, twins = _items(call.func.slices, call.x.ndim), _items(call.twin.slices, call.x.ndim)
    arrays = [i for i, item in enumerate(items) if isinstance(item, np.ndarray) and item.ndim]
    is_one = len(arrays) == 1 and items[arrays[0]].dtype.kind != 'b'
    if arrays and not (is_one and all(isinstance(item, slice) for i, item in enumerate(items) if i not in arrays)):
        _get_points(call, items, twins)
        return
    x = _slice(call, items, twins)
    if arrays:
        axis = arrays[0]
        x = call.add('Gather', x, call.hidden(items[axis], twins[axis]), axis=axis)
    used = [item for item in items if item is not None]
    numbers = [i for i, item in enumerate(used) if not isinstance(item, slice) and i not in arrays]
    if numbers:
        x = call.add('Squeeze', x, call.sizes(numbers))
    kept = [item for item in items if item is None or isinstance(item, slice) or isinstance(item, np.ndarray)]
    new = [i for i, item in enumerate(kept) if item is None]
    if new:
        x = call.add('Unsqueeze', x, call.sizes(new))
    call.end('Identity', x)


def _get_points(call: Call, items: list[Any], twins: list[Any]) -> None:
    """Select by several arrays of indexes, by numbers beside arrays, and by booleans, as NumPy does."""
    if any(isinstance(item, np.ndarray) and item.dtype.kind == 'b' for item in items):
        items, twins = _without_booleans(call, items), _without_booleans(call, twins)
    x = _slice(call, [item if item is None or isinstance(item, slice) else slice(None) for item in items], twins)
    used = [item for item in items if item is not None]
    axes = [i for i, item in enumerate(used) if not isinstance(item, slice)]
    rest = [i for i in range(len(used)) if i not in axes]
    x = call.add('Transpose', x, perm=[*axes, *rest])
    pairs = [pair for pair in zip(items, twins) if not (pair[0] is None or isinstance(pair[0], slice))]
    x = call.add('GatherND', x, _points(call, pairs))
    # The axes of the indexes come first, but where they are side by side they stay there; None counts as an axis.
    n_points = np.broadcast(*(np.asarray(item) for item, _ in pairs)).ndim
    places = [i for i, item in enumerate(items) if not (item is None or isinstance(item, slice))]
    is_together = places == list(range(places[0], places[-1] + 1))
    before = sum(isinstance(item, slice) for item in items[: places[0]]) if is_together else 0
    moved = [*range(n_points, n_points + before), *range(n_points), *range(n_points + before, n_points + len(rest))]
    x = call.add('Transpose', x, perm=moved)
    plain = [item for item in items if item is None or isinstance(item, slice)]
    start = places[0] if is_together else 0
    new = [i if i < start else i + n_points for i, item in enumerate(plain) if item is None]
    call.end(*(('Unsqueeze', x, call.sizes(new)) if new else ('Identity', x)))


def _without_booleans(call: Call, items: list[Any]) -> list[Any]:
    """Return the items with the places where a boolean array is true instead of it."""
    found: list[Any] = []
    for item in items:
        is_boolean = isinstance(item, np.ndarray) and item.dtype.kind == 'b'
        found += np.nonzero(item) if is_boolean else [item]
    return found


def _points(call: Call, pairs: list[tuple[Any, Any]]) -> str:
    """Return the name of the indexes of GatherND: those of all axes side by side, in a last axis."""
    arrays, twins = ([np.asarray(pair[k], np.int64) for pair in pairs] for k in (0, 1))
    shapes = [np.broadcast_shapes(*(x.shape for x in each)) for each in (arrays, twins)]
    parts = []
    for (item, _), x, twin in zip(pairs, arrays, twins):
        name = call.hidden(item, twin) if isinstance(item, np.ndarray) and item.ndim else call.array(x)
        name = call.add('Expand', call.add('Cast', name, to=7), call.sizes(*shapes))
        parts.append(call.add('Unsqueeze', name, call.sizes([len(shapes[0])])))
    return call.add('Concat', *parts, axis=len(shapes[0]))


def _slice(call: Call, items: list[Any], twins: list[Any]) -> str:
    """Slice along the axes that have a slice or a number."""
    rows: list[list[Any]] = [[], []]
    axes, steps = [], []
    for row, given in zip(rows, (items, twins)):
        for item in (one for one in given if one is not None):
            row.append(item)
    starts: list[list[int]] = [[], []]
    ends: list[list[int]] = [[], []]
    for axis, item in enumerate(rows[0]):
        if isinstance(item, np.ndarray) and item.ndim or isinstance(item, slice) and item == slice(None):
            continue
        axes.append(axis)
        steps.append(1 if not isinstance(item, slice) or item.step is None else int(item.step))
        for row, start, end in zip(rows, starts, ends):
            first, last = _ends(row[axis])
            start.append(first)
            end.append(last)
    if not axes:
        return call.input_names[0]
    sizes = (call.sizes(*starts), call.sizes(*ends), call.sizes(axes), call.sizes(steps))
    return call.add('Slice', call.input_names[0], *sizes)


def _ends(item: Any) -> tuple[int, int]:
    """Return start and end of a slice or number, as ONNX writes them."""
    if not isinstance(item, slice):
        return int(item), _LAST if item == -1 else int(item) + 1
    is_backward = item.step is not None and item.step < 0
    first = (_LAST if is_backward else 0) if item.start is None else int(item.start)
    return first, (_FIRST if is_backward else _LAST) if item.stop is None else int(item.stop)


def _scatter(call: Call) -> None:
    """Write zeros to which x is added, by the positions in the flat array."""
    shape = call.func.shape
    if call.opset_version < 16:
        raise call.fail('is an operator of ONNX from opset 16 on', 'Give opset_version=16 or more.')
    if shape != call.twin.shape:
        raise call.fail('adds to an array that grows with the batch', 'Give input_shapes with numbers.')
    places, twin = (np.arange(math.prod(shape)).reshape(shape)[f.slices].reshape(-1, 1) for f in (call.func, call.twin))
    zeros = call.array(np.zeros(math.prod(shape), call.x.dtype), 'zeros')
    flat = call.add('Reshape', call.input_names[0], call.sizes([-1]))
    total = call.add('ScatterND', zeros, call.settled(places, twin, 'places'), flat, reduction='add')
    call.reshape(total, shape, shape, call.output_names)


def _select_item(call: Call) -> None:
    columns = call.hidden(call.func.slices[1], call.twin.slices[1])
    index = call.add('Unsqueeze', call.add('Cast', columns, to=7), call.sizes([1]))
    chosen = call.add('GatherElements', call.input_names[0], index, axis=1)
    call.end('Squeeze', chosen, call.sizes([1]))


CONVERTERS: Mapping[type, Converter] = {
    array_ops.GetItem: _get_item,
    array_ops.ScatterItem: _scatter,
    selection.SelectItem: _select_item,
}
