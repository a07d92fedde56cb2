"""ONE combination alive in one process group: the child's side and the parent's handle."""
