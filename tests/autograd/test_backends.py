"""Devices: NumPy alone, and the ways to a GPU with a small stand-in for CuPy."""

import contextlib
import subprocess
import sys
import types

import numpy as np
import pytest

from chaingrad.autograd import backends
from chaingrad.autograd.backends import DeviceResident, DeviceResidentsVisitor, cuda, device
from chaingrad.autograd.variable import Variable


class FakeArray:
    """An array on a pretended GPU: NumPy inside, and no np.ndarray."""

    def __init__(self, array, gpu):
        self.inside, self.device = np.array(array), gpu

    shape = property(lambda self: self.inside.shape)
    dtype = property(lambda self: self.inside.dtype)
    __cuda_array_interface__ = {}

    def get(self, stream=None):
        return self.inside.copy()

    def set(self, array, stream=None):
        self.inside[...] = array

    def copy(self):
        return FakeArray(self.inside, FakeDevice())


class FakeDevice:
    current = [0]

    def __init__(self, device=None):
        self.id = self.current[-1] if device is None else device

    def __eq__(self, other):
        return isinstance(other, FakeDevice) and self.id == other.id

    def __enter__(self):
        self.current.append(self.id)

    def __exit__(self, *exc):
        self.current.pop()

    def use(self):
        self.current[-1] = self.id


def fake_copyto(dst, src):
    dst.inside[...] = src.inside


@pytest.fixture
def cupy(monkeypatch):
    """Put the stand-in where CuPy would be."""
    module = types.ModuleType('cupy')
    module.ndarray = FakeArray
    module.asarray = lambda a: a if isinstance(a, FakeArray) else FakeArray(a, FakeDevice())
    module.empty = lambda shape, dtype: FakeArray(np.empty(shape, dtype), FakeDevice())
    module.empty_like = lambda a: FakeArray(np.empty_like(a.inside), FakeDevice())
    module.copyto = fake_copyto
    module.memoize = lambda for_each_device: lambda function: function
    module.clear_memo = lambda: None
    module.ElementwiseKernel = lambda *args, **kwargs: ('elementwise', args, kwargs)
    module.ReductionKernel = lambda *args, **kwargs: ('reduction', args, kwargs)
    module.RawKernel = lambda *args, **kwargs: ('raw', args, kwargs)
    stream = types.SimpleNamespace(null=contextlib.nullcontext())
    runtime = types.SimpleNamespace(getDeviceCount=lambda: 2)
    module.cuda = types.SimpleNamespace(Device=FakeDevice, Stream=stream, runtime=runtime)
    monkeypatch.setitem(sys.modules, 'cupy', module)
    cuda._find_cupy.cache_clear()
    yield module
    cuda._find_cupy.cache_clear()


@pytest.fixture
def no_cupy(monkeypatch):
    """Hide CuPy where it is installed."""
    monkeypatch.setitem(sys.modules, 'cupy', None)
    cuda._find_cupy.cache_clear()
    yield
    cuda._find_cupy.cache_clear()


class Holder(DeviceResident):
    def __init__(self, array, child=None):
        super().__init__()
        self.array, self.child = array, child

    def device_resident_accept(self, visitor):
        super().device_resident_accept(visitor)
        self.array = visitor.visit_array(self.array)
        if self.child is not None:
            self.child.device_resident_accept(visitor)


@pytest.mark.parametrize(
    'spec', ['@numpy', '-1', -1, np.int64(-3), np, (np, 0), backends.CpuDevice(), cuda.DummyDevice]
)
def test_cpu_specifications(spec):
    assert backends.get_device(spec) == backends.CpuDevice()


@pytest.mark.parametrize('spec', ['numpy', '@cupy:x', 'native:0', '@intel64', None, True, 1.5, (1, 2, 3), sys])
def test_unknown_specification_is_named(spec):
    with pytest.raises(ValueError, match='get_device: device_spec must be'):
        backends.get_device(spec)


@pytest.mark.parametrize(
    'call',
    [
        lambda: backends.get_device('@cupy:0'),
        lambda: backends.get_device(0),
        lambda: backends.using_device('@cupy'),
        lambda: cuda.to_gpu(np.ones(2)),
        lambda: cuda.check_cuda_available(),
        lambda: cuda.get_device_from_id(0),
        lambda: cuda.get_device(0),
        lambda: cuda.Device(0),
        lambda: cuda.Stream(),
        lambda: cuda.ndarray(),
        lambda: cuda.cupy.zeros(3),
        lambda: cuda.copy(np.ones(2)),
        lambda: cuda.elementwise('T x', 'T y', 'y = x', 'same'),
        lambda: cuda.reduce('T x', 'T y', 'x', 'a + b', 'y = a', '0', 'sum'),
        lambda: cuda.raw('', 'f'),
        lambda: DeviceResident().to_device('@cupy'),
    ],
)
def test_missing_cupy_is_named(call, no_cupy):
    with pytest.raises(RuntimeError, match='CuPy is not installed.*gpu'):
        call()


def test_without_cupy(no_cupy):
    assert cuda.available is False
    assert not isinstance(np.ones(1), cuda.ndarray)
    assert backends.get_array_module(np.ones(1), Variable(np.ones(1)), 3.0, None) is np
    assert cuda.get_array_module is backends.get_array_module
    assert cuda.get_device_from_id(-1) is cuda.get_device_from_id(None) is cuda.get_device(-1) is cuda.DummyDevice
    assert cuda.get_device_from_array(np.ones(1)) is cuda.get_device(np.ones(1)) is cuda.DummyDevice
    with cuda.DummyDevice as dummy:
        dummy.use()
        dummy.synchronize()
        assert dummy.id == int(dummy) == -1
    assert backends.get_device_from_array(np.ones(1), None) == backends.CpuDevice()
    assert backends.get_array_types() == (np.ndarray,) == backends.get_cpu_array_types()
    assert {'available', 'cupy', 'ndarray', 'to_cpu'} <= set(dir(cuda))
    cuda.clear_memo()
    with pytest.raises(AttributeError, match='nothing'):
        cuda.nothing  # noqa: B018


def test_cupy_without_gpu(cupy):
    cupy.cuda.runtime.getDeviceCount = lambda: 0
    assert cuda.available is False
    with pytest.raises(RuntimeError, match='finds no GPU'):
        cuda.to_gpu(np.ones(2))


def test_broken_driver(cupy):
    def fail():
        raise OSError('no driver')

    cupy.cuda.runtime.getDeviceCount = fail
    assert cuda.available is False


@pytest.mark.behaviour('repr-device')
def test_cpu_device():
    cpu = backends.get_device('@numpy')
    x = np.ones(2)
    assert str(cpu) == cpu.name == '@numpy' and repr(cpu) == '<CpuDevice (numpy)>'
    assert cpu.xp is np and cpu.supported_array_types == (np.ndarray,)
    assert cpu.send(x) is x and cpu.is_array_supported(x) and not cpu.is_array_supported([1])
    assert cpu.from_array(x) == cpu and cpu.from_array([1.0]) is None
    assert {cpu, backends.CpuDevice()} == {cpu} and cpu != '@numpy'
    sent = cpu.send([x, (None, np.float32(2))])
    assert sent[0] is x and sent[1][0] is None and sent[1][1].shape == () and sent[1][1].dtype == np.float32
    with pytest.raises(TypeError, match='str'):
        cpu.send('x')
    with backends.using_device('@numpy') as used:
        assert used == cpu
    cpu.use()
    with pytest.raises(NotImplementedError, match='send_array'):
        backends.Device().send(x)


def test_to_cpu_and_copyto():
    x = np.ones(2)
    assert cuda.to_cpu(x) is x and cuda.to_cpu(None) is None
    assert cuda.to_cpu(2.0).shape == ()
    assert cuda.to_cpu((x, [x]))[1][0] is x
    with pytest.raises(TypeError, match='to_cpu.*Variable'):
        cuda.to_cpu(Variable(x))
    dst = np.zeros((2, 2))
    backends.copyto(dst, np.array([1.0, 2.0]))
    np.testing.assert_array_equal(dst, [[1, 2], [1, 2]])
    with pytest.raises(TypeError, match='copyto: dst must be an array, but it is list'):
        backends.copyto([0.0], x)
    with pytest.raises(ValueError):
        backends.copyto(dst, np.ones(3))


def test_compatible_arrays(cupy):
    x, g = np.ones(2), cupy.asarray(np.ones(2))
    assert backends.is_arrays_compatible([x, None, x]) and backends.is_arrays_compatible([g, g])
    assert not backends.is_arrays_compatible([x, g])
    assert device.is_array(x) and device.is_array(g) and not device.is_array([1.0])


def test_gpu_devices(cupy):
    gpu = backends.get_device('@cupy:1')
    assert isinstance(gpu, backends.GpuDevice) and gpu.name == '@cupy:1' and gpu.xp is cupy
    for spec in (1, '1', (cupy, 1), ('@cupy', 1), FakeDevice(1), gpu):
        assert backends.get_device(spec) == gpu
    assert backends.get_device(cupy).name == backends.get_device('@cupy').name == '@cupy:0'
    assert gpu != backends.CpuDevice()
    with backends.using_device(gpu) as used:
        assert used is gpu and FakeDevice().id == 1
    assert FakeDevice().id == 0
    gpu.use()
    assert FakeDevice().id == 1
    backends.get_device(0).use()
    with pytest.raises(ValueError, match='device_id must be 0 or more, but -1'):
        backends.GpuDevice.from_device_id(-1)
    with pytest.raises(TypeError, match='device must be a cuda.Device'):
        backends.GpuDevice(1)


def test_transfers(cupy):
    x = np.arange(3.0)
    g = cuda.to_gpu(x, device=1)
    assert isinstance(g, cuda.ndarray) and cuda.available and cuda.cupy is cupy and cuda.Device is FakeDevice
    assert g.device.id == 1
    assert cuda.to_gpu(g, 1) is g and cuda.to_gpu(g, 0).device.id == 0
    assert cuda.to_gpu(x).device.id == 0 and cuda.to_gpu(x, backends.get_device(1)).device.id == 1
    assert cuda.to_gpu([None, 2.0])[1].shape == ()
    assert cuda.to_gpu(x, stream=object()).get().tolist() == [0, 1, 2]
    with pytest.raises(TypeError, match='to_gpu'):
        cuda.to_gpu('x')
    np.testing.assert_array_equal(cuda.to_cpu(g), x)
    gpu = backends.get_device_from_array(x, g)
    assert gpu.name == '@cupy:1' and gpu.is_array_supported(g) and not gpu.is_array_supported(x)
    assert not backends.get_device(0).is_array_supported(g)
    assert backends.GpuDevice.from_array(g) == gpu and backends.GpuDevice.from_array(x) is None
    assert backends.get_array_module(x, g) is cupy and backends.get_array_module(x) is np
    assert backends.get_array_module(types.SimpleNamespace(array=g)) is cupy
    assert cuda.get_device_from_array(x, g).id == cuda.get_device(g).id == cuda.get_device(FakeDevice(1)).id == 1
    assert cuda.get_device_from_id(1).id == 1
    assert backends.get_array_types() == (np.ndarray, FakeArray)
    assert isinstance(backends.get_device('@numpy').send(g), np.ndarray)


def test_copies_on_gpu(cupy):
    a, b = cuda.to_gpu(np.arange(3.0)), cuda.to_gpu(np.zeros(3))
    assert cuda.copy(a).get().tolist() == [0, 1, 2]
    assert cuda.copy(a, out=b) is b and b.get().tolist() == [0, 1, 2]
    assert cuda.copy(a, out_device=1).device.id == 1
    with pytest.raises(TypeError, match='both given'):
        cuda.copy(a, out=b, out_device=1)
    backends.copyto(b, np.full(3, 7.0))
    assert b.get().tolist() == [7, 7, 7]
    y = np.zeros(3)
    backends.copyto(y, b)
    assert y.tolist() == [7, 7, 7]


def test_kernels(cupy):
    assert cuda.elementwise('T x', 'T y', 'y = x', 'same')[0] == 'elementwise'
    assert cuda.reduce('T x', 'T y', 'x', 'a + b', 'y = a', '0', 'sum', options=('-O3',))[2] == {'options': ('-O3',)}
    assert cuda.raw('code', 'f')[1] == ('code', 'f')
    cuda.clear_memo()


def test_workspace_size():
    before = cuda.get_max_workspace_size()
    cuda.set_max_workspace_size(5)
    assert cuda.get_max_workspace_size() == 5
    cuda.set_max_workspace_size(before)


@pytest.mark.filterwarnings('ignore:to_.pu is deprecated')
def test_residents_move(cupy):
    child = Holder(np.ones(2))
    parent = Holder(np.zeros(2), child)
    assert parent.xp is np and parent.device == backends.CpuDevice()
    assert parent.to_gpu(1) is parent
    assert parent.device == child.device == backends.get_device(1) and child.xp is cupy
    assert child.array.device.id == 1
    parent.to_gpu(0)
    assert child.array.device.id == 1, 'to_gpu leaves alone what is on another GPU'
    parent.to_device('@cupy:0')
    assert child.array.device.id == 0
    parent.to_cpu()
    assert isinstance(child.array, np.ndarray) and child.device == backends.CpuDevice()


def test_residents_move_parameters(cupy):
    class Parameter:
        array = None

        def to_device(self, device):
            self.moved_to = device

    class Owner(DeviceResident):
        def device_resident_accept(self, visitor):
            super().device_resident_accept(visitor)
            visitor.visit_variable(self.parameter)

    owner = Owner()
    owner.parameter = Parameter()
    owner.to_device('@cupy')
    assert owner.parameter.moved_to.name == '@cupy:0', 'a parameter without array remembers the device'


@pytest.mark.filterwarnings('ignore:to_gpu is deprecated')
def test_overridden_to_gpu_is_called_for_children(cupy):
    class Old(Holder):
        extra = np.ones(3)

        def to_gpu(self, device=None):
            super().to_gpu(device)
            self.extra = cuda.to_gpu(self.extra, device)
            return self

    old = Old(np.ones(1))
    Holder(np.ones(1), old).to_gpu(1)
    assert old.extra.device.id == 1 and old.array.device.id == 1
    own = Old(np.ones(1)).to_gpu(1)
    assert own.extra.device.id == 1


def test_visitor_sees_everything():
    class Count(DeviceResidentsVisitor):
        seen = ()

        def visit_device_resident(self, device_resident):
            self.seen += (device_resident,)

    count = Count()
    parent = Holder(np.zeros(2), Holder(np.ones(2)))
    parent.device_resident_accept(count)
    assert count.seen == (parent, parent.child)
    parent.device_resident_accept(DeviceResidentsVisitor())


def test_import_loads_no_cupy():
    code = 'import sys, chaingrad.autograd.backends; assert "cupy" not in sys.modules'
    subprocess.run([sys.executable, '-c', code], check=True)
