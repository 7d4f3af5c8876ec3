"""Two runs compared: better, worse, same or can't tell."""
