"""What comes out of a training: the trained model brought to a runtime, weighed, timed and judged."""
