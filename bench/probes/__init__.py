"""HOW a step is measured: phases, memory, devices, traces."""
