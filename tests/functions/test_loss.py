"""Losses in extreme cases: huge scores, labels out of range, unknown options; tests/cases/loss.py has the values."""

import numpy as np
import pytest

import chaingrad.functions as F
from chaingrad import Variable, grad
from chaingrad.autograd.type_checking.type_check import InvalidType

labels = np.array([0, 1, 2, 0])
samples = np.array([[1, 2, 3], [0, 0, 1], [3, 3, 1], [0, 1, 1]])
steps = [np.array([1, 0]), np.array([2, 0]), np.array([1])]


def _ctc(*xs):
    return F.connectionist_temporal_classification(list(xs), np.array([[1, 2], [1, 1]]), 0, reduce='no')


def _clusters(norm):
    instances = np.arange(18).reshape(2, 3, 3) % 3
    return lambda x: F.discriminative_margin_based_clustering_loss(x, instances, 0.5, 1.5, 2, norm)


@pytest.mark.parametrize(
    ('call', 'shapes'),
    [
        (F.bernoulli_nll, [(4, 5)] * 2),
        (lambda *xs: F.gaussian_nll(*xs, reduce='no'), [(4, 5)] * 3),
        (lambda x, W: F.black_out(x, labels, W / 1e4, samples), [(4, 1), (4, 1)]),
        (lambda x, W: F.negative_sampling(x, labels, W / 1e4, lambda shape: np.ones(shape, int), 3), [(4, 1), (4, 1)]),
        (_ctc, [(2, 4)] * 6),
        (lambda cost, *xs: F.crf1d(cost, list(xs), steps), [(3, 3), (2, 3), (2, 3), (1, 3)]),
        (lambda x0, x1: F.contrastive(x0, x1, labels % 2), [(4, 2)] * 2),
        (F.triplet, [(4, 2)] * 3),
        (lambda x: F.hinge(x, labels, 'L2'), [(4, 3)]),
        (lambda x, t: F.huber_loss(x, t, 1.0), [(4, 3)] * 2),
        (F.cross_covariance, [(4, 3), (4, 2)]),
        (F.decov, [(4, 3)]),
        (_clusters(1), [(2, 2, 3, 3)]),
        (_clusters(2), [(2, 2, 3, 3)]),
        (F.lstm, [(3, 2), (3, 8)]),
        (F.gumbel_softmax, [(3, 4)]),
    ],
)
@pytest.mark.parametrize('seed', range(3))
@pytest.mark.filterwarnings('ignore:(overflow|invalid)')
def test_no_nan_at_huge_inputs(call, shapes, seed):
    rng = np.random.default_rng(seed)
    xs = [Variable(rng.choice([-1e4, 0, 1, 1e4], shape).astype('f')) for shape in shapes]
    ys = call(*xs)
    ys = ys if isinstance(ys, tuple) else (ys,)
    gs = grad(ys, xs, [np.ones(y.shape, 'f') for y in ys])
    assert not any(np.isnan(a.array).any() for a in (*ys, *gs))


def test_contrastive_has_gradient_zero_where_a_pair_coincides():
    x0, x1 = Variable(np.ones((2, 3))), Variable(np.ones((2, 3)))
    F.contrastive(x0, x1, np.array([0, 1])).backward()
    np.testing.assert_array_equal(x0.grad, 0)


def test_black_out_is_exact_where_a_sampled_class_has_probability_near_one():
    scores = np.array([[0.0], [40.0], [1.0]])
    loss = F.black_out(np.ones((1, 1)), np.array([0]), scores, np.array([[1, 2]])).array
    log_1m_p = np.log(1 + np.exp(1.0)) - 40  # of that class
    np.testing.assert_allclose(loss, 40 - log_1m_p, rtol=1e-12)


def test_negative_sampling_returns_the_samples():
    def sampler(shape):
        return np.full(shape, 2)

    x, W, t = np.ones((2, 3)), np.ones((4, 3)), np.array([1, -1])
    loss, samples = F.negative_sampling(x, t, W, sampler, 2, 'no', return_samples=True)
    np.testing.assert_array_equal(samples, [[1, 2, 2], [-1, 2, 2]])
    assert loss.array[0] > 0 == loss.array[1]


def test_ctc_ignores_padding_and_requires_enough_steps():
    x = [np.zeros((2, 3))] * 3
    t = np.array([[1, 1], [2, -9]])
    loss = F.connectionist_temporal_classification(x, t, 0, label_length=np.array([2, 1]), reduce='no')
    np.testing.assert_allclose(loss.array, -np.log([1 / 27, 6 / 27]))  # 1_1; 2__, 22_, 222, _2_, _22, __2
    with pytest.raises(ValueError, match='sequence 0 has 2 steps and needs 3'):
        F.connectionist_temporal_classification(x, t, 0, np.array([2, 3]), np.array([2, 1]))


@pytest.mark.behaviour('precision-nan')
def test_measures_of_a_class_without_examples_are_nan():
    nan = np.nan
    p, r, f, support = F.classification_summary(np.array([[1.0, 0, 0], [1, 0, 0]]), np.array([1, 0]), label_num=3)
    np.testing.assert_array_equal(p.array, [0.5, nan, nan])
    np.testing.assert_array_equal(r.array, [1, 0, nan])
    np.testing.assert_array_equal(f.array, [2 / 3, nan, nan])
    np.testing.assert_array_equal(support.array, [1, 1, 0])
    for measure, expected in [(F.precision, 0), (F.recall, nan), (F.f1_score, nan)]:
        y, support = measure(np.array([[1.0, 0], [0, 1]]), np.array([1, 1]))
        assert support.array[0] == 0
        np.testing.assert_array_equal(y.array[0], expected)


@pytest.mark.behaviour('accuracy-spatial-ones')
@pytest.mark.parametrize('shape', [(4, 3, 1, 1), (4, 3, 1), (4, 3)])
def test_accuracy_of_scores_with_axes_of_length_one(shape):
    scores = np.array([[3.0, 1, 2], [1, 3, 2], [1, 2, 3], [3, 1, 2]])
    t = np.array([0, 1, 0, 1])
    assert F.accuracy(scores.reshape(shape), t).array == 0.5
    assert F.accuracy(scores.reshape(shape), t, ignore_label=0).array == 0.5
    assert F.accuracy(scores.reshape(shape), t[:, None]).array == 0.5
    with pytest.raises(InvalidType):
        F.accuracy(scores.reshape(shape)[:2], t)


@pytest.mark.behaviour('vae-mean')
@pytest.mark.parametrize(('name', 'arity'), [('gaussian_kl_divergence', 2), ('gaussian_nll', 3), ('bernoulli_nll', 2)])
@pytest.mark.parametrize('dtype', ['float16', 'float32'])
def test_losses_of_autoencoders_have_a_mean_over_all_elements(name, arity, dtype):
    inputs = [Variable(a.astype(dtype)) for a in np.random.default_rng(3).uniform(0, 1, (arity, 4, 3))]
    y = getattr(F, name)(*inputs, reduce='mean')
    losses = getattr(F, name)(*inputs, reduce='no').array
    np.testing.assert_allclose(y.array, losses.mean(), rtol=2e-3)
    assert y.dtype == dtype and y.shape == ()
    for reduce, scale in [('mean', 12), ('sum', 1)]:
        for x in inputs:
            x.cleargrad()
        getattr(F, name)(*inputs, reduce=reduce).backward()
        found = [x.grad * scale for x in inputs]
        if reduce == 'mean':
            expected = found
    for a, b in zip(found, expected):
        np.testing.assert_allclose(a, b, rtol=1e-2)


def test_r2_score_of_a_constant_is_zero():
    pred, true = np.array([[1.0, 2.0], [2.0, 3.0]]), np.array([[1.0, 5.0], [2.0, 5.0]])
    assert F.r2_score(pred, true).array == 0
    np.testing.assert_array_equal(F.r2_score(pred, true, multioutput='raw_values').array, [1, 0])


x = np.zeros((4, 3))
REDUCE = [
    ('bernoulli_nll', (x, x), 'mean'),
    ('gaussian_nll', (x, x, x), 'mean'),
    ('gaussian_kl_divergence', (x, x), 'mean'),
    ('contrastive', (x, x, labels % 2), 'mean'),
    ('triplet', (x, x, x), 'mean'),
    ('hinge', (x, labels), 'mean'),
    ('huber_loss', (x, x, 1.0), 'sum_along_second_axis'),
    ('cross_covariance', (x, x), 'half_squared_sum'),
    ('decov', (x,), 'half_squared_sum'),
    ('crf1d', (x[:3], [x], [labels]), 'mean'),
    ('black_out', (x, labels, x, samples), 'mean'),
    ('negative_sampling', (x, labels, x, np.zeros, 2), 'sum'),
    ('connectionist_temporal_classification', ([x], labels[:, None], 0), 'mean'),
]


@pytest.mark.parametrize(('name', 'args', 'valid'), REDUCE, ids=[name for name, _, _ in REDUCE])
def test_message_for_an_unknown_reduction_lists_the_valid_ones(name, args, valid):
    with pytest.raises(ValueError) as caught:
        getattr(F, name)(*args, reduce='typo')
    assert all(word in str(caught.value) for word in (name, "'typo'", f"'{valid}'", "'no'"))


def test_ignore_label_may_be_larger_than_any_class():
    """Such as 255 in the labels of segmented images."""
    scores, t = x[:2], np.array([1, 255])
    y = F.softmax_cross_entropy(scores, t, ignore_label=255)
    np.testing.assert_allclose(y.array, F.softmax_cross_entropy(scores[:1], t[:1]).array)
    losses = F.softmax_cross_entropy(scores, t, ignore_label=255, reduce='no')
    assert losses.array[1] == 0


@pytest.mark.parametrize(
    ('call', 'argument'),
    [
        (lambda: F.crf1d(x[:3], [[[0.0] * 3]], [labels[:1]]), 'crf1d: xs[0]'),
        (lambda: F.argmax_crf1d(x[:3], [[[0.0] * 3]]), 'argmax_crf1d: xs[0]'),
        (lambda: F.connectionist_temporal_classification([[[0.0] * 3]], labels[:1, None], 0), 'classification: x[0]'),
        (lambda: F.connectionist_temporal_classification([x], [[1]] * 4, 0), 'classification: t'),
        (lambda: F.connectionist_temporal_classification([x], labels[:, None], 0, [1] * 4), 'input_length'),
        (lambda: F.softmax_cross_entropy(x, labels, class_weight=[1.0, 1.0, 1.0]), 'class_weight'),
        (lambda: F.black_out(x, labels, x, [[1]] * 4), 'black_out: samples'),
    ],
)
def test_a_list_in_place_of_an_array_is_named(call, argument):
    with pytest.raises(TypeError) as caught:
        call()
    assert f'{argument} must be a Variable or an array, but it is a list.' in str(caught.value)


@pytest.mark.parametrize(
    ('call', 'words'),
    [
        (lambda: F.hinge(x, np.array([0, 1, 7, 0])), ['hinge: t', '(2,)', '7']),
        (lambda: F.hinge(x, labels[:, None]), ['(4, 1)']),
        (lambda: F.contrastive(x, x, labels), ['y', '(2,)', '2']),
        (lambda: F.contrastive(x, x, labels % 2, margin=0), ['margin', '0']),
        (lambda: F.contrastive(x, x.astype('f'), labels % 2), ['float64', 'float32']),
        (lambda: F.triplet(x, x, x[:2]), ['(4, 3)', '(2, 3)']),
        (lambda: F.squared_error(x, x[:, :1]), ['(4, 3)', '(4, 1)']),
        (lambda: F.mean_absolute_error(np.zeros((4, 1)), np.zeros(4)), ['(4, 1)', '(4,)', 'broadcast']),
        (lambda: F.huber_loss(np.zeros(3), np.zeros(3), 1.0), ['second axis', '(3,)']),
        (lambda: F.absolute_error(labels, labels), ['int64', 'cast']),
        (lambda: F.bernoulli_nll(x, x[:2]), ['(4, 3)', '(2, 3)']),
        (lambda: F.cross_covariance(x, x[:2]), ['(4, 3)', '(2, 3)']),
        (lambda: F.decov(np.zeros((0, 3))), ['(0, 3)']),
        (lambda: F.negative_sampling(x, labels, x, lambda shape: np.full(shape, 9), 2), ['samples', '9']),
        (lambda: F.negative_sampling(x, labels, np.zeros((4, 2)), np.zeros, 2), ['(4, 3)', '(4, 2)']),
        (lambda: F.black_out(x, labels, x, samples + 2), ['samples', '(0, 1)', '4']),
        (lambda: F.crf1d(x, [x], [labels]), ['cost', '(4, 3)']),
        (lambda: F.crf1d(x[:3], [x[:2], x], [labels[:2], labels]), ['xs[1]', '(4, 3)', 'transpose_sequence']),
        (lambda: F.crf1d(x[:3], [x], [labels + 3]), ['ys[0]', '(0,)', '3']),
        (lambda: F.crf1d(x[:3], [x], []), ['1', '0']),
        (lambda: F.connectionist_temporal_classification([x], labels[:, None] + 2, 0), ['t', '(1, 0)', '3']),
        (lambda: F.connectionist_temporal_classification([x], labels[:, None], 3), ['blank_symbol', '3']),
        (lambda: F.connectionist_temporal_classification([x], labels, 0), ['(4, 3)', '(4,)']),
        (lambda: F.connectionist_temporal_classification([x], labels[:, None], 0, labels), ['input_length', '2']),
        (lambda: F.r2_score(x, x, multioutput='typo'), ['raw_values', 'typo']),
        (lambda: F.binary_accuracy(x, x), ['float64 (4, 3)']),
        (lambda: F.classification_summary(x, labels, label_num=2), ['(2,)', '2']),
        (lambda: F.discriminative_margin_based_clustering_loss(x, labels, 1, 1, 3), ['(4, 3)', '(4,)']),
        (lambda: F.bilinear(x, x, np.zeros((3, 2, 1))), ['(4, 3)', '(3, 2, 1)']),
        (lambda: F.bilinear(x, x, np.zeros((3, 3, 1)), b=np.zeros(1)), ['V1', 'V2']),
    ],
)
def test_errors_say_what_was_given(call, words):
    with pytest.raises((ValueError, InvalidType)) as caught:
        call()
    assert len(caught.value.args) == 1
    assert not [word for word in words if word not in str(caught.value)], str(caught.value)
