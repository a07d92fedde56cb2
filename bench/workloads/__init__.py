"""WHAT is trained: datasets, generated, fetched or the user's own, and the view of them a trial works on."""
