"""Every function of the table of functions: it is exported and computes the same, or is refused by name.

The rows and their options are those of `tests/test_functions.py`. The file is compared on the inputs that it was made
with, and on the same numbers in reverse order.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chaingrad.onnx import export, load
from chaingrad.onnx.graph import NotExportable
from tests.onnx.running import expected_outputs, outputs_of, session_of
from tests.test_functions import CASES, OLD_NAMES, problems

pytestmark = pytest.mark.filterwarnings(OLD_NAMES)

# The functions that no row exports, by the reason.
REFUSED = {
    'there is no such operator, or one that computes the same only in part': """
        as_strided batch_inv cholesky cumprod decorrelated_batch_normalization digamma erfcinv erfcx erfinv
        forget inv lgamma log_ndtr ndtri polygamma roi_average_align_2d roi_average_pooling_2d roi_max_align_2d
        roi_max_pooling_2d roi_pooling_2d upsampling_2d zeta
    """,
    'it normalizes by the batch': 'batch_normalization batch_renormalization',
    'it computes with NumPy': """
        accuracy argmax_crf1d binary_accuracy classification_summary deformable_convolution_2d_sampler f1_score
        precision r2_score recall
    """,
    'the sequences of its row are not equally long': 'transpose_sequence',
}
REASONS = {name: reason for reason, names in REFUSED.items() for name in names.split()}
REASONS['cast-to another dtype and back'] = 'ONNX has no float128'


@pytest.mark.parametrize('case', CASES, ids=str)
def test_the_same_or_refused(case):
    exported = 0

    @settings(
        max_examples=20,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        deadline=None,
        database=None,
    )
    @given(data=st.data())
    def run(data):
        nonlocal exported
        problem = data.draw(problems(case))
        if exported < 3:
            exported += assert_the_same(problem)

    run()
    reason = REASONS.get(case.name) or REASONS.get(str(case))
    assert bool(exported) == (reason is None), reason


def assert_the_same(problem):
    """Compare, and return whether the function was exported."""
    xs = [np.asarray(x, 'f') for x in problem.xs]
    if any(x.size == 0 for x in xs):
        return False

    def model(*variables):
        return problem.apply(variables)

    try:
        proto = export(model, tuple(xs), input_shapes=[x.shape for x in xs])
    except NotExportable as error:
        assert 'Nothing was written' in str(error)
        return False
    session, loaded = session_of(proto), load(proto)
    for arrays in (xs, [x.reshape(-1)[::-1].reshape(x.shape) for x in xs]):
        wanted = expected_outputs(model, arrays)
        for ys in (outputs_of(session, arrays), expected_outputs(loaded, arrays)):
            for y, expected in zip(ys, wanted, strict=True):
                largest = max(1.0, float(np.abs(expected[np.isfinite(expected)]).max(initial=1)))
                np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-4 * largest, err_msg=str(problem.options))
    return True
