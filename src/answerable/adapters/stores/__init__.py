"""Stores that keep their vectors outside of Postgres, and the adapters of the services that hold them."""
