"""The models for photographs: architecture, layers by name, pictures, files of weights."""

import functools
import struct

import numpy as np
import pytest

import chaingrad.links as L
from chaingrad.autograd.configuration import using_config
from chaingrad.links.chain import Chain
from chaingrad.links.model.vision import googlenet, pictures, resnet, vgg
from chaingrad.links.model.vision.caffe import load_caffemodel, read_caffemodel
from chaingrad.links.serializers import save_npz
from chaingrad.links.serializers.loading import LoadError, UnreadableFileError

rng = np.random.default_rng(0)
image = pytest.importorskip('PIL.Image')


def floats(*shape):
    return rng.normal(size=shape).astype(np.float32)


@functools.cache
def resnet50():
    return L.ResNet50Layers(None)


@functools.cache
def inception_net():
    return L.GoogLeNet(None)


@pytest.fixture
def small_vgg(monkeypatch):
    """VGG with few units in its fully connected layers, whose real ones take half a gigabyte."""
    given = []

    def linear(n_in, n_out, **options):
        given.append((n_in, n_out))
        return L.Linear(None if n_in == 25088 else min(n_in, 8), min(n_out, 8), **options)

    monkeypatch.setattr(vgg, 'Linear', linear)
    return given


# Architecture


@pytest.mark.parametrize(('n_layers', 'parameters'), [(16, 138_357_544), (19, 143_667_240)])
def test_vgg(n_layers, parameters, small_vgg):
    model = vgg.VGGLayers(None, n_layers)
    count = sum(p.size for name, p in model.namedparams() if 'conv' in name)
    assert count + sum((n + 1) * m for n, m in small_vgg) == parameters
    layers = model.available_layers
    assert [n for n in layers if n.startswith('pool')] == [f'pool{i}' for i in range(1, 6)]
    assert sum(n.startswith('conv') for n in layers) == n_layers - 3 and layers[-4:] == ['fc6', 'fc7', 'fc8', 'prob']
    x = floats(2, 3, 64, 64)
    with using_config('train', False):
        found = model(x, layers=['conv1_2', 'pool3', 'prob'])
        again = model(x, layers=['pool3'])
    assert [found[k].shape for k in ('conv1_2', 'pool3', 'prob')] == [(2, 64, 64, 64), (2, 256, 8, 8), (2, 8)]
    np.testing.assert_allclose(found['prob'].array.sum(1), 1, rtol=1e-5)
    np.testing.assert_array_equal(found['pool3'].array, again['pool3'].array)
    assert list(model(x[:1], layers=[])) == [] and abs(model.conv5_1.W.array.std() - 0.01) < 1e-4
    with pytest.raises(ValueError, match='16 or 19, but it is 11'):
        vgg.VGGLayers(None, 11)


def test_resnet_50():
    model = resnet50()
    assert sum(p.size for p in model.params()) == 25_557_032 + 64  # and the bias of conv1, as in the reference
    assert model.available_layers == 'conv1 pool1 res2 res3 res4 res5 pool5 fc6 prob'.split()
    with using_config('train', False):
        found = model(floats(1, 3, 64, 64), layers=['res2', 'res5', 'pool5', 'prob'])
    assert [y.shape for y in found.values()] == [(1, 256, 16, 16), (1, 2048, 2, 2), (1, 2048), (1, 1000)]
    keys = {path for path, _ in model.namedparams()}
    assert {'/bn1/gamma', '/res2/a/conv4/W', '/res4/b5/bn3/beta', '/fc6/b'} <= keys and '/res4/b6/conv1/W' not in keys
    with pytest.raises(ValueError, match='50, 101 or 152, but it is 34'):
        resnet.ResNetLayers(None, 34)


def test_where_resnets_get_smaller():
    x = floats(1, 8, 6, 6)
    for fb, strides in ((False, [(2, 2), (1, 1)]), (True, [(1, 1), (2, 2)])):
        block = resnet.BuildingBlock(2, 8, 4, 16, 2, downsample_fb=fb)
        assert [block.a.conv1.stride, block.a.conv2.stride] == strides and block.a.conv4.stride == (2, 2)
        assert block(x).shape == (1, 16, 3, 3)
    b = resnet.BottleneckB(8, 4)
    h = b.bn3(b.conv3(np.maximum(b.bn2(b.conv2(np.maximum(b.bn1(b.conv1(x)).array, 0))).array, 0)))
    np.testing.assert_allclose(b(x).array, np.maximum(h.array + x, 0), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(('n_layers', 'blocks'), [(101, (3, 4, 23, 3)), (152, (3, 8, 36, 3))])
def test_deeper_resnets(n_layers, blocks, monkeypatch):
    made = []
    monkeypatch.setattr(resnet, 'BuildingBlock', lambda *sizes: made.append(sizes) or Chain())
    cls = {101: L.ResNet101Layers, 152: L.ResNet152Layers}[n_layers]
    assert cls(None).available_layers[2:6] == ['res2', 'res3', 'res4', 'res5']
    assert tuple(s[0] for s in made) == blocks
    assert [s[1:5] for s in made] == [(64, 64, 256, 1), (256, 128, 512, 2), (512, 256, 1024, 2), (1024, 512, 2048, 2)]


def test_googlenet():
    model = inception_net()
    assert sum(p.size for p in model.params()) == 13_378_280
    layers = model.available_layers
    assert layers[:6] == ['conv1', 'pool1', 'conv2_reduce', 'conv2', 'pool2', 'inception_3a'] and len(layers) == 21
    with using_config('train', False):
        found = model(floats(1, 3, 224, 224), layers=['pool5', 'loss1_fc2', 'loss2_fc2', 'inception_4e'])
        last = model(found['inception_4e'].array[:, :3], layers=['conv1'])
    shapes = {
        'inception_4e': (1, 832, 14, 14),
        'pool5': (1, 1024, 1, 1),
        'loss1_fc2': (1, 1000),
        'loss2_fc2': (1, 1000),
    }
    assert {k: y.shape for k, y in found.items()} == shapes and last['conv1'].shape == (1, 64, 7, 7)


def test_what_forward_refuses():
    x = floats(1, 3, 64, 64)
    with pytest.raises(ValueError, match="no layer has the name 'fc7'. There are \\['conv1'"):
        resnet50()(x, layers=['conv1', 'fc7'])
    for model, old in ((resnet50(), 'test'), (inception_net(), 'train')):
        with pytest.raises(ValueError, match="using_config\\('train'"):
            model(x, **{old: False})
        with pytest.raises(ValueError, match='no_backprop_mode'):
            model.extract([], volatile=True)
        with pytest.raises(TypeError, match="'other'"):
            model.extract([], other=True)


# Pictures


@pytest.mark.parametrize('module', [vgg, resnet, googlenet])
def test_prepare(module):
    rgb = rng.integers(0, 256, (4, 6, 3)).astype(np.uint8)
    expected = rgb[:, :, ::-1].transpose(2, 0, 1) - np.array(module._BGR_MEANS, 'f').reshape(3, 1, 1)
    for given in (rgb, rgb.transpose(2, 0, 1), rgb.astype(float), image.fromarray(rgb)):
        got = module.prepare(given, size=None)
        assert got.dtype == np.float32
        np.testing.assert_allclose(got, expected, rtol=1e-5)
    gray = rgb[:, :, 0]
    for given in (gray, gray[None]):
        got = module.prepare(given, None)
        np.testing.assert_allclose(
            got + np.array(module._BGR_MEANS, 'f').reshape(3, 1, 1), np.stack([gray] * 3), atol=1e-4
        )
    assert module.prepare(rgb).shape == (3, 224, 224) and module.prepare(rgb, (5, 3)).shape == (3, 3, 5)


def test_ten_crops():
    x = np.arange(36.0).reshape(1, 1, 6, 6)
    crops = pictures.ten_crops(x, 4)
    assert crops.shape == (10, 1, 4, 4)
    assert [c[0, 0, 0] for c in crops[:5]] == [0, 2, 12, 14, 7]
    np.testing.assert_array_equal(crops[5:], crops[:5, :, :, ::-1])


def test_extract_and_predict():
    model, rgb = resnet50(), rng.integers(0, 256, (40, 30, 3)).astype(np.uint8)
    with using_config('train', False):
        features = model.extract([rgb, rgb], size=(64, 96))
        assert {k: y.shape for k, y in features.items()} == {'pool5': (2, 2048)}
        expected = model(resnet.prepare(rgb, (64, 96))[None], layers=['pool5'])['pool5']
        np.testing.assert_allclose(features['pool5'].array[1:], expected.array, rtol=1e-3, atol=1e-4)
    y = model.predict([rgb], oversample=False)
    assert y.shape == (1, 1000) and y.creator is None
    np.testing.assert_allclose(y.array.sum(), 1, rtol=1e-4)


def test_predict_averages_over_crops():
    class Sums(pictures.PictureModel):
        bgr_means = (0, 0, 0)

        def __call__(self, x):
            return {'prob': x[:, :, 0, 0] * 1}

    x = rng.integers(0, 256, (256, 256, 3)).astype(np.uint8)
    y = Sums().predict([x, x // 2])
    at = [(i, j) for i, j in ((0, 0), (0, 32), (32, 0), (32, 32), (16, 16))]
    corners = [x[i, j] for i, j in at] + [x[i, j + 223] for i, j in at]
    np.testing.assert_allclose(y.array[0], np.mean(corners, 0)[::-1], rtol=1e-5)
    assert y.shape == (2, 3)


# Files of weights


def test_auto_says_where_to_put_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv('CHAINGRAD_DATASET_ROOT', str(tmp_path))
    monkeypatch.setenv('HOME', str(tmp_path / 'home'))
    folder = tmp_path / 'pfnet' / 'chainer' / 'models'
    for cls, name in (
        (L.VGG16Layers, 'VGG_ILSVRC_16_layers.npz'), (L.VGG19Layers, 'VGG_ILSVRC_19_layers.npz'),
        (L.GoogLeNet, 'bvlc_googlenet.npz'), (L.ResNet50Layers, 'ResNet-50-model.npz'),
        (L.ResNet101Layers, 'ResNet-101-model.npz'), (L.ResNet152Layers, 'ResNet-152-model.npz'),
    ):  # fmt: skip
        with pytest.raises(FileNotFoundError, match='nothing is downloaded') as error:
            cls()
        assert str(folder / name) in str(error.value)
        with pytest.raises(FileNotFoundError, match='there is no nowhere.npz'):
            cls('nowhere.npz')
    folder.mkdir(parents=True)
    (folder / 'bvlc_googlenet.npz').write_bytes(b'x')
    with pytest.raises(UnreadableFileError, match='bvlc_googlenet.npz is no npz file'):
        L.GoogLeNet()


def test_weights_from_npz(tmp_path, small_vgg):
    model = L.VGG16Layers(None)
    with using_config('train', False):
        expected = model(floats(1, 3, 32, 32))['prob'].array
    save_npz(tmp_path / 'vgg.npz', model, compression=False)
    other = L.VGG16Layers(str(tmp_path / 'vgg.npz'))
    for (path, a), (_, b) in zip(model.namedparams(), other.namedparams()):
        np.testing.assert_array_equal(a.array, b.array, err_msg=path)
    assert expected.shape == (1, 8)
    with pytest.raises(LoadError, match='does not fit VGG19Layers'):
        L.VGG19Layers(tmp_path / 'vgg.npz')


# Caffe


def varint(n):
    data = b''
    while n > 127:
        data, n = data + bytes([n & 127 | 128]), n >> 7
    return data + bytes([n])


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def caffe_file(path, layers, old=False):
    """Write layers as Caffe does: name, then arrays; the old format has four sizes for every array."""
    text = field(1, b'a net')
    for name, arrays in layers.items():
        body = field(4 if old else 1, name.encode())
        for a in arrays:
            if old:
                sizes = (1,) * (4 - a.ndim) + a.shape
                blob = b''.join(varint(i << 3) + varint(n) for i, n in enumerate(sizes, 1))
                blob += b''.join(varint(5 << 3 | 5) + struct.pack('<f', v) for v in a.ravel())
            else:
                blob = field(7, field(1, b''.join(map(varint, a.shape)))) + field(5, a.astype('<f4').tobytes())
            body += field(6 if old else 7, blob)
        text += field(2 if old else 100, body)
    path.write_bytes(text)
    return path


@pytest.mark.parametrize('old', [False, True])
def test_caffemodels_are_read(old, tmp_path):
    W, b = floats(150, 2), floats(3)
    path = caffe_file(tmp_path / 'm.caffemodel', {'fc': [W, b], 'relu': [], 'x': [b]}, old)
    layers = read_caffemodel(path)
    assert list(layers) == ['fc', 'x']
    np.testing.assert_array_equal(layers['fc'][0].reshape(W.shape), W)
    np.testing.assert_array_equal(layers['fc'][1].reshape(b.shape), b)
    assert layers['fc'][0].shape == ((1, 1, 150, 2) if old else (150, 2))


def test_damaged_caffemodels(tmp_path):
    path = caffe_file(tmp_path / 'good', {'fc': [floats(5, 2), floats(5)]})
    good, bad = path.read_bytes(), tmp_path / 'bad'
    for data in (b'', b'hello', good[:-3], good[:20], b'\xff' * 20, good.replace(b'\x05\x02', b'\x05\x03')):
        bad.write_bytes(data)
        with pytest.raises(UnreadableFileError, match='damaged, or of another kind|of another kind: no layer'):
            read_caffemodel(bad)
    layer = L.Linear(2, 5)
    before = layer.W.array.copy()
    for link, name, text in (
        (layer, 'other', 'has no layer other'),
        (L.Linear(2, 4), 'fc', 'where \\(4, 2\\) is needed'),
    ):
        with pytest.raises(UnreadableFileError, match=text):
            load_caffemodel(path, [(layer, ('fc',)), (link, (name,))])
        np.testing.assert_array_equal(layer.W.array, before)


def test_batch_normalization_of_caffe(tmp_path):
    mean, var, gamma, beta, W = floats(4), np.abs(floats(4)), floats(4), floats(4), floats(4, 3)
    path = caffe_file(
        tmp_path / 'm', {'bn': [mean * 5, var * 5, np.float32([5])], 'scale': [gamma, beta], 'fc': [W, beta]}
    )
    bn, fc = L.BatchNormalization(4), L.Linear(3, 4)
    load_caffemodel(path, [(bn, ('bn', 'scale')), (fc, ('fc',))])
    for got, expected in ((bn.avg_mean, mean), (bn.avg_var, var), (bn.gamma.array, gamma), (bn.beta.array, beta)):
        np.testing.assert_allclose(got, expected, rtol=1e-5)
    np.testing.assert_array_equal(fc.W.array, W)


def test_names_of_caffe_cover_the_models():
    for model in (inception_net(), resnet50()):
        names = model.caffe_names()
        layers = [link for link in model.links() if not isinstance(link, Chain)]
        assert {id(link) for link, _ in names} == {id(link) for link in layers} and len(names) == len(layers)
        flat = [name for _, of_link in names for name in of_link]
        assert len(set(flat)) == len(flat)
    names = {name for _, of_link in resnet50().caffe_names() for name in of_link}
    assert {'res2a_branch1', 'bn2a_branch1', 'scale5c_branch2c', 'res4f_branch2b', 'fc1000', 'bn_conv1'} <= names
    names = {name for _, of_link in inception_net().caffe_names() for name in of_link}
    assert {'conv1/7x7_s2', 'inception_4c/5x5_reduce', 'inception_5b/pool_proj', 'loss3/classifier'} <= names


def test_conversion_of_a_caffemodel(tmp_path, small_vgg, monkeypatch):
    monkeypatch.setattr(vgg, 'Convolution2D', lambda n, m, *a, **k: L.Convolution2D(min(n, 4), min(m, 4), *a, **k))
    model = L.VGG16Layers(None)
    model.fc6.W.initialize((8, 4))
    layers = {link.name: [p.array for p in (link.W, link.b)] for link in model.children()}
    path = caffe_file(tmp_path / 'VGG.caffemodel', layers)
    monkeypatch.setattr(vgg, 'Linear', lambda n, m, **k: L.Linear(4 if n == 25088 else 8, 8, **k))
    L.VGG16Layers.convert_caffemodel_to_npz(path, tmp_path / 'vgg.npz')
    for source in (tmp_path / 'vgg.npz', path):
        other = L.VGG16Layers(source)
        for (name, a), (_, b) in zip(model.namedparams(), other.namedparams()):
            np.testing.assert_array_equal(a.array, b.array, err_msg=name)
