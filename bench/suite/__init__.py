"""WHAT is compared: suites are read, validated and expanded to combinations."""
