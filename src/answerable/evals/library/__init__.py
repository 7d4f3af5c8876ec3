"""Files of evaluation that come with the product."""
