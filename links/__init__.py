"""Links: layers and models. The layers are public as `chaingrad.links`.

Read `link.py`, `chain.py` and `sequential.py` first. Layers lie by family in `connection/`, `normalization/` and
`model/`; what they start from in `initializers/`; saving and loading in `serializers/`; what they report in
`reporter.py`.
"""

from chaingrad.links import (
    sequential,  # noqa: F401 (gives Link what `repeat` makes)
)
from chaingrad.links.connection import Convolution2D, EmbedID, Linear
from chaingrad.links.model import Classifier
from chaingrad.links.normalization import BatchNormalization

__all__ = ['BatchNormalization', 'Classifier', 'Convolution2D', 'EmbedID', 'Linear']


def __dir__() -> list[str]:
    return sorted(__all__)
