"""What can be measured of an answer without a model."""
