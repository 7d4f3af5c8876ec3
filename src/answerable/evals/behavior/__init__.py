"""What a prompt does in each of the situations that prompts fail in: cases, checks of the raw reply, twins, matrix."""
