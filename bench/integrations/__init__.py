"""Fronts that other tools load; each is thin, and none measures anything by itself."""
