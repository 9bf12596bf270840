"""Loss functions."""

import itertools

import numpy as np
from hypothesis import strategies as st

import chaingrad.functions as F
from chaingrad import as_variable
from tests.cases.case import Case
from tests.strategies import labels, same_shapes, seeds


def _softmax_cross_entropy(
    x, t, normalize=True, class_weight=None, ignore_label=-1, reduce='mean', enable_double_backprop=False
):
    valid = t != ignore_label
    log_p = x - np.log(np.exp(x).sum(1, keepdims=True))
    chosen = np.where(valid, t, 0)
    losses = -np.take_along_axis(log_p, np.expand_dims(chosen, 1), 1).squeeze(1) * valid
    if class_weight is not None:
        losses = losses * class_weight[chosen]
    if reduce == 'no':
        return losses
    return losses.sum() / max((valid.sum() if normalize else len(x)), 1)


def _soft_target_loss(x, t, reduce='mean'):
    losses = -(t * (x - np.log(np.exp(x).sum(1, keepdims=True)))).sum(1)
    return losses if reduce == 'no' else losses.mean()


def _sigmoid_cross_entropy(x, t, normalize=True, reduce='mean'):
    valid = t != -1
    losses = valid * (np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0) - x * t)
    if reduce == 'no':
        return losses
    return losses.sum() / max((valid.sum() if normalize else len(x)), 1)


def _labels_of_scores(shapes, ignore=-1):
    shape = shapes[0]
    return labels((shape[0], *shape[2:]), shape[1], ignore)


def _labels_and_options(**options):
    return lambda shapes: {'t': _labels_of_scores(shapes), 'enable_double_backprop': True, **options}


def _class_weight_options(shapes):
    weights = seeds.map(lambda seed: np.random.default_rng(seed).uniform(0.5, 2, shapes[0][1]))
    return {**_labels_and_options(reduce=st.sampled_from(['mean', 'no']))(shapes), 'class_weight': weights}


def _binary_labels(**options):
    return lambda shapes: {'t': labels(shapes[0], 2, ignore=-1), **options}


def _class_weight_call(x, t, class_weight, **options):
    return F.softmax_cross_entropy(x, t, class_weight=class_weight.astype(x.dtype), **options)


def _soft_target_options(shapes):
    def make(seed):
        p = np.random.default_rng(seed).uniform(0.1, 1, shapes[0])
        return p / p.sum(1, keepdims=True)

    return {'t': seeds.map(make), 'reduce': st.sampled_from(['mean', 'no'])}


def _soft_target_call(x, t, reduce):
    return F.softmax_cross_entropy(x, t.astype(x.dtype), reduce=reduce, enable_double_backprop=True)


def _reduce(loss, reduce):
    if reduce == 'sum':
        return loss.sum()
    if reduce == 'mean':
        return loss.sum() / max(len(loss), 1)
    return loss


_MEAN_OR_NO = {'reduce': st.sampled_from(['mean', 'no'])}
_SUM_OR_NO = {'reduce': st.sampled_from(['sum', 'no'])}


def _huber_loss(x, t, delta, reduce='sum_along_second_axis'):
    d = np.abs(x - t)
    y = np.where(d < delta, d**2 / 2, delta * (d - delta / 2))
    return y if reduce == 'no' else y.sum(1)


def _bernoulli_nll(x, y, reduce):
    return _reduce(np.log1p(np.exp(y)) - x * y, reduce)


def _gaussian_nll(x, mean, ln_var, reduce):
    return _reduce((np.log(2 * np.pi) + ln_var + (x - mean) ** 2 / np.exp(ln_var)) / 2, reduce)


def _gaussian_kl_divergence(mean, ln_var, reduce):
    return _reduce((mean**2 + np.exp(ln_var) - ln_var - 1) / 2, reduce)


def _contrastive(x0, x1, y, margin, reduce):
    d = np.sqrt(((x0 - x1) ** 2).sum(1))
    return _reduce(np.where(y, d**2, np.maximum(margin - d, 0) ** 2) / 2, reduce)


def _triplet(anchor, positive, negative, margin, reduce):
    near = ((anchor - positive) ** 2).sum(1)
    far = ((anchor - negative) ** 2).sum(1)
    return _reduce(np.maximum(near - far + margin, 0), reduce)


def _hinge(x, t, norm, reduce):
    losses = np.maximum(1 - np.where(np.arange(x.shape[1]) == t[:, None], x, -x), 0)
    return _reduce(losses**2 if norm == 'L2' else losses, reduce)


def _cross_covariance(y, z, reduce):
    c = (y - y.mean(0)).T @ (z - z.mean(0)) / len(y)
    return c if reduce == 'no' else (c**2).sum() / 2


def _decov(h, reduce):
    c = np.atleast_2d(np.cov(h.T, bias=True))
    c = c - np.diag(np.diag(c))
    return c if reduce == 'no' else (c**2).sum() / 2


def _clustering_loss(x, labels, delta_v, delta_d, max_embedding_dim, norm, alpha, beta, gamma):
    """Go through samples, instances and pixels one by one."""
    n, k = x.shape[:2]

    def length(d):
        return np.abs(d).sum() if norm == 1 else np.sqrt((d * d).sum())

    pixels = [[x[i][:, labels[i] == c + 1].T for i in range(n)] for c in range(k)]
    means = np.array([[p.mean(0) if len(p) else np.zeros(k) for p in row] for row in pixels])
    variance = 0
    for row, means_of_instance in zip(pixels, means):
        excess = []
        for pixels_of_sample, mean in zip(row, means_of_instance):
            excess.extend([max(length(pixel - mean) - delta_v, 0) ** 2 for pixel in pixels_of_sample])
        if excess:
            variance += np.mean(excess) / k
    pairs = [(a, b) for i in range(n) for a, b in itertools.combinations(means[:, i], 2)]
    distance = np.mean([max(2 * delta_d - length(a - b), 0) ** 2 for a, b in pairs])
    regularization = sum(length(row) for row in means) / (k * n)
    return alpha * variance, beta * distance, gamma * regularization


def _clustering_options(shapes):
    n, k, h, w = shapes[0]
    return {
        'labels': labels((n, h, w), k + 1),
        'delta_v': 0.3,
        'delta_d': 2.0,
        'max_embedding_dim': k,
        'norm': st.sampled_from([1, 2]),
        'alpha': 2.0,
        'beta': 3.0,
        'gamma': 0.5,
    }


@st.composite
def _embedding_shapes(draw):
    """Draw the shapes of x, (n, k), and of a table of classes, (classes, k)."""
    n = draw(st.integers(0, 3))
    classes = draw(st.integers(2, 4))
    k = draw(st.integers(1, 3))
    return (n, k), (classes, k)


def _negative_sampling(x, W, t, samples, reduce):
    scores = np.einsum('ik,ijk->ij', x, W[samples])
    losses = np.log1p(np.exp(-(x * W[t]).sum(1))) + np.log1p(np.exp(scores)).sum(1)
    return _reduce(losses * (t != -1), reduce)


def _negative_sampling_call(x, W, t, samples, reduce):
    def sampler(shape):
        return np.concatenate([np.zeros((len(x), 1), int), samples], axis=1).reshape(shape)

    return F.negative_sampling(x, t, W, sampler, samples.shape[1], reduce)


def _black_out(x, W, t, samples, reduce):
    scores = np.exp(np.einsum('ik,ijk->ij', x, W[np.concatenate([t[:, None], samples], axis=1)]))
    p = scores / scores.sum(1, keepdims=True)
    return _reduce(-np.log(p[:, 0]) - np.log(1 - p[:, 1:]).sum(1), reduce)


def _sampling_options(ignore):
    def options(shapes):
        (n, _), (classes, _) = shapes
        t = labels((n,), classes) if ignore is None else labels((n,), classes, ignore)
        return {'t': t, 'samples': st.integers(1, 3).flatmap(lambda m: labels((n, m), classes))}

    return options


def _scored_paths(cost, xs, row):
    """Yield every label sequence with its score."""
    steps = [x[row] for x in xs if row < len(x)]
    for path in itertools.product(range(len(cost)), repeat=len(steps)):
        label_score = sum(x[k] for x, k in zip(steps, path))
        transition_score = sum(cost[a, b] for a, b in zip(path, path[1:]))
        yield path, label_score + transition_score


def _crf1d(cost, *xs, ys, reduce):
    losses = []
    for row in range(len(xs[0])):
        scores = dict(_scored_paths(cost, xs, row))
        true = tuple(int(y[row]) for y in ys if row < len(y))
        losses.append(np.log(np.sum(np.exp(list(scores.values())))) - scores[true])
    return _reduce(np.array(losses), reduce)


def _argmax_crf1d(cost, *xs):
    best = [max(_scored_paths(cost, xs, row), key=lambda scored: scored[1]) for row in range(len(xs[0]))]
    paths = [np.array([best[row][0][t] for row in range(len(x))], int) for t, x in enumerate(xs)]
    return (np.array([score for _, score in best]), *paths)


def _argmax_crf1d_call(cost, *xs):
    score, path = F.argmax_crf1d(cost, list(xs))
    return (score, *map(as_variable, path))


@st.composite
def _crf_shapes(draw):
    k = draw(st.integers(1, 3))
    batches = draw(st.sampled_from([(3, 2, 1), (2, 2, 2), (3, 1, 1), (1, 1, 0), (2, 2, 1)]))
    return ((k, k), *((n, k) for n in batches))


def _crf_options(shapes):
    k = shapes[0][0]
    return {'ys': st.tuples(*(labels((n,), k) for n, _ in shapes[1:])), **_MEAN_OR_NO}


def _ctc(*xs, t, blank_symbol, input_length, label_length, reduce):
    """Sum the probabilities of all paths that give the labels."""
    p = np.exp(np.array(xs))
    p /= p.sum(2, keepdims=True)
    losses = []
    for row, (n_steps, n_labels) in enumerate(zip(input_length, label_length)):
        total = 0.0
        for path in itertools.product(range(p.shape[2]), repeat=int(n_steps)):
            labels_of_path = [k for k, _ in itertools.groupby(path) if k != blank_symbol]
            if labels_of_path == list(t[row, :n_labels]):
                total += np.prod([p[i, row, k] for i, k in enumerate(path)])
        losses.append(-np.log(total))
    return _reduce(np.array(losses), reduce)


def _ctc_options(shapes):
    n, c = shapes[0]

    def make(seed):
        rng = np.random.default_rng(seed)
        blank = int(rng.integers(0, c))
        steps = rng.integers(3, 5, n)
        others = np.array([k for k in range(c) if k != blank])
        return {
            't': others[rng.integers(0, len(others), (n, 2))],  # two labels that may be equal need three steps at most
            'blank_symbol': blank,
            'input_length': steps,
            'label_length': rng.integers(0, 3, n),
        }

    return {'given': seeds.map(make), **_MEAN_OR_NO}


def _ctc_call(*xs, given, reduce):
    return F.connectionist_temporal_classification(list(xs), **given, reduce=reduce)


def _matrix_shapes(arity):
    return same_shapes(arity, min_dims=2, max_dims=2, min_side=1)


_HALF_SQUARED_SUM_OR_NO = {'reduce': st.sampled_from(['half_squared_sum', 'no'])}
_score_shapes = same_shapes(1, min_dims=2, min_side=1)
_nonempty_shapes = same_shapes(1, min_dims=1, min_side=1)

CASES = [
    Case(
        'mean_squared_error',
        F.mean_squared_error,
        lambda x0, x1: np.mean((x0 - x1) ** 2),
        arity=2,
        shapes=same_shapes(2, min_side=1),
    ),
    Case(
        'sigmoid_cross_entropy',
        F.sigmoid_cross_entropy,
        _sigmoid_cross_entropy,
        options=_binary_labels(),
        shapes=_nonempty_shapes,
    ),
    Case(
        'sigmoid_cross_entropy',
        F.sigmoid_cross_entropy,
        _sigmoid_cross_entropy,
        options=_binary_labels(normalize=False),
        shapes=_nonempty_shapes,
        variant='not normalized',
    ),
    Case(
        'sigmoid_cross_entropy',
        F.sigmoid_cross_entropy,
        _sigmoid_cross_entropy,
        options=_binary_labels(reduce='no'),
        shapes=_nonempty_shapes,
        variant='not reduced',
    ),
    Case(
        'softmax_cross_entropy',
        F.softmax_cross_entropy,
        _softmax_cross_entropy,
        options=lambda shapes: {'t': _labels_of_scores(shapes)},
        order=1,
        shapes=_score_shapes,
    ),
    Case(
        'softmax_cross_entropy',
        F.softmax_cross_entropy,
        _softmax_cross_entropy,
        options=_labels_and_options(normalize=st.booleans()),
        shapes=_score_shapes,
        variant='twice',
    ),
    Case(
        'softmax_cross_entropy',
        F.softmax_cross_entropy,
        _softmax_cross_entropy,
        options=_labels_and_options(reduce='no'),
        shapes=_score_shapes,
        variant='not reduced',
    ),
    Case(
        'softmax_cross_entropy',
        _class_weight_call,
        _softmax_cross_entropy,
        options=_class_weight_options,
        shapes=_score_shapes,
        variant='class_weight',
    ),
    Case(
        'softmax_cross_entropy',
        _soft_target_call,
        _soft_target_loss,
        options=_soft_target_options,
        shapes=_score_shapes,
        variant='probabilities',
    ),
    Case('absolute_error', F.absolute_error, lambda x0, x1: np.abs(x0 - x1), arity=2, distinct=True),
    Case('squared_error', F.squared_error, lambda x0, x1: (x0 - x1) ** 2, arity=2),
    Case(
        'mean_absolute_error',
        F.mean_absolute_error,
        lambda x0, x1: np.mean(np.abs(x0 - x1)),
        arity=2,
        shapes=same_shapes(2, min_side=1),
        distinct=True,
    ),
    Case(
        'huber_loss',
        F.huber_loss,
        _huber_loss,
        arity=2,
        options={'delta': 1.5},
        shapes=same_shapes(2, min_dims=2),
    ),
    Case(
        'huber_loss', F.huber_loss, _huber_loss, arity=2, options={'delta': 1.5, 'reduce': 'no'}, variant='not reduced'
    ),
    Case('bernoulli_nll', F.bernoulli_nll, _bernoulli_nll, arity=2, options=_SUM_OR_NO),
    Case('gaussian_nll', F.gaussian_nll, _gaussian_nll, arity=3, options=_SUM_OR_NO),
    Case('gaussian_kl_divergence', F.gaussian_kl_divergence, _gaussian_kl_divergence, arity=2, options=_SUM_OR_NO),
    Case(
        'contrastive',
        F.contrastive,
        _contrastive,
        arity=2,
        options=lambda shapes: {'y': labels(shapes[0][:1], 2), 'margin': 2, **_MEAN_OR_NO},
        shapes=_matrix_shapes(2),
    ),
    Case('triplet', F.triplet, _triplet, arity=3, options={'margin': 0.5, **_MEAN_OR_NO}, shapes=_matrix_shapes(3)),
    Case(
        'hinge',
        F.hinge,
        _hinge,
        options=lambda shapes: {
            't': labels(shapes[0][:1], shapes[0][1]),
            'norm': st.sampled_from(['L1', 'L2']),
            **_MEAN_OR_NO,
        },
        shapes=_matrix_shapes(1),
        kinks=(-1, 1),
    ),
    Case(
        'cross_covariance',
        F.cross_covariance,
        _cross_covariance,
        arity=2,
        options=_HALF_SQUARED_SUM_OR_NO,
        shapes=st.tuples(*[st.integers(1, 3)] * 3).map(lambda nkl: (nkl[:2], (nkl[0], nkl[2]))),
    ),
    Case('decov', F.decov, _decov, options=_HALF_SQUARED_SUM_OR_NO, shapes=_matrix_shapes(1)),
    Case(
        'discriminative_margin_based_clustering_loss',
        F.discriminative_margin_based_clustering_loss,
        _clustering_loss,
        options=_clustering_options,
        shapes=st.tuples(st.integers(1, 2), st.integers(2, 3), st.integers(1, 3), st.integers(1, 2)).map(
            lambda s: (s,)
        ),
    ),
    Case(
        'negative_sampling',
        _negative_sampling_call,
        _negative_sampling,
        arity=2,
        options=lambda shapes: {**_sampling_options(-1)(shapes), **_SUM_OR_NO},
        shapes=_embedding_shapes(),
    ),
    Case(
        'black_out',
        lambda x, W, t, samples, reduce: F.black_out(x, t, W, samples, reduce),
        _black_out,
        arity=2,
        options=lambda shapes: {**_sampling_options(None)(shapes), **_MEAN_OR_NO},
        shapes=_embedding_shapes(),
        tolerance=2,
    ),
    Case(
        'crf1d',
        lambda cost, *xs, ys, reduce: F.crf1d(cost, list(xs), ys, reduce),
        _crf1d,
        arity=4,
        options=_crf_options,
        shapes=_crf_shapes(),
    ),
    Case(
        'argmax_crf1d',
        _argmax_crf1d_call,
        _argmax_crf1d,
        arity=4,
        shapes=_crf_shapes(),
        distinct=True,
        dtypes=('float32',),
    ),
    Case(
        'connectionist_temporal_classification',
        _ctc_call,
        lambda *xs, given, reduce: _ctc(*xs, **given, reduce=reduce),
        arity=4,
        options=_ctc_options,
        shapes=same_shapes(4, min_dims=2, max_dims=2, min_side=2, max_side=3),
    ),
]
