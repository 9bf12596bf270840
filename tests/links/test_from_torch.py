"""Weights of PyTorch: a real file of it, and the layouts of each module by its documented formulas."""

import io
import zipfile

import numpy as np
import pytest

import chaingrad.functions as F
import chaingrad.links as L
from chaingrad.autograd.configuration import using_config
from chaingrad.autograd.parameter import Parameter
from chaingrad.links.chain import Chain
from chaingrad.links.chain_list import ChainList
from chaingrad.links.link import Link
from chaingrad.links.sequential import Sequential
from chaingrad.links.serializers import load_torch
from chaingrad.links.serializers.from_torch import Unmatched
from chaingrad.links.serializers.loading import LoadError, UnreadableFileError
from chaingrad.links.serializers.safetensors_file import write_safetensors
from tests.links.reference import snapshot
from tests.links.states import same, state

rng = np.random.default_rng(0)
ALL = Unmatched([], [])


def floats(*shape):
    return rng.normal(size=shape).astype(np.float32)


def torch_file(**arrays):
    """A file as PyTorch writes it; two underscores in a keyword stand for a point."""
    file = io.BytesIO()
    write_safetensors(file, {key.replace('__', '.'): array for key, array in arrays.items()})
    return file


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class CNN(Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.conv = L.Convolution2D(3, 6, 3, stride=2, pad=1)
            self.bn = L.BatchNormalization(6)
            self.fc = L.Linear(None, 10)

    def forward(self, x):
        return self.fc(F.relu(self.bn(self.conv(x))))


def test_a_file_of_pytorch_predicts_the_same():
    model = CNN()
    assert load_torch(model, snapshot('torch_cnn.safetensors')) == ALL
    stored = np.load(snapshot('torch_cnn_io.npz'))
    with using_config('train', False):
        np.testing.assert_allclose(model(stored['x']).array, stored['y'], rtol=1e-5, atol=1e-5)
    assert model.bn.eps == 1e-5 and model.bn.N == 0


def test_eps_is_that_of_pytorch_unless_told_otherwise():
    file = torch_file(weight=floats(3), bias=floats(3))
    layer = L.LayerNormalization(3)
    load_torch(layer, file, eps=None)
    assert layer.eps == 1e-6
    load_torch(layer, file)
    assert layer.eps == 1e-5


def test_plain_layers():
    w = {name: floats(*shape) for name, shape in {
        'conv__weight': (4, 2, 3), 'conv__bias': (4,), 'up__weight': (4, 3, 2, 2), 'up__bias': (6,),
        'words__weight': (7, 3), 'gn__weight': (4,), 'gn__bias': (4,), 'ln__weight': (2, 5), 'ln__bias': (2, 5),
        'act__weight': (1,), 'dw__weight': (6, 1, 3, 3), 'dw__bias': (6,),
    }.items()}  # fmt: skip
    model = Chain(
        conv=L.Convolution1D(4, 4, 3, groups=2), up=L.Deconvolution2D(None, 6, 2, groups=2), words=L.EmbedID(7, 3),
        gn=L.GroupNormalization(2), ln=L.LayerNormalization(), act=L.PReLU(), dw=L.DepthwiseConvolution2D(3, 2, 3),
    )  # fmt: skip
    assert load_torch(model, torch_file(**w)) == ALL
    for link, key in ((model.conv, 'conv'), (model.up, 'up'), (model.words, 'words')):
        np.testing.assert_array_equal(link.W.array, w[f'{key}__weight'])
    np.testing.assert_array_equal(model.ln.gamma.array, w['ln__weight'].reshape(-1))
    assert model.act.W.shape == () and model.act.W.array == w['act__weight'][0]
    x = floats(1, 3, 5, 5)
    expected = F.convolution_2d(x, w['dw__weight'], w['dw__bias'], groups=3)  # what PyTorch computes
    np.testing.assert_allclose(model.dw(x).array, expected.array, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize('name', ['NStepLSTM', 'NStepBiLSTM', 'NStepGRU', 'NStepBiGRU', 'NStepRNNTanh'])
def test_recurrent_modules(name):
    """The first layer against the formulas of torch.nn.LSTM, GRU and RNN."""
    gates = 4 if 'LSTM' in name else 3 if 'GRU' in name else 1
    n_in, n, directions = 3, 2, 2 if 'Bi' in name else 1
    arrays = {}
    for layer in range(2):
        for suffix in ('', '_reverse')[:directions]:
            columns = n_in if layer == 0 else n * directions
            arrays[f'weight_ih_l{layer}{suffix}'] = floats(gates * n, columns)
            arrays[f'weight_hh_l{layer}{suffix}'] = floats(gates * n, n)
            arrays[f'bias_ih_l{layer}{suffix}'] = floats(gates * n)
            arrays[f'bias_hh_l{layer}{suffix}'] = floats(gates * n)
    link, x = getattr(L, name)(2, n_in, n, 0.0), floats(4, n_in)
    assert load_torch(link, torch_file(**arrays)) == ALL
    one = type(link)(1, n_in, n, 0.0)
    for k in range(directions):
        one[k].copyparams(link[k])
    *_, (ys,) = one(*[None] * link.n_cells, [x])
    for k, suffix in enumerate(('', '_reverse')[:directions]):
        h = c = np.zeros(n)
        found = []
        for step in x[::-1] if suffix else x:
            a = arrays['weight_ih_l0' + suffix] @ step + arrays['bias_ih_l0' + suffix]
            b = arrays['weight_hh_l0' + suffix] @ h + arrays['bias_hh_l0' + suffix]
            if gates == 4:
                i, f, g, o = np.split(a + b, 4)
                c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
                h = sigmoid(o) * np.tanh(c)
            elif gates == 3:
                (ar, az, an), (br, bz, bn) = np.split(a, 3), np.split(b, 3)
                z = sigmoid(az + bz)
                h = (1 - z) * np.tanh(an + sigmoid(ar + br) * bn) + z * h
            else:
                h = np.tanh(a + b)
            found.append(h)
        expected = np.stack(found[::-1] if suffix else found)
        np.testing.assert_allclose(ys.array[:, k * n : (k + 1) * n], expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(link[directions].w0.array, arrays['weight_ih_l1'][:n])


def test_lstm_cell():
    arrays = {'weight_ih': floats(8, 3), 'weight_hh': floats(8, 2), 'bias_ih': floats(8), 'bias_hh': floats(8)}
    layer, x, h, c = L.StatelessLSTM(None, 2), floats(3), floats(2), floats(2)
    assert load_torch(layer, torch_file(**arrays)) == ALL
    sums = arrays['weight_ih'] @ x + arrays['bias_ih'] + arrays['weight_hh'] @ h + arrays['bias_hh']
    i, f, g, o = np.split(sums, 4)
    c1 = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    got = layer(c[None], h[None], x[None])
    np.testing.assert_allclose(got[0].array[0], c1, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(got[1].array[0], sigmoid(o) * np.tanh(c1), rtol=1e-4, atol=1e-6)


def test_names_of_sequentials_lists_and_own_parameters():
    class Own(Link):
        def __init__(self):
            super().__init__()
            with self.init_scope():
                self.scale = Parameter(1, (2,))

    model = Chain(
        body=Sequential(L.Linear(2, 2), F.relu, Sequential(F.relu, L.Linear(2, 2))), heads=ChainList(L.Linear(2, 1)),
        own=Own(),
    )  # fmt: skip
    arrays = {f'{name}.{part}': floats(*shape) for name in ('body.0', 'body.2.1') for part, shape in
              (('weight', (2, 2)), ('bias', (2,)))}  # fmt: skip
    arrays.update({'heads.0.weight': floats(1, 2), 'heads.0.bias': floats(1), 'own.scale': floats(2)})
    assert load_torch(model, torch_file(**{'module.' + key: a for key, a in arrays.items()}), path='module.') == ALL
    np.testing.assert_array_equal(model.body[2][1].W.array, arrays['body.2.1.weight'])
    np.testing.assert_array_equal(model.heads[0].W.array, arrays['heads.0.weight'])
    np.testing.assert_array_equal(model.own.scale.array, arrays['own.scale'])


def test_names_that_differ_can_be_given():
    model = Chain(conv1=L.Convolution2D(1, 2, 3), block=Chain(fc=L.Linear(2, 1)))
    conv = {'features.0.weight': floats(2, 1, 3, 3), 'features.0.bias': floats(2)}
    file = torch_file(**conv, top__out__weight=floats(1, 2), top__out__bias=floats(1))
    names = {'conv1': 'features.0', 'block': 'top', 'block/fc': 'top.out'}
    assert load_torch(model, file, names=names) == ALL


def test_what_does_not_match_is_listed():
    model = Chain(a=L.Linear(2, 2), b=L.Linear(2, 1), bn=L.BatchNormalization(2))
    file = torch_file(
        a__weight=floats(2, 2), a__bias=floats(2), bn__num_batches_tracked=np.array(7), bn__weight=floats(2),
        bn__bias=floats(2), bn__running_mean=floats(2), old__weight=floats(3),
    )  # fmt: skip
    before = state(model)
    with pytest.raises(LoadError) as error:
        load_torch(model, file)
    for text in ('does not fit Chain. Nothing was loaded', 'b/W (b.weight), b/b (b.bias)', '(bn.running_var)',
                 'not used (1): old.weight', 'names={our path: name there}'):  # fmt: skip
        assert text in str(error.value)
    assert same(before, state(model)) and model.bn.eps == 2e-5
    found = load_torch(model, file, strict=False)
    assert found.unused == ['old.weight'] and found.missing == [
        'b/W (b.weight)', 'b/b (b.bias)', 'bn/avg_var (bn.running_var)'
    ]  # fmt: skip
    assert model.a.W.array.any() and (model.b.W.array == before['b/W']).all() and (model.bn.avg_var == 1).all()


def test_other_shapes_load_nothing():
    cell = {'weight_ih': floats(7, 3), 'weight_hh': floats(8, 2), 'bias_ih': floats(8), 'bias_hh': floats(8)}
    for model, arrays in (
        (L.Linear(3, 2), {'weight': floats(2, 4), 'bias': floats(2)}),
        (L.DepthwiseConvolution2D(3, 2, 3), {'weight': floats(7, 1, 3, 3), 'bias': floats(6)}),
        (L.PReLU((3,)), {'weight': floats(2)}),
        (L.LSTM(3, 2), cell),
    ):
        before = state(model)
        with pytest.raises(LoadError, match='in the file, but float32'):
            load_torch(model, torch_file(**arrays))
        assert same(before, state(model))


def test_files_of_torch_save_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / 'model.pt', 'w') as archive:
        archive.writestr('archive/data.pkl', b'\x80\x02}q\x00.')
    with pytest.raises(UnreadableFileError, match='safetensors.torch.save_file'):
        load_torch(L.Linear(3, 2), tmp_path / 'model.pt')
