"""What is wrong with documents: one file a kind of finding, each pure, reading page after page."""
