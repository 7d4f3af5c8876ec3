"""The queue of jobs, on procrastinate in our own database."""
