"""Templates, static files and texts of the browser's pages."""
