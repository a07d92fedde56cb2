"""WHICH combinations are worth measuring: a search that proposes, while ordinary runs measure."""
