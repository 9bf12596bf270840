"""Initializers, which fill the array of a new parameter; public as `chaingrad.initializers`.

`Constant`, `NaN` and `generate_array` come from the engine, which needs them itself.
"""

from chaingrad.autograd.initializer import Constant, NaN, generate_array
from chaingrad.links.initializers.constant import One, Zero
from chaingrad.links.initializers.fans import get_fans
from chaingrad.links.initializers.matrix import Identity, Orthogonal
from chaingrad.links.initializers.normal import GlorotNormal, HeNormal, LeCunNormal, Normal
from chaingrad.links.initializers.sampling import DownsamplingConvFilter, UpsamplingDeconvFilter
from chaingrad.links.initializers.uniform import GlorotUniform, HeUniform, LeCunUniform, Uniform

__all__ = [
    'Constant',
    'DownsamplingConvFilter',
    'GlorotNormal',
    'GlorotUniform',
    'HeNormal',
    'HeUniform',
    'Identity',
    'LeCunNormal',
    'LeCunUniform',
    'NaN',
    'Normal',
    'One',
    'Orthogonal',
    'Uniform',
    'UpsamplingDeconvFilter',
    'Zero',
    'generate_array',
    'get_fans',
]
