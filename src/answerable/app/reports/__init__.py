"""Reports: what the product did, for people who do not run it and for those who do."""
