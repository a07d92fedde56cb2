"""What ``bench init`` writes into a training repository."""
