"""Names imported from where they are defined, as third-party libraries do."""

import numpy as np

import chainer
import chainer.functions.activation.relu
import chainer.links.connection.linear as linear_module
from chainer import training
from chainer.backends import cuda
from chainer.dataset import convert, dataset_mixin
from chainer.dataset.download import (
    cache_or_load_file,
    cached_download,
    get_dataset_directory,
    get_dataset_root,
    set_dataset_root,
)
from chainer.datasets import tuple_dataset
from chainer.function import Function
from chainer.function_node import FunctionNode
from chainer.functions.activation import log_softmax, lstm
from chainer.functions.array import concat, reshape, split_axis
from chainer.functions.connection import convolution_2d
from chainer.functions.loss.vae import gaussian_kl_divergence
from chainer.functions.math.basic_math import absolute
from chainer.functions.math.minmax import argmax
from chainer.initializer import Initializer
from chainer.initializers.constant import Zero
from chainer.link import Chain
from chainer.links.connection.n_step_lstm import NStepLSTM
from chainer.links.model.vision.resnet import ResNet50Layers
from chainer.optimizer import GradientMethod, UpdateRule
from chainer.optimizers.adam import AdamRule
from chainer.serializer import Deserializer, Serializer
from chainer.training import PRIORITY_EDITOR, PRIORITY_READER, PRIORITY_WRITER, extension, updaters
from chainer.training.extensions.evaluator import Evaluator
from chainer.utils import conv, conv_nd, size_of_shape, walker_alias
from chainer.utils.experimental import experimental
from chainer.variable import Parameter

for name, found in list(globals().items()):
    assert found is not None or name.startswith('__'), name

assert Chain is chainer.Chain and Function is chainer.Function and FunctionNode is chainer.FunctionNode
assert Parameter is chainer.Parameter and Initializer is chainer.Initializer
assert linear_module.Linear is chainer.links.Linear and NStepLSTM is chainer.links.NStepLSTM
assert ResNet50Layers is chainer.links.ResNet50Layers
assert issubclass(AdamRule, UpdateRule) and issubclass(chainer.optimizers.Adam, GradientMethod)
assert PRIORITY_WRITER > PRIORITY_EDITOR > PRIORITY_READER
assert updaters.StandardUpdater is training.StandardUpdater and extension.Extension is training.Extension
assert Evaluator is training.extensions.Evaluator
assert convert.concat_examples is chainer.dataset.concat_examples
assert dataset_mixin.DatasetMixin is chainer.dataset.DatasetMixin
assert tuple_dataset.TupleDataset is chainer.datasets.TupleDataset
assert cuda is chainer.cuda or cuda.to_cpu is chainer.cuda.to_cpu
assert issubclass(chainer.serializers.DictionarySerializer, Serializer) and Deserializer
assert absolute is abs or absolute is chainer.functions.absolute
assert gaussian_kl_divergence is chainer.functions.gaussian_kl_divergence
assert callable(cached_download) and callable(cache_or_load_file) and callable(get_dataset_directory)
assert callable(argmax) and callable(experimental)

# In the reference these are modules, not the functions of the same names.
x = chainer.Variable(np.array([[-1.0, 2.0]], dtype='f'))
assert (chainer.functions.activation.relu.relu(x).array == [[0, 2]]).all()
assert isinstance(chainer.functions.activation.relu.ReLU(), FunctionNode)
assert np.allclose(np.exp(log_softmax.log_softmax(x).array).sum(), 1)
assert concat.concat((x, x), axis=0).shape == (2, 2) and reshape.reshape(x, (2, 1)).shape == (2, 1)
assert len(split_axis.split_axis(x, 2, 1)) == 2 and callable(lstm.lstm)
assert conv.get_conv_outsize(5, 3, 2, 1) == 3 and conv_nd.as_tuple(2, 3) == (2, 2, 2)
image = np.random.rand(1, 2, 5, 5).astype('f')
W = np.random.rand(3, 2, 3, 3).astype('f')
col = conv.im2col_cpu(image, 3, 3, 1, 1, 0, 0)
assert np.allclose(
    convolution_2d.convolution_2d(image, W).array[0], np.einsum('nckjhw,ockj->nohw', col, W)[0], atol=1e-4
)
assert size_of_shape((2, 3)) == 6
assert walker_alias.WalkerAlias([1, 0]).sample((4,)).sum() == 0

W = np.ones((2, 2), 'f')
Zero()(W)
assert not W.any()

root = get_dataset_root()
set_dataset_root('elsewhere')
assert get_dataset_directory('x/y', create_directory=False).startswith('elsewhere')
set_dataset_root(root)
