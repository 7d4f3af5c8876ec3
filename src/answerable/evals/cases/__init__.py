"""Cases as files: reading, checking, importing, exporting, suggesting."""
