"""Where messages go: webhooks and e-mail."""
