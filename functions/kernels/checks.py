"""What window functions and normalizations say when their arguments do not fit. Called only once something is wrong."""

from __future__ import annotations

from typing import Any, NoReturn

from chaingrad.autograd.checks.type_check import InvalidType

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


def require_floats(who: str, **arrays: Any) -> None:
    """Refuse arrays that are not floating or differ in dtype; None is passed over."""
    dtypes = {x.dtype for x in arrays.values() if x is not None}
    if len(dtypes) == 1 and next(iter(dtypes)).kind == 'f':
        return
    first = next(iter(arrays))
    if any(dtype.kind != 'f' for dtype in dtypes):
        what, advice = (
            ' and '.join(f"{name}.dtype.kind == 'f'" for name, x in arrays.items() if x is not None),
            ("Convert with F.cast(x, 'float32')."),
        )
    else:
        what = ' == '.join(f'{name}.dtype' for name, x in arrays.items() if x is not None)
        advice = f'Convert one with F.cast({first}, ...).'
    fail(who, what, advice, **arrays)


def require_array(who: str, name: str, x: Any) -> None:
    """Refuse what is no array, such as a list of numbers, before its shape is asked for."""
    if not hasattr(x, 'dtype'):
        raise TypeError(
            f'{who}: {name} must be a Variable or an array, but it is a {type(x).__name__}. '
            f'Convert it with np.asarray({name}, dtype=np.float32).'
        )


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
    require_array(who, 'x', x)
    if expected is not None and x.ndim - 2 != expected:
        raise ValueError(
            f'{who}: x must have {expected} spatial {"axis" if expected == 1 else "axes"} behind batch and channels, '
            f'but x is {x.dtype} {x.shape}. Use the function whose name fits, or the one that ends in _nd.'
        )
    return x.ndim - 2
