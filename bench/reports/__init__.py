"""HOW it is shown: an analysis as Markdown, JSON and a terminal's table; rendering only, no numbers of its own."""
