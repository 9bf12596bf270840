"""When adding machines stops to pay: a cost model of data-parallel training, a simulation, and a check of both here.

python -m benchmarks.scaling                        the tables of docs/several-machines.md
mpiexec -n 4 python -m benchmarks.scaling --check   predicted and measured times of steps on this machine
"""
