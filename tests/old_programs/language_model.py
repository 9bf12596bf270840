"""A character model with a stateful LSTM: truncated backpropagation, gradient clipping, an Iterator of one's own."""

import copy

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import training
from chainer.training import extensions


class RNNForLM(chainer.Chain):
    def __init__(self, n_vocab, n_units):
        super(RNNForLM, self).__init__()
        with self.init_scope():
            self.embed = L.EmbedID(n_vocab, n_units)
            self.l1 = L.LSTM(n_units, n_units)
            self.l2 = L.Linear(n_units, n_vocab)
        for param in self.params():
            param.data[...] = np.random.uniform(-0.3, 0.3, param.data.shape)

    def reset_state(self):
        self.l1.reset_state()

    def __call__(self, x):
        return self.l2(F.dropout(self.l1(self.embed(x)), 0.1))


class ParallelSequentialIterator(chainer.dataset.Iterator):
    def __init__(self, dataset, batch_size, repeat=True):
        self.dataset = dataset
        self.batch_size = batch_size
        self.epoch = 0
        self.is_new_epoch = False
        self.repeat = repeat
        self.offsets = [i * len(dataset) // batch_size for i in range(batch_size)]
        self.iteration = 0
        self._previous_epoch_detail = -1.0

    def __next__(self):
        length = len(self.dataset)
        if not self.repeat and self.iteration * self.batch_size >= length:
            raise StopIteration
        cur_words = self.get_words()
        self._previous_epoch_detail = self.epoch_detail
        self.iteration += 1
        next_words = self.get_words()
        epoch = self.iteration * self.batch_size // length
        self.is_new_epoch = self.epoch < epoch
        if self.is_new_epoch:
            self.epoch = epoch
        return list(zip(cur_words, next_words))

    @property
    def epoch_detail(self):
        return self.iteration * self.batch_size / len(self.dataset)

    @property
    def previous_epoch_detail(self):
        return None if self._previous_epoch_detail < 0 else self._previous_epoch_detail

    def get_words(self):
        return [self.dataset[(offset + self.iteration) % len(self.dataset)] for offset in self.offsets]

    def serialize(self, serializer):
        self.iteration = serializer('iteration', self.iteration)
        self.epoch = serializer('epoch', self.epoch)


class BPTTUpdater(training.updaters.StandardUpdater):
    def __init__(self, train_iter, optimizer, bprop_len, device):
        super(BPTTUpdater, self).__init__(train_iter, optimizer, device=device)
        self.bprop_len = bprop_len

    def update_core(self):
        loss = 0
        train_iter = self.get_iterator('main')
        optimizer = self.get_optimizer('main')
        for _ in range(self.bprop_len):
            batch = train_iter.__next__()
            x, t = self.converter(batch, self.device)
            loss += optimizer.target(x, t)
        optimizer.target.cleargrads()
        loss.backward()
        loss.unchain_backward()
        optimizer.update()


np.random.seed(0)
text = 'abcabd' * 60
vocab = {c: i for i, c in enumerate(sorted(set(text)))}
data = np.array([vocab[c] for c in text], dtype=np.int32)

model = L.Classifier(RNNForLM(len(vocab), 12))
model.compute_accuracy = False
optimizer = chainer.optimizers.SGD(lr=1.0)
optimizer.setup(model)
optimizer.add_hook(chainer.optimizer.GradientClipping(5))
updater = BPTTUpdater(ParallelSequentialIterator(data, 6), optimizer, 12, -1)
trainer = training.Trainer(updater, (15, 'epoch'), out='result')

eval_model = model.copy()
eval_rnn = eval_model.predictor
trainer.extend(
    extensions.Evaluator(
        ParallelSequentialIterator(data, 1, repeat=False),
        eval_model,
        device=-1,
        eval_hook=lambda _: eval_rnn.reset_state(),
    )
)
trainer.extend(
    extensions.LogReport(postprocess=lambda log: log.update(perplexity=float(np.exp(log['main/loss']))))
)
trainer.run()

last = trainer.get_extension('LogReport').log[-1]
assert last['perplexity'] < 1.35 and last['validation/main/loss'] < 0.5, last
assert copy.copy(updater.get_iterator('main')).epoch == 15
