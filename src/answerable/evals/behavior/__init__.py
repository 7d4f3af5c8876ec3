"""What a prompt does in each situation that prompts fail in: cases, checks of the raw reply, twins, matrix."""
