"""Someone with sentences of many lengths: an iterator that makes buckets, a converter that pads, in a Trainer."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import training
from chainer.training import extensions

PAD = -1


class BucketIterator(chainer.dataset.Iterator):
    def __init__(self, dataset, batch_size, repeat=True):
        self.dataset = dataset
        self.batch_size = batch_size
        self.repeat = repeat
        order = sorted(range(len(dataset)), key=lambda i: len(dataset[i][0]))
        self.batches = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
        self.epoch, self.current, self.is_new_epoch = 0, 0, False

    def __next__(self):
        if not self.repeat and self.epoch > 0:
            raise StopIteration
        batch = [self.dataset[i] for i in self.batches[self.current]]
        self.current += 1
        self.is_new_epoch = self.current == len(self.batches)
        if self.is_new_epoch:
            self.epoch, self.current = self.epoch + 1, 0
        return batch

    @property
    def epoch_detail(self):
        return self.epoch + self.current / float(len(self.batches))

    def serialize(self, serializer):
        self.current = serializer('current', self.current)
        self.epoch = serializer('epoch', self.epoch)


def convert(batch, device=None):
    xs, ts = chainer.dataset.concat_examples(batch, device, padding=(PAD, None))
    paddings.append(int((xs == PAD).sum()))
    assert (xs != PAD).any(axis=0).all()  # no column of padding alone
    return xs, ts


class BagOfWords(chainer.Chain):
    def __init__(self, n_vocab):
        super(BagOfWords, self).__init__()
        with self.init_scope():
            self.embed = L.EmbedID(n_vocab, 1, initialW=0, ignore_label=PAD)

    def __call__(self, xs, ts):
        loss = F.mean_squared_error(F.sum(self.embed(xs), axis=(1, 2)), ts)
        chainer.report({'loss': loss}, self)
        return loss


np.random.seed(0)
values = np.array([0.0, 1, -1, 2, 0.5], dtype=np.float32)
dataset = []
for _ in range(60):
    words = np.random.randint(0, 5, np.random.randint(1, 12)).astype(np.int32)
    dataset.append((words, values[words].sum()))

paddings = []
model = BagOfWords(5)
optimizer = chainer.optimizers.AdaGrad(lr=0.3)
optimizer.setup(model)
updater = training.StandardUpdater(BucketIterator(dataset, 10), optimizer, converter=convert)
trainer = training.Trainer(updater, (30, 'epoch'), out='result')
trainer.extend(extensions.Evaluator(BucketIterator(dataset, 7, repeat=False), model, converter=convert))
trainer.extend(extensions.LogReport(trigger=(10, 'epoch')))
trainer.run()

# Six batches an epoch for training, nine for the Evaluator, once each; few paddings because of the buckets.
assert updater.iteration == 180 and len(paddings) == 30 * (6 + 9)
log = trainer.get_extension('LogReport').log
assert [entry['epoch'] for entry in log] == [10, 20, 30] and 'validation/main/loss' in log[-1]
lengths = sorted(len(words) for words, _ in dataset)
assert sum(paddings[:6]) == sum(10 * max(lengths[i : i + 10]) - sum(lengths[i : i + 10]) for i in range(0, 60, 10))
assert np.allclose(model.embed.W.data[:, 0], values, atol=0.03), model.embed.W.data
