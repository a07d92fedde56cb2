"""WHERE blocks run."""
