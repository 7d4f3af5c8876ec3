"""A production month that never was: persons, needs with a known end, and what a product saw of them."""
