"""Cases to and from other tools: promptfoo, Ragas, CSV, JSONL. What a format cannot carry is always said."""
