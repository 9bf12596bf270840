"""Names of PyTorch, Keras and NumPy, and what to write in their place; `habits.py` looks up a name that is missing.

Each line is `name: what to write`, several names with one answer on one line. What follows `;` is a remark.
"""

VARIABLE = """
    add_ mul_ sub_ div_ copy_ zero_ fill_: x = x + y; nothing changes a Variable in place
    all: x.array.all()
    any: x.array.any()
    bool int long short: F.cast(x, 'int32')
    bmm mm mv: F.matmul(x, y)
    chunk split tensor_split: F.split_axis(x, sections, axis)
    clamp: x.clip(low, high)
    clone copy: F.identity(x); or copy.copy(x), with the same array
    contiguous: x; functions take arrays in any memory order
    cpu: x.to_cpu(); it moves the array and returns nothing
    cuda: x.to_gpu(); it moves the array and returns nothing
    detach detach_: Variable(x.array); it starts a new graph, and x.unchain() cuts this one
    dim: x.ndim
    double: F.cast(x, 'float64')
    eq ge gt le lt ne: x.array == y.array
    expand expand_as: F.broadcast_to(x, shape)
    float: F.cast(x, 'float32')
    gather: F.select_item(x, t)
    grad_fn: x.creator
    half: F.cast(x, 'float16')
    is_leaf: x.creator is None
    masked_fill: F.where(mask, value, x)
    mul: x * y
    nelement numel: x.size
    new_ones new_zeros: Variable(x.xp.zeros(shape, x.dtype))
    norm: F.sqrt(F.sum(x * x))
    numpy: x.array
    permute: x.transpose(1, 0)
    register_hook: chaingrad.FunctionHook; or read x.grad after loss.backward(retain_grad=True)
    requires_grad_: Variable(x.array, requires_grad=True); it is chosen when a Variable is made
    retain_grad: loss.backward(retain_grad=True)
    std: F.sqrt(F.mean(F.square(x - F.mean(x))))
    t: x.T
    to: x.to_device('@numpy'), or F.cast(x, dtype)
    type type_as: F.cast(x, dtype)
    unsqueeze: F.expand_dims(x, axis)
    var: F.mean(F.square(x - F.mean(x)))
    view view_as: x.reshape(shape)
    zero_grad: x.cleargrad()
"""

LINK = """
    add: model.append(layer); of a Sequential
    add_module: model.add_link(name, link); or assign it inside `with self.init_scope():`
    apply: for link in model.links(): ...
    bfloat16 double float half: chaingrad.config.dtype = 'float16'; before the model is made
    bias: layer.b
    buffers named_buffers: model.add_persistent(name, value)
    build: model(x); the first call gives every layer its sizes
    call: model(x); which calls the forward that you define
    compile: optimizer = chaingrad.optimizers.Adam().setup(model)
    cpu: model.to_cpu()
    cuda: model.to_gpu()
    eval: with chaingrad.using_config('train', False): ...
    evaluate: chaingrad.training.extensions.Evaluator(test_iter, model)
    fit fit_generator: trainer = training.Trainer(updater, (20, 'epoch')); trainer.run()
    get_weights: dict(model.namedparams())
    kernel: layer.W
    layers: list(model.children())
    load load_state_dict load_weights: chaingrad.serializers.load_npz('model.npz', model)
    modules: model.links()
    named_children named_modules: model.namedlinks()
    named_parameters: model.namedparams()
    parameters trainable_variables trainable_weights: model.params()
    predict: with chaingrad.using_config('train', False), chaingrad.no_backprop_mode(): y = model(x)
    register_buffer: model.add_persistent(name, value)
    register_forward_hook register_forward_pre_hook: model.add_hook(hook); a chaingrad.LinkHook
    register_parameter: model.add_param(name, shape); or assign it inside `with self.init_scope():`
    requires_grad_ trainable: model.disable_update(); after optimizer.setup(model)
    save save_weights: chaingrad.serializers.save_npz('model.npz', model)
    set_weights: model.copyparams(other)
    state_dict: chaingrad.serializers.save_npz('model.npz', model), or dict(model.namedparams())
    summary: chaingrad.summary(model, x)
    to: model.to_device('@cupy:0')
    train: with chaingrad.using_config('train', True): ...; True is the default
    training: chaingrad.config.train
    weight: layer.W
    zero_grad: model.cleargrads()
"""

OPTIMIZER = """
    add_param_group: param.update_rule.hyperparam; for single parameters
    apply_gradients step: optimizer.update(); after loss.backward(), or optimizer.update(lossfun, x, t)
    clip_grad_norm clip_grad_norm_ clipnorm: optimizer.add_hook(chaingrad.optimizer_hooks.GradientClipping(threshold))
    clip_grad_value_ clipvalue: optimizer.add_hook(chaingrad.optimizer_hooks.GradientHardClipping(low, high))
    get_lr learning_rate lr: optimizer.{rate}
    load_state_dict: chaingrad.serializers.load_npz('optimizer.npz', optimizer)
    minimize: optimizer.update(lossfun, x, t)
    param_groups: optimizer.hyperparam
    state: param.update_rule.state
    state_dict: chaingrad.serializers.save_npz('optimizer.npz', optimizer)
    zero_grad: model.cleargrads(); optimizer.update(lossfun, x, t) does so itself
"""

TRAINER = """
    add_callback callbacks on: trainer.extend(extension, trigger=(1, 'epoch'))
    current_epoch epoch: trainer.updater.epoch
    evaluate predict test validate: trainer.extend(extensions.Evaluator(test_iter, model))
    fit start train: trainer.run()
    global_step iteration: trainer.updater.iteration
    history log logs: trainer.observation; extensions.LogReport keeps what was reported
    model: trainer.updater.get_optimizer('main').target
    optimizer: trainer.updater.get_optimizer('main')
    resume: chaingrad.serializers.load_npz('result/snapshot_iter_500', trainer)
    save_checkpoint: trainer.extend(extensions.snapshot())
"""

FRONT_DOOR = """
    DataLoader: chaingrad.iterators.SerialIterator(dataset, batch_size)
    Dataset: chaingrad.dataset.DatasetMixin
    GradientTape: loss.backward(); every function is recorded without a tape
    Input Tensor array as_tensor asarray constant from_numpy tensor: Variable(np.array(..., dtype=np.float32))
    Model Module: chaingrad.Chain
    ModuleList: chaingrad.ChainList
    arange empty eye full linspace ones ones_like rand randn zeros zeros_like: Variable(np.zeros(shape, np.float32))
    bool float16 float32 float64 int32 int64: np.float32; dtypes are NumPy's
    compile jit: model(x); nothing is compiled
    device: chaingrad.get_device('@cupy:0')
    enable_grad: with chaingrad.force_backprop_mode(): ...
    inference_mode no_grad: with chaingrad.no_backprop_mode(): ...
    is_grad_enabled: chaingrad.config.enable_backprop
    keras layers nn: chaingrad.links for layers, chaingrad.functions for functions
    load: chaingrad.serializers.load_npz('model.npz', model)
    manual_seed seed: chaingrad.set_seed(0)
    optim: chaingrad.optimizers
    save: chaingrad.serializers.save_npz('model.npz', model)
    set_default_dtype: chaingrad.config.dtype = 'float64'
    set_num_threads: chaingrad.set_threads(1)
    set_grad_enabled: with chaingrad.using_config('enable_backprop', False): ...
"""

FUNCTIONS = """
    abs: F.absolute(x)
    adaptive_avg_pool2d global_avg_pool2d: F.average(x, axis=(2, 3))
    multiply mul subtract divide div: x * y
    avg_pool1d: F.average_pooling_1d(x, ksize)
    avg_pool2d: F.average_pooling_2d(x, ksize)
    batch_norm: F.batch_normalization(x, gamma, beta)
    binary_cross_entropy: F.sigmoid_cross_entropy(x, t); with x before the sigmoid and integer t
    binary_cross_entropy_with_logits binary_crossentropy: F.sigmoid_cross_entropy(x, t); with integer t
    bmm mm mv dot: F.matmul(a, b)
    cat concatenate: F.concat(xs, axis=1)
    categorical_crossentropy cross_entropy nll_loss sparse_categorical_crossentropy: F.softmax_cross_entropy(x, t)
    chunk split: F.split_axis(x, sections, axis)
    clamp: F.clip(x, low, high)
    conv1d: F.convolution_1d(x, W)
    conv2d: F.convolution_2d(x, W)
    conv3d: F.convolution_3d(x, W)
    conv_transpose1d: F.deconvolution_1d(x, W)
    conv_transpose2d: F.deconvolution_2d(x, W)
    cosine_similarity: F.sum(F.normalize(a) * F.normalize(b), axis=1)
    dense: F.linear(x, W, b)
    embedding: F.embed_id(x, W)
    gather: F.select_item(x, t)
    gelu: 0.5 * x * (1 + F.erf(x / 2 ** 0.5))
    group_norm: F.group_normalization(x, groups, gamma, beta)
    hardsigmoid: F.hard_sigmoid(x)
    interpolate upsample: F.resize_images(x, (height, width))
    kl_div: chaingrad.kl_divergence(p, q)
    l1_loss: F.mean_absolute_error(x, t)
    layer_norm: F.layer_normalization(x, gamma, beta)
    logsigmoid: -F.softplus(-x)
    max_pool1d: F.max_pooling_1d(x, ksize)
    max_pool2d: F.max_pooling_2d(x, ksize)
    mse_loss: F.mean_squared_error(x, t)
    norm: F.sqrt(F.sum(x * x))
    one_hot: np.eye(n, dtype=np.float32)[t]
    permute: F.transpose(x, axes)
    pow: x ** n
    silu: x * F.sigmoid(x)
    smooth_l1_loss: F.huber_loss(x, t, delta=1)
    std: F.sqrt(F.mean(F.square(x - F.mean(x))))
    unsqueeze: F.expand_dims(x, axis)
    var: F.mean(F.square(x - F.mean(x)))
    view: F.reshape(x, shape)
"""

LINKS = """
    AvgPool2d AveragePooling2D: F.average_pooling_2d(x, ksize); a function
    BCELoss BCEWithLogitsLoss: F.sigmoid_cross_entropy(x, t); a function
    BatchNorm1d BatchNorm2d BatchNorm: L.BatchNormalization(size)
    Conv1D Conv1d: L.Convolution1D(in_channels, out_channels, ksize)
    Conv2D Conv2d: L.Convolution2D(in_channels, out_channels, ksize)
    Conv3D Conv3d: L.Convolution3D(in_channels, out_channels, ksize)
    ConvTranspose2d Conv2DTranspose: L.Deconvolution2D(in_channels, out_channels, ksize)
    CrossEntropyLoss NLLLoss: F.softmax_cross_entropy(x, t); a function
    Dense: L.Linear(out_size); the input size is found at the first call
    Dropout Dropout2d: F.dropout(x, ratio); a function, on while chaingrad.config.train is True
    ELU GELU LeakyReLU ReLU Sigmoid Softmax Tanh Activation: F.relu(x); a function
    Embedding: L.EmbedID(in_size, out_size)
    Flatten: F.reshape(x, (len(x), -1)); a function
    GRUCell: L.StatelessGRU(in_size, out_size)
    GroupNorm: L.GroupNormalization(groups)
    InstanceNorm2d: L.GroupNormalization(groups); with as many groups as channels
    L1Loss: F.mean_absolute_error(x, t); a function
    LSTMCell: L.StatelessLSTM(in_size, out_size)
    LayerNorm: L.LayerNormalization(size)
    MSELoss: F.mean_squared_error(x, t); a function
    MaxPool2d MaxPooling2D: F.max_pooling_2d(x, ksize); a function
    Chain Model Module: chaingrad.Chain
    ModuleList ChainList: chaingrad.ChainList
    RNN SimpleRNN: L.NStepRNNTanh(n_layers, in_size, out_size, dropout)
    Sequential: chaingrad.Sequential(layer, layer, ...)
"""

OPTIMIZERS = """
    Adamax NAdam Nadam: optimizers.Adam(alpha)
    GradientClipping WeightDecay: chaingrad.optimizer_hooks
    Optimizer: chaingrad.GradientMethod
    lr_scheduler schedules: chaingrad.training.extensions.ExponentialShift('lr', 0.5)
"""

DATA = """
    ConcatDataset: datasets.ConcatenatedDataset(first, second)
    DataLoader: iterators.SerialIterator(dataset, batch_size); or iterators.MultiprocessIterator
    Dataset: chaingrad.dataset.DatasetMixin
    ImageFolder: datasets.LabeledImageDataset(pairs)
    MNIST: datasets.get_mnist()
    Subset: datasets.SubDataset(dataset, start, finish)
    TensorDataset: datasets.TupleDataset(x, t)
    random_split train_test_split: datasets.split_dataset_random(dataset, first_size)
"""

EXTENSIONS = """
    CosineAnnealingLR: extensions.CosineShift
    EarlyStopping: training.triggers.EarlyStoppingTrigger(...); as the Trainer's stop_trigger
    ExponentialLR: extensions.ExponentialShift('lr', rate)
    LearningRateScheduler LambdaLR ReduceLROnPlateau: extensions.MultistepShift
    ModelCheckpoint Snapshot: extensions.snapshot()
    MultiStepLR: extensions.MultistepShift('lr', gamma, step_value, init)
    OneCycleLR: extensions.OneCycleShift
    StepLR: extensions.StepShift('lr', gamma, step)
"""

# What stands before `;` is a keyword that counts only where the function takes it.
KEYWORDS = """
    activation: ; call the function on the output, such as F.relu(layer(x))
    axes dim dims: axis
    bias use_bias: nobias=True; to leave the bias out
    bias_initializer: initial_bias
    betas: beta1, beta2
    classes n_classes num_classes: out_size
    device: ; call to_device on the model
    dilation: dilate
    embedding_dim hidden_size out_dim out_features output_dim output_size units: out_size
    filters: out_channels
    ignore_index: ignore_label
    in_dim in_features input_dim input_size num_embeddings: in_size
    input_shape: ; the input size is found at the first call
    keepdim: keepdims
    kernel_initializer weight_initializer: initialW
    kernel_size kernel: ksize
    learning_rate lr rate: lr, alpha
    logits: logit
    mean mu: loc
    momentum: momentum, decay; or write optimizers.MomentumSGD(lr, momentum)
    n_worker num_workers: n_processes; or write iterators.MultiprocessIterator
    negative_slope: slope
    nesterov: ; write optimizers.NesterovAG(lr, momentum)
    num_features: size
    num_layers: n_layers
    p rate: ratio
    padding: pad
    params parameters: ; the model goes to optimizer.setup(model)
    probs: p
    reduction: reduce
    std stddev sigma: scale
    strides: stride
    weight: class_weight
    weight_decay: weight_decay_rate; or call optimizer.add_hook(chaingrad.optimizer_hooks.WeightDecay(rate)) after setup
"""
