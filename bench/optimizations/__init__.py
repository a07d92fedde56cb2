"""WHAT can be switched on: one file a technique, found through the registry."""
