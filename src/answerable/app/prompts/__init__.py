"""The prompts of a project: files, history, lint, pages, sandbox."""
