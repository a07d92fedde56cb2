"""WHAT is measured of a trial: one small class a measurement, run inside the trial's process."""
