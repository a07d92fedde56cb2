"""Two commits compared in one run, with a verdict for each gated metric."""
