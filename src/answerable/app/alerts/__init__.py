"""Looking at everything once a minute, and telling those who have to know."""
