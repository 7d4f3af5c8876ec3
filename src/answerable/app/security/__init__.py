"""What a security reviewer asks of a running project, from its live configuration and data."""
