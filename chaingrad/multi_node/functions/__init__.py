"""Communication as functions of the graph: their gradients travel the other way.

Every rank calls backward; a rank whose graph ends in a `send`, `gather` or so calls it on the delegate variable that
these return, or joins that to its loss with `pseudo_connect`. All have every order of derivative.
"""

from chaingrad.multi_node.functions.collective import allgather, alltoall, bcast, gather, scatter
from chaingrad.multi_node.functions.point_to_point import recv, send
from chaingrad.multi_node.functions.pseudo_connect import pseudo_connect

__all__ = ['allgather', 'alltoall', 'bcast', 'gather', 'pseudo_connect', 'recv', 'scatter', 'send']
