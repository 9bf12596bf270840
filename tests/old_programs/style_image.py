"""A hobbyist of style transfer: the image is the only parameter, a fixed network says how it should look."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L


class Features(chainer.Chain):
    def __init__(self):
        super(Features, self).__init__()
        with self.init_scope():
            self.conv1 = L.Convolution2D(3, 6, 3, pad=1)
            self.conv2 = L.Convolution2D(6, 8, 3, pad=1)

    def __call__(self, x):
        h1 = F.relu(self.conv1(x))
        h2 = F.relu(self.conv2(F.average_pooling_2d(h1, 2)))
        return {'data': x, 'conv1': h1, 'conv2': h2}


def gram_matrix(y):
    b, ch, h, w = y.shape
    features = F.reshape(y, (b, ch, h * w))
    return F.batch_matmul(features, features, transb=True) / np.float32(ch * h * w)


def total_variation(x):
    return F.sum((x[:, :, 1:] - x[:, :, :-1]) ** 2) + F.sum((x[:, :, :, 1:] - x[:, :, :, :-1]) ** 2)


np.random.seed(0)
vgg = Features()
weights = [param.data.copy() for param in vgg.params()]
style = np.random.uniform(-1, 1, (1, 3, 12, 12)).astype(np.float32)
content = np.sin(np.arange(432, dtype=np.float32)).reshape(1, 3, 12, 12)
with chainer.using_config('enable_backprop', False):
    grams = {name: gram_matrix(h).data for name, h in vgg(style).items()}
    wanted = vgg(content)['conv2']
assert wanted.creator is None

image = L.Parameter(np.random.uniform(-0.1, 0.1, (1, 3, 12, 12)).astype(np.float32))
optimizer = chainer.optimizers.Adam(alpha=0.05)
optimizer.setup(image)

# The gradient of the squared difference of Gram matrices of the image itself, by its formula.
image.cleargrads()
F.sum(F.squared_difference(gram_matrix(image.W), grams['data'])).backward()
f, size = image.W.data.reshape(3, -1), np.float32(432)
expected = 4 / size * (f.dot(f.T) / size - grams['data'][0]).dot(f)
assert np.allclose(image.W.grad.reshape(3, -1), expected, rtol=1e-4, atol=1e-8)

losses = []
for iteration in range(60):
    image.cleargrads()
    vgg.cleargrads()
    layers = vgg(image())
    loss_style = sum(F.mean_squared_error(gram_matrix(layers[name]), grams[name]) for name in sorted(grams))
    loss_content = F.mean_squared_error(layers['conv2'], wanted)
    loss = 100 * loss_style + loss_content + 1e-4 * total_variation(image.W)
    loss.backward()
    optimizer.update()
    losses.append(float(loss.data))
assert losses[-1] < 0.15 * losses[0], (losses[0], losses[-1])
assert all((param.data == weight).all() for param, weight in zip(vgg.params(), weights))
assert optimizer.t == 60 and list(image.params()) == [image.W]
