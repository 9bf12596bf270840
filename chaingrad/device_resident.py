"""The base of links and other objects that have arrays on a device and can be moved to another one."""

from chaingrad.autograd.backends import DeviceResident, DeviceResidentsVisitor

__all__ = ['DeviceResident', 'DeviceResidentsVisitor']
