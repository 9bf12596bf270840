"""Weights for PyTorch: names and shapes as its modules document them, and the same bits when they are loaded again."""

import io
import json

import numpy as np
import pytest

import chaingrad.functions as F
import chaingrad.links as L
from chaingrad.links.chain import Chain
from chaingrad.links.chain_list import ChainList
from chaingrad.links.link import Link
from chaingrad.links.sequential import Sequential
from chaingrad.links.serializers import load_torch, save_torch
from chaingrad.links.serializers.from_torch import Unmatched
from chaingrad.links.serializers.safetensors_file import SafetensorsSource, write_safetensors
from tests.links.reference import snapshot
from tests.links.states import state

rng = np.random.default_rng(0)


def filled(model):
    """Return the model with values whose bits are easily lost: zeros of both signs, NaN, subnormal numbers."""
    for link in model.links():
        arrays = [p.array for p in link.params()] + [link.__dict__[name] for name in link._persistent]
        for array in arrays:
            if isinstance(array, np.ndarray) and array.dtype.kind == 'f':
                array[...] = rng.normal(size=array.shape)
                special = [-0.0, 0.0, np.nan, np.inf, 1e-42]
                array.reshape(-1)[: len(special)] = special[: array.size]
    return model


def written(model, **options):
    """Return the arrays of the file that `save_torch` writes."""
    file = io.BytesIO()
    save_torch(model, file, **options)
    with SafetensorsSource(file, 'test') as source:
        return {name: source.read(name) for name in source.keys()}


def bits(model):
    return {key: (x.dtype, x.shape, np.asarray(x).tobytes()) for key, x in state(model).items()}


LINKS = {
    'Linear': (lambda: L.Linear(3, 2), {'weight': (2, 3), 'bias': (2,)}),
    'Linear without bias': (lambda: L.Linear(3, 2, nobias=True), {'weight': (2, 3)}),
    'Conv2d': (lambda: L.Convolution2D(4, 6, (3, 2), groups=2), {'weight': (6, 2, 3, 2), 'bias': (6,)}),
    'Conv1d': (lambda: L.Convolution1D(4, 6, 3), {'weight': (6, 4, 3), 'bias': (6,)}),
    'ConvTranspose2d': (lambda: L.Deconvolution2D(4, 6, 2, groups=2), {'weight': (4, 3, 2, 2), 'bias': (6,)}),
    'ConvTranspose3d': (lambda: L.Deconvolution3D(4, 6, 2), {'weight': (4, 6, 2, 2, 2), 'bias': (6,)}),
    'Conv2d, depthwise': (lambda: L.DepthwiseConvolution2D(3, 2, 3), {'weight': (6, 1, 3, 3), 'bias': (6,)}),
    'Embedding': (lambda: L.EmbedID(7, 3), {'weight': (7, 3)}),
    'BatchNorm2d': (
        lambda: L.BatchNormalization(4),
        {'weight': (4,), 'bias': (4,), 'running_mean': (4,), 'running_var': (4,)},
    ),
    'BatchNorm2d(affine=False)': (
        lambda: L.BatchNormalization(4, use_gamma=False, use_beta=False),
        {'running_mean': (4,), 'running_var': (4,)},
    ),
    'GroupNorm': (lambda: L.GroupNormalization(2, 4), {'weight': (4,), 'bias': (4,)}),
    'LayerNorm': (lambda: L.LayerNormalization(5), {'weight': (5,), 'bias': (5,)}),
    'PReLU': (lambda: L.PReLU(), {'weight': (1,)}),
    'PReLU(3)': (lambda: L.PReLU((3,)), {'weight': (3,)}),
    'LSTMCell': (
        lambda: L.LSTM(3, 2),
        {'weight_ih': (8, 3), 'weight_hh': (8, 2), 'bias_ih': (8,), 'bias_hh': (8,)},
    ),
    'LSTM': (
        lambda: L.NStepBiLSTM(2, 3, 2, 0),
        {
            f'{kind}_l{layer}{reverse}': shape
            for layer, n_in in enumerate((3, 4))
            for reverse in ('', '_reverse')
            for kind, shape in (
                ('weight_ih', (8, n_in)), ('weight_hh', (8, 2)), ('bias_ih', (8,)), ('bias_hh', (8,)),
            )
        },
    ),
    'GRU': (
        lambda: L.NStepGRU(1, 3, 2, 0),
        {'weight_ih_l0': (6, 3), 'weight_hh_l0': (6, 2), 'bias_ih_l0': (6,), 'bias_hh_l0': (6,)},
    ),
    'RNN': (
        lambda: L.NStepRNNReLU(1, 3, 2, 0),
        {'weight_ih_l0': (2, 3), 'weight_hh_l0': (2, 2), 'bias_ih_l0': (2,), 'bias_hh_l0': (2,)},
    ),
}  # fmt: skip


@pytest.mark.parametrize('dtype', ['f', 'd', 'e'])
@pytest.mark.parametrize('kind', LINKS)
def test_link(kind, dtype):
    make, shapes = LINKS[kind]
    model, other = filled(make()), make()
    for link in (model, other):
        for parameter in link.params():
            parameter.array = parameter.array.astype(dtype)
        for one in link.links():
            for name in one._persistent & {'avg_mean', 'avg_var'}:
                setattr(one, name, getattr(one, name).astype(dtype))
    arrays = written(model)
    assert {name: x.shape for name, x in arrays.items()} == shapes
    assert {x.dtype for x in arrays.values()} == {np.dtype(dtype)}
    file = io.BytesIO()
    save_torch(model, file)
    assert load_torch(other, file, eps=None) == Unmatched([], [])
    assert bits(other) == bits(model)


def test_gates_of_an_lstm():
    """PyTorch: rows of i, f, g, o one after the other; here a, i, f, o of each unit."""
    layer = L.StatelessLSTM(1, 2)
    layer.upward.W.array[:, 0] = np.arange(8)
    layer.upward.b.array[:] = np.arange(8) + 10
    arrays = written(layer)
    assert arrays['weight_ih'][:, 0].tolist() == [1, 5, 2, 6, 0, 4, 3, 7]
    assert arrays['bias_ih'].tolist() == [11, 15, 12, 16, 10, 14, 13, 17]
    assert not arrays['bias_hh'].any()


def test_depthwise_convolution():
    """The outputs of a channel are together in PyTorch: what its grouped convolution computes is the same."""
    layer, x = L.DepthwiseConvolution2D(3, 2, 3), rng.normal(size=(1, 3, 5, 5)).astype('f')
    arrays = written(layer)
    expected = F.convolution_2d(x, arrays['weight'], arrays['bias'], groups=3)
    np.testing.assert_allclose(layer(x).array, expected.array, rtol=1e-5, atol=1e-5)


def test_a_file_of_pytorch_is_written_again_as_it_was():
    model = Chain(conv=L.Convolution2D(3, 6, 3), bn=L.BatchNormalization(6), fc=L.Linear(None, 10))
    load_torch(model, snapshot('torch_cnn.safetensors'))
    arrays = written(model)
    with SafetensorsSource(snapshot('torch_cnn.safetensors'), 'test') as source:
        names = {name for name in source.keys() if not name.endswith('num_batches_tracked')}
        assert names == arrays.keys()
        for name in names:
            assert arrays[name].tobytes() == source.read(name).tobytes()


def test_names_and_path():
    model = Chain(
        body=Sequential(L.Linear(2, 2), F.relu, Sequential(F.relu, L.Linear(2, 2))),
        heads=ChainList(L.Linear(2, 1, nobias=True)),
        own=Link(scale=(2,)),
    )
    wanted = {'body.0.weight', 'body.0.bias', 'body.2.1.weight', 'body.2.1.bias', 'heads.0.weight', 'own.scale'}
    assert written(model).keys() == wanted
    assert written(model, path='module.').keys() == {f'module.{name}' for name in wanted}
    found = written(model, names={'body/0': 'first', 'heads': 'last'}).keys()
    assert found == wanted - {'body.0.weight', 'body.0.bias', 'heads.0.weight'} | {
        'first.weight', 'first.bias', 'last.0.weight'
    }  # fmt: skip


ATTENTION = {'q': 'attn.in_proj_[0/3]', 'k': 'attn.in_proj_[1/3]', 'v': 'attn.in_proj_[2/3]', 'out': 'attn.out_proj'}


def attention():
    return Chain(q=L.Linear(4, 4), k=L.Linear(4, 4), v=L.Linear(4, 4), out=L.Linear(4, 4))


def test_attention():
    """PyTorch's MultiheadAttention stacks the weights of queries, keys and values."""
    model, other = filled(attention()), attention()
    arrays = written(model, names=ATTENTION)
    assert {name: x.shape for name, x in arrays.items()} == {
        'attn.in_proj_weight': (12, 4), 'attn.in_proj_bias': (12,), 'attn.out_proj.weight': (4, 4),
        'attn.out_proj.bias': (4,),
    }  # fmt: skip
    np.testing.assert_array_equal(arrays['attn.in_proj_weight'][4:8], model.k.W.array)
    file = io.BytesIO()
    write_safetensors(file, arrays)
    assert load_torch(other, file, names=ATTENTION) == Unmatched([], [])
    assert bits(other) == bits(model)


def test_what_cannot_be_named():
    with pytest.raises(ValueError, match='every parameter must have a shape, but W of Linear have none'):
        save_torch(L.Linear(None, 2), io.BytesIO())
    with pytest.raises(ValueError, match='q/W is another one of a.weight'):
        save_torch(attention(), io.BytesIO(), names={'q': 'a', 'k': 'a'})
    with pytest.raises(ValueError, match='q/W is another one of a.weight'):
        save_torch(attention(), io.BytesIO(), names={'q': 'a[0/2]', 'k': 'a[1/3]'})
    with pytest.raises(ValueError, match=r'a.weight must be made of parts 0 to 2, but there are \[0, 2\]'):
        save_torch(attention(), io.BytesIO(), names={'q': 'a[0/3]', 'k': 'a[2/3]'})


def test_a_file_is_replaced_when_it_is_complete(tmp_path):
    file = tmp_path / 'model.safetensors'
    save_torch(L.Linear(3, 2), file)
    before = file.read_bytes()
    assert json.loads(before[8 : 8 + before[0]])['__metadata__'] == {'format': 'pt'}
    with pytest.raises(ValueError):
        save_torch(L.Linear(None, 2), file)
    assert file.read_bytes() == before and [path.name for path in tmp_path.iterdir()] == [file.name]


def test_bfloat16_is_named_once():
    file, data = io.BytesIO(), np.float32([1, -2.5, 0.5]).view(np.uint32) >> 16
    entries = {'weight': ('BF16', [1, 2], [0, 4]), 'bias': ('BF16', [1], [4, 6])}
    keys = 'dtype', 'shape', 'data_offsets'
    text = json.dumps({name: dict(zip(keys, row)) for name, row in entries.items()}).encode()
    file.write(len(text).to_bytes(8, 'little') + text + data.astype('<u2').tobytes())
    layer = L.Linear(2, 1)
    with pytest.warns(UserWarning, match='load_torch: the file holds bfloat16, .* 2 arrays, such as bias') as seen:
        load_torch(layer, file)
    assert len(seen) == 1 and seen[0].filename == __file__
    assert layer.W.array.tolist() == [[1, -2.5]] and layer.b.array.tolist() == [0.5]
