"""Rules of what is not well, what they count, and what a change likely comes from."""
