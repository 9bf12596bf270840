"""Links with a state inside F.forget, which calls them twice."""

import numpy as np
import pytest

import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import Variable, config, grad
from chaingrad.links.hooks import SpectralNormalization
from tests.links.states import same, state

LINKS = {
    'batch': lambda: L.BatchNormalization(4),
    'finetune': lambda: L.BatchNormalization(4),
    'lazy': lambda: L.BatchNormalization(axis=0),
    'renormalization': lambda: L.BatchRenormalization(4, 3, 2),
    'renormalization-finetune': lambda: L.BatchRenormalization(4, 3, 2),
    'decorrelated': lambda: L.DecorrelatedBatchNormalization(4, 2),
    'decorrelated-finetune': lambda: L.DecorrelatedBatchNormalization(4, 2),
    'spectral': lambda: L.Linear(4, 5).add_hook(SpectralNormalization()),
    'spectral-convolution': lambda: L.Convolution1D(4, 5, 1).add_hook(SpectralNormalization(use_gamma=True)),
}


def trained(name, through, double):
    """Return the state of a link and the gradients, first and second order, after two steps."""
    rng = np.random.default_rng(0)
    np.random.seed(0)
    link = LINKS[name]()
    options = {'finetune': True} if 'finetune' in name else {}
    gradients = []
    for _ in range(2):
        x = Variable(rng.normal(1, 2, (8, 4, 3) if 'convolution' in name else (8, 4)).astype(np.float32))
        y = through(lambda x: link(x, **options), x)
        gy = Variable(rng.normal(size=y.shape).astype(np.float32))
        link.cleargrads()
        if double:
            (gx,) = grad([y], [x], [gy], enable_double_backprop=True)
            F.sum(gx * gx).backward()
            gradients += [gx.array, gy.grad]
        else:
            y.grad = gy.array
            y.backward()
            gradients += [x.grad, *[param.grad for param in link.params()]]
    return state(link), gradients


@pytest.mark.behaviour('forget-recomputing')
@pytest.mark.parametrize('double', [False, True], ids=['first order', 'second order'])
@pytest.mark.parametrize('name', LINKS)
def test_forget_leaves_what_a_plain_call_leaves(name, double):
    plain, expected = trained(name, lambda f, x: f(x), double)
    forgotten, found = trained(name, F.forget, double)
    assert same(plain, forgotten)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_the_flag_is_set_in_the_second_call_only():
    seen = []

    def f(x):
        seen.append(config.in_recomputing)
        return x * 2

    F.forget(f, Variable(np.ones((), np.float32))).backward()
    assert seen == [False, True] and not config.in_recomputing
