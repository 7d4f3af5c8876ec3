"""From a failure to its cause and to a case."""
