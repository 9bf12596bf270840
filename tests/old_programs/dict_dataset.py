"""Someone whose model takes several named inputs: a dataset of dicts, converted and handed over by keyword."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import training
from chainer.training import extensions


class Purchases(chainer.dataset.DatasetMixin):
    """Every example is a dict: some numbers, a list of items of any length, a label."""

    def __init__(self, n, seed):
        rng = np.random.RandomState(seed)
        self.age = rng.uniform(-1, 1, (n, 2)).astype('f')
        self.items = [rng.randint(0, 6, rng.randint(1, 5)).astype('i') for _ in range(n)]

    def __len__(self):
        return len(self.age)

    def get_example(self, i):
        label = np.float32(self.age[i].sum() + weights[self.items[i]].sum())
        return {'age': self.age[i], 'items': self.items[i], 't': label}


class Model(chainer.Chain):
    def __init__(self):
        super(Model, self).__init__()
        with self.init_scope():
            self.linear = L.Linear(2, 1)
            self.embed = L.EmbedID(6, 1, initialW=0, ignore_label=-1)

    def predict(self, age, items):
        return F.flatten(self.linear(age)) + F.sum(self.embed(items), axis=(1, 2))

    def __call__(self, t, items, age):
        loss = F.mean_squared_error(self.predict(age=age, items=items), t)
        chainer.report({'loss': loss, 'error': F.mean_absolute_error(self.predict(age, items), t)}, self)
        return loss


def convert(batch, device):
    return chainer.dataset.concat_examples(batch, device, padding={'age': None, 'items': -1, 't': None})


weights = np.array([0, 1, 2, -1, -2, 0.5], dtype='f')
np.random.seed(0)
train, test = Purchases(80, 0), Purchases(31, 1)
assert set(train[0]) == {'age', 'items', 't'} and len(train[3:6]) == 3

batch = convert([train[i] for i in range(5)], None)
longest = max(len(items) for items in train.items[:5])
assert batch['items'].shape == (5, longest) and batch['items'].dtype == np.int32 and batch['age'].shape == (5, 2)
assert (batch['items'][0, len(train.items[0]) :] == -1).all() and batch['t'].shape == (5,)

model = Model()
model.cleargrads()
model(**batch).backward()
grads = [param.grad for param in model.params()]
model.cleargrads()
for i in range(5):  # one example at a time, without padding
    example = {key: value[None] for key, value in train[i].items()}
    (model(**example) / 5).backward()
assert all(np.allclose(param.grad, grad, atol=1e-5) for param, grad in zip(model.params(), grads))

optimizer = chainer.optimizers.Adam(alpha=0.1).setup(model)
updater = training.StandardUpdater(chainer.iterators.SerialIterator(train, 16), optimizer, converter=convert)
trainer = training.Trainer(updater, (40, 'epoch'), out='result')
test_iter = chainer.iterators.SerialIterator(test, 8, repeat=False, shuffle=False)
trainer.extend(extensions.Evaluator(test_iter, model, converter=convert))
trainer.extend(extensions.LogReport())
trainer.run()
entry = trainer.get_extension('LogReport').log[-1]
assert entry['validation/main/error'] < 0.1 and entry['main/loss'] < 0.01, entry

# A DictDataset of arrays does as well.
columns = chainer.datasets.DictDataset(age=train.age, t=np.arange(80, dtype='f'))
assert columns[7]['t'] == 7 and (columns[7]['age'] == train.age[7]).all()
both = chainer.dataset.concat_examples(columns[2:4])
assert both['t'].tolist() == [2, 3]
