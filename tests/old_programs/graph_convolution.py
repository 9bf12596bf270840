"""A chemist: graph convolution over a batch of molecules with a sparse adjacency matrix, against the dense one."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer.utils import CooMatrix, to_coo

# (atoms, bonds, how many atoms have exactly two neighbours)
MOLECULES = [
    ([0, 1, 0], [(0, 1), (1, 2)]),
    ([0, 0, 0, 0], [(0, 1), (1, 2), (2, 3), (3, 0)]),
    ([1, 0, 0, 0], [(0, 1), (0, 2), (0, 3)]),
]


def normalized_adjacency(n, bonds):
    A = np.eye(n, dtype=np.float32)
    for i, j in bonds:
        A[i, j] = A[j, i] = 1
    d = A.sum(axis=1) ** -0.5
    return A * d[:, None] * d


def block_sparse(molecules):
    rows, cols, values, start = [], [], [], 0
    for atoms, bonds in molecules:
        A = to_coo(normalized_adjacency(len(atoms), bonds))
        rows.append(A.row + start)
        cols.append(A.col + start)
        values.append(A.data.array)
        start += len(atoms)
    row, col = np.concatenate(rows), np.concatenate(cols)
    return CooMatrix(np.concatenate(values), row, col, (start, start), order='C')


class GCN(chainer.Chain):
    def __init__(self, n_atom_types, n_units):
        super(GCN, self).__init__()
        with self.init_scope():
            self.embed = L.EmbedID(n_atom_types, n_units)
            self.l1 = L.Linear(n_units, n_units)
            self.l2 = L.Linear(n_units, 1)

    def __call__(self, atoms, adjacency, owner, n_molecules):
        h = self.embed(atoms)
        for layer in (self.l1, self.l2):
            product = F.sparse_matmul if isinstance(adjacency, CooMatrix) else F.matmul
            h = product(adjacency, layer(h))
            h = F.relu(h) if layer is self.l1 else h
        return F.scatter_add(np.zeros((n_molecules, 1), 'f'), owner, h)


np.random.seed(0)
atoms = np.concatenate([a for a, _ in MOLECULES]).astype(np.int32)
owner = np.repeat(np.arange(3), [len(a) for a, _ in MOLECULES])
sparse = block_sparse(MOLECULES)
dense = sparse.to_dense().array
assert dense.shape == (11, 11) and (dense[owner[:, None] != owner] == 0).all()
assert np.allclose(dense[3:7, 3:7].sum(axis=1), 1)  # a ring of four: every atom has two neighbours and itself

model = GCN(2, 5)
gradients = []
for adjacency in (sparse, dense):
    model.cleargrads()
    y = model(atoms, adjacency, owner, 3)
    F.sum(y**2).backward()
    gradients.append((y.data, {name: param.grad for name, param in model.namedparams()}))
(y1, g1), (y2, g2) = gradients
assert np.allclose(y1, y2, atol=1e-5)
for name in g1:
    assert np.allclose(g1[name], g2[name], atol=1e-4) and abs(g1[name]).max() > 0, name

# The weights of edges can learn, too: the gradient at an edge is that of the dense matrix there.
from chainer.functions.math.sparse_matmul import sparse_matmul

edges = chainer.Variable(sparse.data.data)
x = np.random.randn(11, 4).astype(np.float32)
F.sum(sparse_matmul(CooMatrix(edges, sparse.row, sparse.col, (11, 11)), x) ** 2).backward()
A = chainer.Variable(dense)
F.sum(F.matmul(A, x) ** 2).backward()
assert np.allclose(edges.grad, A.grad[sparse.row, sparse.col], atol=1e-4)
