"""WHERE a run happens: what a machine has, and the record of it that every run keeps."""

from bench.environment.machine import CudaDevice, Machine, resolve_device
from bench.environment.record import Environment

__all__ = ["CudaDevice", "Environment", "Machine", "resolve_device"]
