"""Communication as functions of the graph: their gradients travel the other way.

Every rank calls backward; a rank whose graph ends in a `send`, `gather` or so calls it on the delegate variable that
these return, or joins that to its loss with `pseudo_connect`.

Gradients of gradients: `allgather` and `alltoall` have them as any function. So have `send` and `recv`, where the
receiver gives `recv` a delegate Variable of its own and starts its second pass from the `grad_var` of that, and all
ranks call `backward`, not `grad`. `bcast`, `gather` and `scatter` have first derivatives.
"""

from chaingrad.multi_node.functions.collective import allgather, alltoall, bcast, gather, scatter
from chaingrad.multi_node.functions.point_to_point import recv, send
from chaingrad.multi_node.functions.pseudo_connect import pseudo_connect

__all__ = ['allgather', 'alltoall', 'bcast', 'gather', 'pseudo_connect', 'recv', 'scatter', 'send']
