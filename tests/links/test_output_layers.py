"""Losses with parameters: drawn classes, trees of classes, sequences of labels."""

import numpy as np
import pytest

import chaingrad.functions as F
import chaingrad.links as L
from chaingrad.links.loss.sampled import WalkerAlias

rng = np.random.default_rng(0)


def floats(*shape):
    return rng.normal(size=shape).astype(np.float32)


@pytest.mark.parametrize('probs', [[1, 2, 3, 4], [0.1, 0, 0.9], [5], [0, 0, 1, 0], [1e-9, 1], [1 / 3] * 3])
def test_walker_alias_draws_in_proportion(probs):
    sampler = WalkerAlias(probs)
    drawn = sampler.sample(40000)
    assert drawn.dtype == np.int32 and sampler.sample((2, 3)).shape == (2, 3)
    share = np.bincount(drawn, minlength=len(probs)) / drawn.size
    np.testing.assert_allclose(share, np.array(probs) / sum(probs), atol=0.01)
    assert not share[np.array(probs) == 0].any()
    # Exactly: the share of a number is what it keeps of its own box and gets of others'.
    exact = sampler.keep + np.bincount(sampler.alias, 1 - sampler.keep, len(probs))
    np.testing.assert_allclose(exact / len(probs), np.array(probs) / sum(probs), atol=1e-12)
    assert sampler.to_device('@numpy') is sampler


@pytest.mark.parametrize('probs', [[], [1, -1], [np.nan], [[1]]])
def test_what_walker_alias_refuses(probs):
    with pytest.raises(ValueError, match='finite and not negative'):
        WalkerAlias(probs)
    with pytest.raises(ValueError, match='above zero'):
        WalkerAlias([0, 0])


def test_negative_sampling():
    layer, x, t = L.NegativeSampling(3, [10, 5, 1], 2), floats(4, 3), np.array([0, 2, -1, 1])
    layer.W.array[...] = floats(3, 3)
    losses, samples = layer(x, t, 'no', return_samples=True)
    assert samples.shape == (4, 3) and (samples[:, 0] == t).all() and losses.array[2] == 0
    scores = np.einsum('ni,nki->nk', x, layer.W.array[samples])
    expected = np.log1p(np.exp(-scores[:, 0])) + np.log1p(np.exp(scores[:, 1:])).sum(1)
    np.testing.assert_allclose(losses.array, np.where(t < 0, 0, expected), rtol=1e-4)
    weights = np.array([10, 5, 1]) ** 0.75
    drawn = np.bincount(layer.sampler.sample(40000)) / 40000
    np.testing.assert_allclose(drawn, weights / weights.sum(), atol=0.01)
    assert L.NegativeSampling(3, [1, 1], 2, dtype=np.float64).W.dtype == np.float64
    with pytest.raises(TypeError, match="'samples'"):
        layer(x, t, samples=1)


def test_black_out():
    layer, x, t = L.BlackOut(3, [10, 5, 1], 2), floats(2, 3), np.array([0, 2])
    layer.sample_data = np.array([[1, 2], [0, 1]])
    np.testing.assert_allclose(layer(x, t).array, F.black_out(x, t, layer.W, layer.sample_data).array)
    layer.sample_data = None
    assert abs(L.BlackOut(400, range(1, 300), 2).W.array.std() - 0.05) < 1e-3


# Trees of classes


def test_huffman_tree():
    tree = L.BinaryHierarchicalSoftmax.create_huffman_tree({0: 8, 1: 5, 2: 6, 3: 4})
    assert tree == ((3, 1), (2, 0))
    assert L.BinaryHierarchicalSoftmax.create_huffman_tree({'a': 1}) == 'a'
    with pytest.raises(ValueError, match='at least one class'):
        L.BinaryHierarchicalSoftmax.create_huffman_tree({})


def test_hierarchical_softmax_by_hand():
    tree = ((0, 4), (1, 2))
    layer, x = L.BinaryHierarchicalSoftmax(3, tree), floats(4, 3)
    assert np.abs(layer.W.array).max() <= 1
    root, left, right = (x @ layer.W.array.T).T
    log_p = {
        0: (root, left), 4: (root, -left), 1: (-root, right), 2: (-root, -right)
    }  # fmt: skip
    t = np.array([0, 4, 1, 2])
    expected = sum(np.log1p(np.exp(-score[n])) for n, label in enumerate(t) for score in log_p[label])
    np.testing.assert_allclose(layer(x, t).array, expected, rtol=1e-5)
    total = sum(np.exp(-layer(x[:1], np.array([label])).array) for label in log_p)
    np.testing.assert_allclose(total, 1, rtol=1e-5)


def test_what_hierarchical_softmax_refuses():
    for tree, text in (((0, 1, 2), 'two children, but one has 3'), (((0, 1), 0), 'class 0 comes twice'), (5, 'inner')):
        with pytest.raises(ValueError, match=text):
            L.BinaryHierarchicalSoftmax(3, tree)
    layer = L.BinaryHierarchicalSoftmax(3, (0, 2))
    for t in ([1], [3], [-1]):
        with pytest.raises(ValueError, match='must be a leaf of the tree'):
            layer(floats(1, 3), np.array(t))


# Sequences of labels


def test_crf_by_sequences_in_any_order():
    crf = L.CRF1d(3, floats(3, 3))
    xs, ys = [floats(n, 3) for n in (2, 4, 1)], [rng.integers(0, 3, n) for n in (2, 4, 1)]
    losses = crf(xs, ys, reduce='no', transpose=True).array
    score, paths = crf.argmax(xs, transpose=True)
    for k in range(3):
        steps, labels = list(xs[k][:, None]), list(ys[k][:, None])
        np.testing.assert_allclose(losses[k], crf(steps, labels).array, rtol=1e-4, atol=1e-5)
        one, path = crf.argmax(steps)
        np.testing.assert_allclose(score.array[k], one.array[0], rtol=1e-5)
        np.testing.assert_array_equal(paths[k], np.concatenate(path))
    np.testing.assert_allclose(crf(xs, ys, transpose=True).array, losses.mean(), rtol=1e-5)
    assert not L.CRF1d(2).cost.array.any()
