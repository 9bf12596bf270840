"""What functions say when their arguments do not fit: who, what must hold, what was given, what to do."""

from __future__ import annotations

from typing import Any, NoReturn

from chaingrad.autograd.reduction import check_axis
from chaingrad.autograd.type_checking.type_check import InvalidType

DETERMINISTIC = (
    "deterministic argument is not supported anymore. Use using_config('cudnn_deterministic', value) context "
    'where value is either `True` or `False`.'
)
TRAIN = "train argument is not supported anymore. Use using_config('train', value) context."


def fail(who: str, what: str, advice: str = '', **arrays: Any) -> NoReturn:
    """Raise InvalidType: who, what must hold, what was given, what to do."""
    given = [f'{name} is {x.dtype} {x.shape}' for name, x in arrays.items() if x is not None]
    given = [', '.join(given[:-1]) + ' and ' + given[-1]] if len(given) > 1 else given
    raise InvalidType(f'{who}: {what} must hold, but {given[0]}.{" " + advice if advice else ""}')


def axis_of(who: str, x: Any, axis: Any) -> Any:
    """Return axis as None, an int or a tuple of ints, all of them axes of x, or raise."""
    require_arrays(who, x=x)
    return check_axis(who, axis, x.ndim)


def require_floats(who: str, **arrays: Any) -> None:
    """Refuse arrays that are not floating or differ in dtype; None is passed over."""
    arrays = {name: x for name, x in arrays.items() if x is not None}
    require_arrays(who, **arrays)
    dtypes = {x.dtype for x in arrays.values()}
    if len(dtypes) == 1 and next(iter(dtypes)).kind == 'f':
        return
    first = next(iter(arrays))
    if any(dtype.kind != 'f' for dtype in dtypes):
        what, advice = (
            ' and '.join(f"{name}.dtype.kind == 'f'" for name in arrays),
            ("Convert with F.cast(x, 'float32')."),
        )
    else:
        what = ' == '.join(f'{name}.dtype' for name in arrays)
        advice = f'Convert one with F.cast({first}, ...).'
    fail(who, what, advice, **arrays)


def require_arrays(who: str, **given: Any) -> None:
    """Refuse what is no array, such as a list of numbers, before its shape is asked for."""
    for name, x in given.items():
        if not hasattr(x, 'dtype'):
            raise TypeError(
                f'{who}: {name} must be a Variable or an array, but it is a {type(x).__name__}. '
                f'Convert it with np.asarray({name}, dtype=np.float32).'
            )


def axes_of(who: str, x: Any, *axes: int) -> list[int]:
    """Return axes of x, counted from the front, or raise."""
    require_arrays(who, x=x)
    n = len(x.shape)
    for axis in axes:
        if not -n <= axis < n:
            raise InvalidType(f'{who}: axes must be in [-{n}, {n}), but one is {axis} and x is {x.dtype} {x.shape}.')
    return [axis % n for axis in axes]


def refuse(who: str, keywords: dict[str, Any], **advice: str) -> None:
    """Raise ValueError with its advice for a keyword of old programs, TypeError for an unknown one."""
    for name in keywords:
        if name in advice:
            raise ValueError(f'{who}: {advice[name]}')
        raise TypeError(f'{who}: unexpected keyword argument {name!r}. See help(F.{who}) for those that it takes.')


def require_outputs(who: str, size, k, s, p, d, out) -> None:
    """Refuse a kernel that is larger than the padded input, naming both sizes."""
    if all(o > 0 for o in out):
        return
    reach = tuple((a - 1) * e + 1 for a, e in zip(k, d))
    room = tuple(a + 2 * b for a, b in zip(size, p))
    raise InvalidType(
        f'{who}: the kernel must not be larger than the padded input, but the kernel reaches over {reach} '
        f'(ksize {tuple(k)}, dilate {tuple(d)}) and the padded input is {room} (input {tuple(size)}, pad {tuple(p)}). '
        'Use a smaller kernel or more padding.'
    )


def spatial_axes(who: str, x: Any, expected: int | None = None) -> int:
    """Return the number of axes behind batch and channels; ValueError when another number is expected."""
    require_arrays(who, x=x)
    if expected is not None and x.ndim - 2 != expected:
        raise ValueError(
            f'{who}: x must have {expected} spatial {"axis" if expected == 1 else "axes"} behind batch and channels, '
            f'but x is {x.dtype} {x.shape}. Use the function whose name fits, or the one that ends in _nd.'
        )
    return x.ndim - 2
