"""A detector of objects: every image has another number of boxes, hard negatives, Huber loss of the matched anchors."""

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L

ANCHORS = np.array([[0, 0, 4, 4], [0, 4, 4, 8], [4, 0, 8, 4], [4, 4, 8, 8], [2, 2, 6, 6]], dtype=np.float32)


def iou(a, b):
    top_left, bottom_right = np.maximum(a[:, None, :2], b[:, :2]), np.minimum(a[:, None, 2:], b[:, 2:])
    inside = np.prod(bottom_right - top_left, axis=2) * (top_left < bottom_right).all(axis=2)
    area = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (a, b)]
    return inside / (area[0][:, None] + area[1] - inside)


def assign(boxes, labels):
    """Targets of every anchor: the differences to its box, and label + 1, or 0 for background."""
    if len(boxes) == 0:
        return np.zeros_like(ANCHORS), np.zeros(len(ANCHORS), dtype=np.int32)
    overlap = iou(ANCHORS, boxes)
    best = overlap.argmax(axis=1)
    conf = np.where(overlap.max(axis=1) > 0.4, labels[best] + 1, 0).astype(np.int32)
    return boxes[best] - ANCHORS, conf


def multibox_loss(locs, confs, gt_locs, gt_confs, k=3):
    positive = gt_confs > 0
    n_positive = positive.sum()
    if n_positive == 0:
        return chainer.Variable(np.zeros((), 'f')), chainer.Variable(np.zeros((), 'f'))
    loc_loss = F.sum(F.huber_loss(locs, gt_locs, 1, reduce='no'), axis=-1)
    loc_loss = F.sum(loc_loss * positive) / n_positive
    shape = gt_confs.shape
    conf_loss = F.softmax_cross_entropy(
        F.reshape(confs, (-1, confs.shape[2])), gt_confs.flatten(), reduce='no'
    )
    conf_loss = F.reshape(conf_loss, shape)
    rank = (conf_loss.data * (positive - 1)).argsort(axis=1).argsort(axis=1)
    hard_negative = rank < (positive.sum(axis=1) * k)[:, None]
    conf_loss = F.sum(F.where(positive | hard_negative, conf_loss, np.zeros(shape, 'f'))) / n_positive
    return loc_loss, conf_loss


def convert(batch, device=None):
    images, boxes, labels = zip(*batch)
    locs, confs = zip(*[assign(b, l) for b, l in zip(boxes, labels)])
    return np.stack(images), np.stack(locs), np.stack(confs)


np.random.seed(0)
batch = [
    (np.random.randn(6).astype('f'), np.array([[0, 0, 4, 5], [4, 5, 8, 8]], 'f'), np.array([1, 0])),
    (np.random.randn(6).astype('f'), np.zeros((0, 4), 'f'), np.zeros(0, 'i')),
    (np.random.randn(6).astype('f'), np.array([[2, 3, 6, 6]], 'f'), np.array([2])),
]
images, gt_locs, gt_confs = chainer.dataset.convert.converter()(convert)(batch, None)
assert gt_confs.tolist() == [[2, 0, 0, 1, 0], [0] * 5, [0, 0, 0, 0, 3]]
net = L.Linear(6, 5 * (4 + 4))
h = F.reshape(net(images), (3, 5, 8))
locs, confs = F.split_axis(h, [4], axis=2)
loc_loss, conf_loss = multibox_loss(locs, confs, gt_locs, gt_confs)

# The same in loops: Huber's loss of the matched; cross entropies of the matched and of the three worst others each.
expected_loc = expected_conf = 0
for i in range(3):
    z = confs.data[i].astype('d')
    entropy = np.log(np.exp(z).sum(axis=1)) - z[range(5), gt_confs[i]]
    matched = np.flatnonzero(gt_confs[i])
    for a in matched:
        d = abs(locs.data[i, a] - gt_locs[i, a])
        expected_loc += np.where(d < 1, d**2 / 2, d - 0.5).sum()
    others = sorted(entropy[gt_confs[i] == 0], reverse=True)[: 3 * len(matched)]
    expected_conf += entropy[matched].sum() + sum(others)
assert np.allclose(loc_loss.data, expected_loc / 3, rtol=1e-5), (loc_loss, expected_loc / 3)
assert np.allclose(conf_loss.data, expected_conf / 3, rtol=1e-5), (conf_loss, expected_conf / 3)

net.cleargrads()
(loc_loss + conf_loss).backward(retain_grad=True)
assert (locs.grad[gt_confs == 0] == 0).all() and (abs(locs.grad[gt_confs > 0]).sum(axis=1) > 0).all()
assert (confs.grad[1] == 0).all()  # the image without boxes
empty = multibox_loss(locs, confs, gt_locs, np.zeros_like(gt_confs))
assert float(empty[0].data) == float(empty[1].data) == 0
