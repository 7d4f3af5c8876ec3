"""The scripted model server as a process of its own: `python -m answerable.testing.model_server --port 0`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from typing import Any

from answerable.testing.model_server.prompt_cache import PromptCache
from answerable.testing.model_server.server import ModelServer
from answerable.testing.model_server.spec import behavior_of


def main() -> int:
    """Prints its address, and serves until SIGINT or SIGTERM, or with --until-eof until its input ends."""
    options = _options()
    done = threading.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: done.set())
    try:
        steps = [behavior_of(_value(one)) for one in options.step]
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    cache = PromptCache(least=options.prompt_cache) if options.prompt_cache else None
    server = ModelServer(*steps, port=options.port, keep=options.keep, prompt_cache=cache)
    with server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        if options.until_eof:
            threading.Thread(target=_at_eof, args=(done,), daemon=True).start()
        done.wait()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m answerable.testing.model_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--step", action="append", default=[], help="a behavior: its name, or JSON")
    parser.add_argument("--keep", type=int, default=1000, help="how many requests are kept at least")
    parser.add_argument("--prompt-cache", type=int, default=0, help="simulate one, from so many tokens on")
    parser.add_argument("--until-eof", action="store_true", help="end when the standard input ends")
    return parser.parse_args()


def _value(text: str) -> Any:
    return json.loads(text) if text.startswith("{") else text


def _at_eof(done: threading.Event) -> None:
    sys.stdin.read()
    done.set()


if __name__ == "__main__":
    raise SystemExit(main())
