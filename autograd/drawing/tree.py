"""A graph as lines for a terminal."""

from __future__ import annotations

from collections.abc import Sequence


def tree_of(texts: Sequence[str], sources: Sequence[Sequence[int]]) -> str:
    """Return a graph as lines, targets above their sources.

    A single source stands below its target; where there are several, each is a branch, indented. What several targets
    use is written once; later lines refer to its number.

    Args:
        texts: one line for each vertex.
        sources: the vertices that lead to each.

    Example:
        >>> from chaingrad.autograd.drawing.tree import tree_of
        >>> print(tree_of(['x', 'sin', 'mul'], [[], [0], [1, 0]]))
        mul
        +- sin
        |  x [1]
        +- see [1] x
    """
    users = [0] * len(texts)
    for targets in sources:
        for source in targets:
            users[source] += 1
    lines: list[str] = []
    numbers: dict[int, int] = {}  # of those that are written and used again
    stack = [(v, '', '') for v in range(len(texts))[::-1] if not users[v]]  # vertex, first indent, indent below
    stack.reverse()
    while stack:
        v, first, below = stack.pop(0)
        if v in numbers:
            lines.append(f'{first}see [{numbers[v]}] {texts[v].split(" ")[0]}')
            continue
        if users[v] > 1:
            numbers[v] = len(numbers) + 1
        mark = f' [{numbers[v]}]' if v in numbers else ''
        lines.append(f'{first}{texts[v]}{mark}')
        ends = list(sources[v])
        if len(ends) == 1:
            branches = [(ends[0], below, below)]
        else:
            branches = [(s, below + '+- ', below + ('|  ' if s != ends[-1] else '   ')) for s in ends]
        stack = branches + stack
    return '\n'.join(lines)
