"""WHICH techniques there are, as lists, cards and documents show them: conflicts, needs, what was last measured."""
