"""What lives on a device and can be moved to another: links and everything like them."""

from chaingrad.autograd.backends import DeviceResident, DeviceResidentsVisitor

__all__ = ['DeviceResident', 'DeviceResidentsVisitor']
