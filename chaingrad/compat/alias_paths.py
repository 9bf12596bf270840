"""The table of the reference's module paths, and of the modules of chaingrad that `import chainer` uses for each.

A row is a package of the reference: the module of chaingrad that has its public names, and the files in the package.
The names of a family of functions or links (`chainer.functions.activation`) are public one package above, so its row
names that module, in parentheses. A file is called after a public name: its names are looked up in the module that
defines this one, then in the row's module; `file=name` gives the public name where the two differ, `file@module` the
module that stands for the file, and `file@` a file in which only the names of `alias_names.py` are found.
"""

from __future__ import annotations

import re
from typing import NamedTuple

VERSION = '7.8.1'
"""The last version of the reference, which old programs that check the version expect."""

_TABLE = """
chainer | chaingrad
    _backend@chaingrad.autograd.backends.cpu _runtime_info@chaingrad._runtime_info backend backends
    computational_graph configuration cuda dataset datasets device_resident
    distribution distributions exporters function function_hook function_hooks function_node functions gradient_check
    function_set@ graph_optimizations initializer initializers iterators link link_hook link_hooks links memory_layouts@
    optimizer
    optimizer_hooks optimizers reporter sequential serializer serializers testing training types@ utils variable
chainer.backends | chaingrad.backends
    _chainerx@chaingrad.compat.chainerx _cpu@chaingrad.autograd.backends.cpu cuda intel64@
chainer.dataset | chaingrad.dataset
    convert dataset_mixin download=cached_download iterator tabular tabular_dataset@chaingrad.training.dataset.table
chainer.dataset.tabular | chaingrad.dataset.tabular
    delegate_dataset from_data
chainer.datasets | chaingrad.datasets
    _mnist_helper@ cifar=get_cifar10 concatenated_dataset dict_dataset fashion_mnist=get_fashion_mnist
    image_dataset kuzushiji_mnist=get_kuzushiji_mnist mnist=get_mnist pickle_dataset ptb=get_ptb_words sub_dataset
    svhn=get_svhn text_dataset transform_dataset tuple_dataset
chainer.distributions | chaingrad.distributions
    bernoulli beta categorical cauchy chisquare dirichlet exponential gamma geometric gumbel independent laplace
    log_normal multivariate_normal normal one_hot_categorical pareto poisson uniform
chainer.exporters | (chaingrad)
    caffe@
chainer.function_hooks | chaingrad.function_hooks
    debug_print=PrintHook timer=TimerHook
chainer.functions | chaingrad.functions
    activation array caffe connection evaluation loss math noise normalization pooling rnn theano util
chainer.functions.activation | (chaingrad.functions)
    clipped_relu crelu elu hard_sigmoid leaky_relu log_softmax lstm maxout prelu relu relu6 rrelu selu sigmoid slstm
    softmax softplus swish tanh tree_lstm
chainer.functions.array | (chaingrad.functions)
    as_strided broadcast cast concat copy depth2space diagonal dstack expand_dims flatten flip fliplr flipud get_item
    hstack im2col moveaxis pad pad_sequence permutate repeat reshape resize_images rollaxis scatter_add select_item
    separate space2depth spatial_transformer_grid spatial_transformer_sampler split_axis squeeze stack swapaxes tile
    transpose transpose_sequence vstack where
chainer.functions.caffe | (chaingrad.functions)
    caffe_function@
chainer.functions.connection | (chaingrad.functions)
    bilinear convolution_2d convolution_nd deconvolution_2d deconvolution_nd deformable_convolution_2d_sampler
    depthwise_convolution_2d dilated_convolution_2d embed_id linear local_convolution_2d n_step_gru n_step_lstm
    n_step_rnn shift
chainer.functions.evaluation | (chaingrad.functions)
    accuracy binary_accuracy classification_summary r2_score
chainer.functions.loss | (chaingrad.functions)
    absolute_error black_out contrastive crf1d cross_covariance ctc=connectionist_temporal_classification decov
    discriminative_loss=discriminative_margin_based_clustering_loss hinge huber_loss mean_absolute_error
    mean_squared_error negative_sampling sigmoid_cross_entropy softmax_cross_entropy squared_error triplet
    vae=gaussian_kl_divergence
chainer.functions.math | (chaingrad.functions)
    average basic_math=absolute batch_l2_norm_squared bias ceil cholesky clip cumprod cumsum det digamma einsum erf
    erfc erfcinv erfcx erfinv exponential=exp exponential_m1=expm1 fft fix floor fmod hyperbolic=sinh identity inv
    lgamma linear_interpolate log_ndtr logarithm_1p=log1p logsumexp matmul maximum mean minimum minmax=max ndtr ndtri
    polygamma prod scale sign sparse_matmul sqrt square squared_difference sum sum_to tensordot trigonometric=sin zeta
chainer.functions.noise | (chaingrad.functions)
    dropout gaussian gumbel_softmax simplified_dropconnect zoneout
chainer.functions.normalization | (chaingrad.functions)
    batch_normalization batch_renormalization decorrelated_batch_normalization group_normalization
    l2_normalization=normalize layer_normalization local_response_normalization
chainer.functions.pooling | (chaingrad.functions)
    average_pooling_2d average_pooling_nd max_pooling_2d max_pooling_nd pooling_2d=max_pooling_2d
    pooling_nd=max_pooling_nd roi_average_align_2d roi_average_pooling_2d roi_max_align_2d roi_max_pooling_2d
    roi_pooling_2d spatial_pyramid_pooling_2d unpooling_2d unpooling_nd upsampling_2d
chainer.functions.rnn | (chaingrad.functions)
    lstm n_step_gru n_step_lstm n_step_rnn slstm tree_lstm
chainer.functions.theano | (chaingrad.functions)
    theano_function@
chainer.functions.util | (chaingrad.functions)
    forget
chainer.graph_optimizations | (chaingrad)
    static_graph@ static_graph_utilities@
chainer.initializers | chaingrad.initializers
    constant normal orthogonal sampling=UpsamplingDeconvFilter uniform
chainer.iterators | chaingrad.iterators
    _statemachine@ dali_iterator multiprocess_iterator multithread_iterator order_samplers=OrderSampler
    serial_iterator
chainer.link_hooks | chaingrad.link_hooks
    spectral_normalization timer=TimerHook weight_standardization
chainer.links | chaingrad.links
    activation caffe connection loss model normalization rnn theano
chainer.links.activation | (chaingrad.links)
    maxout prelu simplified_dropconnect swish
chainer.links.caffe | (chaingrad.links)
    caffe_function@
chainer.links.connection | (chaingrad.links)
    bias bilinear convolution_2d convolution_nd deconvolution_2d deconvolution_nd deformable_convolution_2d
    depthwise_convolution_2d dilated_convolution_2d embed_id gru highway inception inceptionbn linear
    local_convolution_2d lstm mgu=StatefulMGU mlp_convolution_2d n_step_gru n_step_lstm n_step_rnn=NStepRNNTanh
    parameter peephole=StatefulPeepholeLSTM scale tree_lstm=ChildSumTreeLSTM zoneoutlstm=StatefulZoneoutLSTM
chainer.links.loss | (chaingrad.links)
    black_out crf1d hierarchical_softmax=BinaryHierarchicalSoftmax negative_sampling
chainer.links.model | (chaingrad.links)
    classifier vision
chainer.links.model.vision | (chaingrad.links)
    googlenet resnet=ResNet50Layers vgg=VGG16Layers
chainer.links.normalization | (chaingrad.links)
    batch_normalization batch_renormalization decorrelated_batch_normalization group_normalization layer_normalization
chainer.links.rnn | (chaingrad.links)
    gru lstm mgu=StatefulMGU n_step_gru n_step_lstm n_step_rnn=NStepRNNTanh peephole=StatefulPeepholeLSTM
    tree_lstm=ChildSumTreeLSTM zoneoutlstm=StatefulZoneoutLSTM
chainer.links.theano | (chaingrad.links)
    theano_function@
chainer.optimizer_hooks | chaingrad.optimizer_hooks
    gradient_clipping gradient_hard_clipping gradient_lars gradient_noise lasso weight_decay
chainer.optimizers | chaingrad.optimizers
    ada_delta ada_grad adam corrected_momentum_sgd momentum_sgd msvag nesterov_ag rmsprop rmsprop_graves sgd smorms3
chainer.serializers | chaingrad.serializers
    hdf5=save_hdf5 npz=save_npz
chainer.testing | chaingrad.testing
    array=assert_allclose attr backend=BackendConfig condition distribution_test=distribution_unittest
    function=FunctionTestCase function_link=FunctionTestCase helper=assert_warns link=LinkTestCase
    matrix=generate_matrix parameterized=parameterize random runner=run_module serializer=save_and_load
    training=get_trainer_with_mock_updater unary_math_function_test=unary_math_function_unittest
chainer.training | chaingrad.training
    extension extensions trainer trigger=get_trigger triggers updater updaters
    util@
chainer.training.extensions | chaingrad.training.extensions
    _snapshot=snapshot computational_graph=DumpGraph evaluator exponential_shift fail_on_nonnumber inverse_shift
    linear_shift log_report micro_average multistep_shift parameter_statistics plot_report polynomial_shift print_report
    progress_bar
    snapshot_writers step_shift value_observation=observe_value variable_statistics_plot
    util@ variable_unchain=unchain_variables warmup_shift
chainer.training.triggers | chaingrad.training.triggers
    early_stopping_trigger interval=IntervalTrigger interval_trigger manual_schedule_trigger
    minmax_value_trigger=BestValueTrigger once_trigger time_trigger
chainer.training.updaters | chaingrad.training.updaters
    multiprocess_parallel_updater parallel_updater standard_updater
chainer.utils | chaingrad.utils
    argument array=size_of_shape cache@ collections_abc@collections.abc conv conv_nd experimental imgproc@
    precision=force_type sparse=CooMatrix type_check walker_alias
chainermn | chaingrad.multi_node
    communicators datasets evaluators@chaingrad.multi_node.extensions extensions functions global_except_hook
    iterators links optimizers
chainermn.communicators | chaingrad.multi_node.communicators
    communicator_base@chaingrad.multi_node.communicators.base
chainermn.datasets | chaingrad.multi_node.datasets
    empty_dataset=create_empty_dataset scatter_dataset
chainermn.extensions | chaingrad.multi_node.extensions
    allreduce_persistent checkpoint=create_multi_node_checkpointer
    multi_node_early_stopping_trigger@chaingrad.multi_node.extensions.observations
    multi_node_evaluator=GenericMultiNodeEvaluator observation_aggregator
chainermn.functions | chaingrad.multi_node.functions
    collective_communication=allgather point_to_point_communication=send pseudo_connect
chainermn.iterators | chaingrad.multi_node.iterators
    multi_node_iterator=create_multi_node_iterator synchronized_iterator=create_synchronized_iterator
chainermn.links | chaingrad.multi_node.links
    batch_normalization=MultiNodeBatchNormalization create_mnbn_model multi_node_chain_list
    n_step_rnn=create_multi_node_n_step_rnn
chainerx | chaingrad.compat.chainerx
onnx_chainer | chaingrad.onnx
    export@chaingrad.onnx.front export_testcase@chaingrad.onnx.front replace_func
"""


class Path(NamedTuple):
    """Where to look for the names of one module path of the reference."""

    module: str  # the module that has the public names
    called_after: str | None  # the public name that a file is called after; None for a package and for `file@module`
    is_family: bool  # whether the public names belong to the package above and not to this one
    files: tuple[str, ...]  # the files of a package
    is_package: bool = True


def read_table() -> dict[str, Path]:
    """Return the table by module path."""
    paths: dict[str, Path] = {}
    files: dict[str, Path] = {}
    package = ''
    for line in _TABLE.strip().splitlines():
        if ' | ' in line:
            package, module = line.split(' | ')
            paths[package] = Path(module.strip('()'), None, module[0] == '(', ())
            continue
        for entry in line.split():
            file, sign, name = re.split(r'([=@]|$)', entry, maxsplit=1)
            row = paths[package]
            paths[package] = row._replace(files=(*row.files, file))
            if sign == '@':
                files[f'{package}.{file}'] = Path(name, None, not name, (), is_package=False)
            else:
                files[f'{package}.{file}'] = Path(row.module, name or file, False, (), is_package=False)
    return {**files, **paths}
