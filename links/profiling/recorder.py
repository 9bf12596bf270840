"""The hooks of a profile: they record when links and functions run, and how many bytes come out."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any, NamedTuple

from chaingrad.autograd.function_hook import FunctionHook
from chaingrad.functions.function_hooks import finish_gpu_work
from chaingrad.links.link import Link
from chaingrad.links.link_hook import ForwardPostprocessArgs, ForwardPreprocessArgs, LinkHook

Location = tuple[int, tuple[str, ...]]
"""The number of a model, and the path of a link in it; number -1 stands for what no link called."""

OUTSIDE: Location = (-1, ())


class Event(NamedTuple):
    """A call that has ended.

    `kind` is "link", "forward" or "backward"; `location` the link, of a function the one around it; `name` the class
    of the link or the label of the function; `start` and `seconds` are in seconds since the profile began; `own` is the
    time without other functions that ran inside; `n_bytes` is the size of the outputs, or of the gradients.
    """

    kind: str
    location: Location
    name: str
    start: float
    seconds: float
    own: float
    n_bytes: int


class _Clock:
    """When a function began, and how long others have run inside it."""

    def __init__(self, function: Any, location: Location) -> None:
        self.function = function
        self.location = location
        self.inside = 0.0
        self.start = perf_counter()


class Recorder(FunctionHook):
    """Records functions, and through `links` the links around them."""

    name = 'profile'

    def __init__(self, model: Link | None = None) -> None:
        self.events: list[Event] = []
        self.models: list[Link] = []
        self.links = _LinkRecorder(self)
        self.begin = perf_counter()
        self.running: list[Location] = []  # the links that are being called
        self._names: dict[int, Location] = {}  # by id of the link
        self._clocks: list[_Clock] = []  # of the functions that are running
        if model is not None:
            self.know(model)

    def know(self, model: Link) -> None:
        """Give the links of a model their paths, if they have none."""
        number = len(self.models)
        self.models.append(model)  # kept, so that no other link gets its id
        for path, link in model.namedlinks():
            self._names.setdefault(id(link), (number, tuple(path.split('/')[1:] if path != '/' else ())))

    def locate(self, link: Link) -> Location:
        """Return the path of a link that is called now."""
        if id(link) not in self._names:
            if not self.running:
                self.know(link)
            else:  # one that the model has not registered
                number, path = self.running[-1]
                return number, (*path, link.name or type(link).__name__)
        return self._names[id(link)]

    # Functions

    def forward_preprocess(self, function: Any, in_data: Sequence[Any]) -> None:
        """Start the clock of a forward computation."""
        location = OUTSIDE
        if self.running:
            location = self.running[-1]
        elif self._clocks:
            location = self._clocks[-1].location
        function._node_location = location
        self._start(function, location, in_data)

    def forward_outputs(self, function: Any, outputs: Sequence[Any]) -> None:
        """Record a forward computation."""
        self._stop('forward', function, outputs)

    def backward_preprocess(self, function: Any, in_data: Sequence[Any], out_grad: Sequence[Any]) -> None:
        """Start the clock of a backward computation."""
        self._start(function, function._node_location or OUTSIDE, out_grad)

    def backward_gradients(self, function: Any, gradients: Sequence[Any]) -> None:
        """Record a backward computation."""
        self._stop('backward', function, [getattr(g, 'array', g) for g in gradients if g is not None])

    def _start(self, function: Any, location: Location, arrays: Sequence[Any]) -> None:
        finish_gpu_work(arrays)
        self._clocks.append(_Clock(function, location))

    def _stop(self, kind: str, function: Any, arrays: Sequence[Any]) -> None:
        finish_gpu_work(arrays)
        end = perf_counter()
        clock = self._clocks.pop()
        while clock.function is not function:  # one that an exception interrupted
            clock = self._clocks.pop()
        seconds = end - clock.start
        if self._clocks:
            self._clocks[-1].inside += seconds
        n_bytes = sum([getattr(array, 'nbytes', 0) for array in arrays])
        times = (clock.start - self.begin, seconds, seconds - clock.inside)
        self.events.append(Event(kind, clock.location, function.label, *times, n_bytes))

    def deleted(self, function: Any) -> None:
        """Forget calls that an exception interrupted."""
        self.running.clear()
        self._clocks.clear()


class _LinkRecorder(LinkHook):
    """Tells a Recorder which link is running."""

    name = 'profile'

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.starts: list[float] = []

    def forward_preprocess(self, args: ForwardPreprocessArgs) -> None:
        self.recorder.running.append(self.recorder.locate(args.link))
        self.starts.append(perf_counter())

    def forward_postprocess(self, args: ForwardPostprocessArgs) -> None:
        recorder = self.recorder
        start = self.starts.pop()
        seconds = perf_counter() - start
        location = recorder.running.pop()
        name = type(args.link).__name__
        recorder.events.append(Event('link', location, name, start - recorder.begin, seconds, seconds, 0))

    def forward_failed(self, args: ForwardPreprocessArgs) -> None:
        self.starts.pop()
        self.recorder.running.pop()
