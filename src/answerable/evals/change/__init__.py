"""What a branch changes, what the checks make of it, and the one report that says so."""
