"""Changes along a history of commits: asv's results, searched with Apache Otava."""
