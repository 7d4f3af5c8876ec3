"""Stand-ins for the outside world: what unit tests, and users' own tests, run with."""
