"""Functions that move and select elements; those that join and split are in `joining.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from chaingrad.autograd import array_ops
from chaingrad.functions.array import padding, selection
from chaingrad.onnx.converters.elementwise import Converter
from chaingrad.onnx.graph import Call

__all__ = ['CONVERTERS']

_LAST = np.iinfo(np.int64).max
_FIRST = np.iinfo(np.int64).min


def _reshape(call: Call) -> None:
    call.reshape(call.input_names[0], call.shape, call.twin_shape, call.output_names)


def _transpose(call: Call) -> None:
    axes = call.func.axes
    ndim = call.x.ndim
    call.end(
        'Transpose', call.input_names[0], perm=list(range(ndim))[::-1] if axes is None else [i % ndim for i in axes]
    )


def _broadcast_to(call: Call) -> None:
    call.end('Expand', call.input_names[0], call.sizes(call.shape, call.twin_shape))


def _sum_to(call: Call) -> None:
    lead = call.x.ndim - len(call.shape)
    axes = [i for i, n in enumerate(call.x.shape) if i < lead or call.shape[i - lead] != n]
    if not axes:
        call.end('Identity', call.input_names[0])
        return
    total = call.reduce('ReduceSum', call.input_names[0], axes, True)
    call.reshape(total, call.shape, call.twin_shape, call.output_names)


def _cast(call: Call) -> None:
    kinds = {'float32': 1, 'uint8': 2, 'int8': 3, 'int16': 5, 'int32': 6, 'int64': 7, 'bool': 9, 'float16': 10}
    kind = {**kinds, 'float64': 11, 'uint16': 4, 'uint32': 12, 'uint64': 13}.get(np.dtype(call.func.type).name)
    if kind is None:
        raise call.fail(f'has the dtype {call.func.type}, which ONNX does not know')
    call.end('Cast', call.input_names[0], to=kind)


def _items(slices: Any, ndim: int) -> list[Any]:
    """Return one item for each axis (and None for each new one), with full slices in place of `...`."""
    items = list(slices) if isinstance(slices, tuple) else [slices]
    items = [np.asarray(item) if isinstance(item, list) else item for item in items]
    places = [i for i, item in enumerate(items) if item is Ellipsis]
    missing = ndim - sum(item is not None and item is not Ellipsis for item in items)
    where = places[0] if places else len(items)
    return items[:where] + [slice(None)] * missing + items[where + len(places) :]


def _get_item(call: Call) -> None:
    items, twins = _items(call.func.slices, call.x.ndim), _items(call.twin.slices, call.x.ndim)
    arrays = [i for i, item in enumerate(items) if isinstance(item, np.ndarray) and item.ndim]
    if len(arrays) > 1 or any(items[i].dtype.kind == 'b' for i in arrays):
        raise call.fail('selects by booleans or by several arrays of indexes')
    if arrays and any(item is None or not isinstance(item, slice) for i, item in enumerate(items) if i not in arrays):
        raise call.fail('selects by an array of indexes together with numbers or new axes')
    x = _slice(call, items, twins)
    if arrays:
        axis = arrays[0]
        x = call.add('Gather', x, call.hidden(items[axis], twins[axis]), axis=axis)
    used = [item for item in items if item is not None]
    numbers = [i for i, item in enumerate(used) if not isinstance(item, slice) and i not in arrays]
    if numbers:
        x = call.add('Squeeze', x, call.sizes(numbers))
    kept = [item for i, item in enumerate(items) if item is None or isinstance(item, slice) or i in arrays]
    new = [i for i, item in enumerate(kept) if item is None]
    if new:
        x = call.add('Unsqueeze', x, call.sizes(new))
    call.end('Identity', x)


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
        if isinstance(item, np.ndarray) and item.ndim or item == slice(None):
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


def _select_item(call: Call) -> None:
    columns = call.hidden(call.func.slices[1], call.twin.slices[1])
    index = call.add('Unsqueeze', call.add('Cast', columns, to=7), call.sizes([1]))
    chosen = call.add('GatherElements', call.input_names[0], index, axis=1)
    call.end('Squeeze', chosen, call.sizes([1]))


def _pad(call: Call) -> None:
    values = np.asarray(call.func.constant_values)
    if values.size and (values != values.flat[0]).any():
        raise call.fail('pads with more than one value')
    widths = np.broadcast_to(call.func.pad_width, (call.x.ndim, 2))
    value = call.number(values.flat[0] if values.size else 0)
    call.end('Pad', call.input_names[0], call.sizes(widths.T.reshape(-1).tolist()), value)


def _copy(call: Call) -> None:
    call.end('Identity', call.input_names[0])


CONVERTERS: Mapping[type, Converter] = {
    array_ops.Reshape: _reshape,
    array_ops.Transpose: _transpose,
    array_ops.GetItem: _get_item,
    array_ops.BroadcastTo: _broadcast_to,
    array_ops.SumTo: _sum_to,
    array_ops.Cast: _cast,
    padding.Pad: _pad,
    selection.SelectItem: _select_item,
    selection.Copy: _copy,
}
