"""The table of names that programs ask the reference's modules for, and that chaingrad has elsewhere.

A row is a module path of the reference, a module of chaingrad (a path that begins with a dot) or another one, and
names: `name=ours` where the two differ, `name=` for the module itself. They come before the names of `alias_paths.py`.
`ADVICE` says what to write instead of names of version 1, and by the empty name of all that a module lacks.
"""

from __future__ import annotations

import importlib
import types
from typing import Any, NamedTuple

_TABLE = """
chainer | .compat.version1 | FunctionSet
chainer | .links.link_hook | _get_link_hooks=get_link_hooks
chainer | chainer.functions.math.basic_math | basic_math=
chainer._backend | .autograd.backends.cpu | Device
chainer._runtime_info | .compat.helpers | get_runtime_info
chainer.backend | .cuda | cuda=
chainer.backend | .compat.chainerx | from_chx to_chx
chainer.backends._chainerx | .autograd.backends.stand_ins | ChainerxDevice
chainer.backends._cpu | .autograd.backends.cuda | _to_cpu=to_cpu
chainer.backends.intel64 | .compat.absent | check_ideep_available inputs_all_ready is_ideep_available mdarray
chainer.backends.intel64 | .compat.absent | should_use_ideep
chainer.backends.intel64 | .autograd.backends.stand_ins | Intel64Device
chainer.computational_graph | .compat.helpers | is_graphviz_available
chainer.dataset.convert | .compat.training_helpers | _concat_arrays _concat_arrays_with_padding=_concat_arrays
chainer.dataset.convert | .training.dataset.convert | _call_converter=call_converter
chainer.datasets._mnist_helper | .compat.training_helpers | make_npz preprocess_mnist retrieve_mnist
chainer.datasets.image_dataset | .compat.training_helpers | _read_image_as_array
chainer.datasets.image_dataset | .compat.helpers | available=_has_pillow
chainer.exporters.caffe | .compat.absent | export
chainer.function_set | .compat.version1 | FunctionSet
chainer.functions.activation.log_softmax | .compat.helpers | _log_softmax
chainer.functions.activation.lstm | .compat.helpers | _extract_gates
chainer.functions.array.as_strided | .compat.helpers | _stride_array
chainer.functions.array.broadcast | .compat.helpers | _backward_one
chainer.functions.array.broadcast | .autograd.array_ops | BroadcastTo
chainer.functions.array.flip | .compat.helpers | _flip
chainer.functions.array.resize_images | .compat.nodes | ResizeImages
chainer.functions.caffe | .compat.absent | CaffeFunction
chainer.functions.caffe.caffe_function | .compat.absent | CaffeFunction
chainer.functions.connection.convolution_2d | .functions.convolution.nodes | Convolution2DGradW
chainer.functions.connection.n_step_lstm | .compat.helpers | _lstm
chainer.functions.evaluation.accuracy | .compat.nodes | Accuracy
chainer.functions.math.basic_math | .functions.elementwise.addition | MultiAdd
chainer.functions.math.basic_math | operator | mul
chainer.functions.pooling.pooling_2d | .compat.nodes | Pooling2D
chainer.functions.rnn.lstm | .compat.helpers | _extract_gates
chainer.functions.rnn.n_step_lstm | .compat.helpers | _lstm
chainer.functions.theano | .compat.absent | TheanoFunction
chainer.functions.theano.theano_function | .compat.absent | TheanoFunction
chainer.gradient_check | .autograd.gradient_checking.gradient_check | _check_backward_with_params=check_backward
chainer.graph_optimizations.static_graph | .compat.names | static_graph
chainer.graph_optimizations.static_graph_utilities | .compat.names | static_code
chainer.initializers | .compat.helpers | _get_initializer
chainer.iterators._statemachine | .compat.training_helpers | IteratorState iterator_statemachine
chainer.link_hook | .links.link_hook | _ForwardPreprocessCallbackArgs=ForwardPreprocessArgs
chainer.link_hook | .links.link_hook | _ForwardPostprocessCallbackArgs=ForwardPostprocessArgs
chainer.link_hook | .links.link_hook | _get_link_hooks=get_link_hooks
chainer.links | .compat.absent | TheanoFunction
chainer.links.caffe | .compat.absent | CaffeFunction
chainer.links.caffe.caffe_function | .compat.absent | CaffeFunction
chainer.links.connection.linear | functools | functools=
chainer.links.connection.linear | operator | operator=
chainer.links.connection.n_step_rnn | .compat.helpers | argsort_list_descent permutate_list
chainer.links.model.vision.resnet | .compat.helpers | available=_has_pillow
chainer.links.model.vision.resnet | .links.model.vision.resnet | _global_average_pooling_2d=_global_average_pooling
chainer.links.model.vision.googlenet | .compat.helpers | available=_has_pillow
chainer.links.model.vision.vgg | .compat.helpers | _max_pooling_2d available=_has_pillow
chainer.links.rnn.n_step_rnn | .compat.helpers | argsort_list_descent permutate_list
chainer.links.theano | .compat.absent | TheanoFunction
chainer.links.theano.theano_function | .compat.absent | TheanoFunction
chainer.optimizer | .compat.helpers | _sum_sqnorm
chainer.optimizer_hooks.gradient_clipping | .compat.helpers | _sum_sqnorm
chainer.reporter | .compat.helpers | _get_device
chainer.serializers.hdf5 | .compat.helpers | _available=_has_h5py
chainer.testing.attr | .compat.helpers | _dummy_callable
chainer.training.extensions._snapshot | .compat.training_helpers | _find_latest_snapshot _find_snapshot_files
chainer.training.extensions._snapshot | .compat.training_helpers | _find_stale_snapshots _snapshot_object
chainer.training.extensions.computational_graph | .compat.helpers | is_graphviz_available
chainer.training.extensions.evaluator | .compat.training_helpers | _IteratorProgressBar
chainer.training.extensions.util | .compat.training_helpers | ProgressBar erase_console set_console_cursor_position
chainer.training.util | .compat.training_helpers | ProgressBar erase_console set_console_cursor_position
chainer.training.util | .training.triggers.interval | get_trigger
chainer.types | typing | AbstractInitializer=Any CudaDeviceSpec=Any DeviceSpec=Any DTypeSpec=Any InitializerSpec=Any
chainer.types | .autograd.annotations | NdArray=Array Shape
chainer.types | typing | ScalarValue=Any ShapeSpec=Any Xp=Any
chainer.utils | .compat.helpers | as_mat as_vec
chainer.utils.array | .compat.helpers | as_mat as_vec
chainer.utils.cache | functools | cached_property
chainer.utils.conv_nd | .utils.conv_nd | im2col_nd=im2col_nd_cpu col2im_nd=col2im_nd_cpu
chainer.utils.conv_nd | .utils | get_conv_outsize get_deconv_outsize
chainer.utils.imgproc | .compat.helpers | oversample
chainer.utils.type_check | .compat.helpers | BinaryOperator Constant UnaryOperator
chainer.variable | .compat.helpers | _check_grad_type
"""

# Version 1 had its links and the classes of its nodes among the functions.
_OLD_LINKS = """
BatchNormalization Bilinear BinaryHierarchicalSoftmax Convolution2D EmbedID Inception InceptionBN Linear
NegativeSampling Parameter PReLU
"""
_NODES = """
Absolute Add AddConstant Arccos Arcsin Arctan AveragePooling2D AveragePoolingND BroadcastTo Cast Ceil Clip ClippedReLU
Concat Convolution2DFunction ConvolutionND Copy Cos Cosh Deconvolution2DFunction DeconvolutionND Div Dropout
ELU EmbedIDFunction Exp ExpandDims FixedBatchNormalization Floor GetItem HardSigmoid HuberLoss Identity LSTM LeakyReLU
LinearFunction LinearInterpolate
LocalResponseNormalization Log Log10 Log1p Log2 LogSoftmax LogSumExp MatMul Max MaxPooling2D MaxPoolingND Maximum
MeanSquaredError Min Minimum Mul MulConstant Neg NormalizeL2 PReLUFunction Pad Permutate Prod ReLU Reshape Rollaxis
SelectItem Separate Sigmoid SigmoidCrossEntropy Sign Sin Sinh Softmax SoftmaxCrossEntropy Softplus SplitAxis Sqrt
Square Squeeze Stack Sub Sum Swapaxes Tan Tanh Transpose Unpooling2D UnpoolingND Upsampling2D Where
"""

_OLD_CUDA = {
    **{
        name: f'Write cuda.cupy.{name}, or model.xp.{name} where the program also runs on the CPU.'
        for name in ('empty', 'empty_like', 'full', 'full_like', 'ones', 'ones_like', 'zeros', 'zeros_like')
    },
    'init': 'Leave it out: the GPU is initialized when it is first used.',
    'use_device': 'Write cuda.get_device_from_id(i).use().',
    'using_device': 'Write `with chainer.using_device(...):`.',
}

ADVICE = {
    'chainerx': {'': 'chaingrad has no ChainerX arrays. Use NumPy or CuPy arrays.'},
    'chainer': dict.fromkeys(
        ('AUTO', 'Flag', 'OFF', 'ON', 'flag'),
        'Version 1 had it for volatile Variables: leave it out, and compute in `with chainer.no_backprop_mode():`.',
    ),
    'chainer.cuda': _OLD_CUDA,
    'chainer.backends.cuda': _OLD_CUDA,
}


class Name(NamedTuple):
    """Where a name is found."""

    module: str
    attribute: str  # empty for the module itself

    def find(self) -> Any:
        """Return what the name stands for."""
        module = importlib.import_module(self.module)
        return getattr(module, self.attribute) if self.attribute else module

    def home(self) -> types.ModuleType | None:
        """Return the module that has the name; None where the name is that of a module."""
        return importlib.import_module(self.module) if self.attribute else None


def read_names() -> dict[str, dict[str, Name]]:
    """Return the table by module path and name."""
    found: dict[str, dict[str, Name]] = {
        'chainer.functions': {
            **{name: Name('chaingrad.links', name) for name in _OLD_LINKS.split()},
            **{name: Name('chaingrad.compat.nodes', name) for name in _NODES.split()},
        }
    }
    for line in _TABLE.strip().splitlines():
        path, module, names = line.split(' | ')
        for entry in names.split():
            name, equals, attribute = entry.partition('=')
            full = f'chaingrad{module}' if module[0] == '.' else module
            found.setdefault(path, {})[name] = Name(full, attribute if equals else name)
    return found
