"""What a running process knows of itself: counts, the state of its endpoints, how late its loop is."""
