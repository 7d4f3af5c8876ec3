"""What is done again and again without anybody asking: the list of jobs, and how they are run."""
