"""`python -m answerable` is `answerable`."""

from answerable.cli.main import main

main()
