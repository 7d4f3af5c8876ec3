"""Ctrl-C while a document is cut."""

from __future__ import annotations

import subprocess
import sys

CUTS_WITHOUT_END = """
import asyncio, os, signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job may have it ignored
from answerable.core.patience import Patience
from answerable.ingest.apart import apart

def cut():
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(3600)

try:
    asyncio.run(apart(cut, Patience(cpu_s=3600)))
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_a_process_that_is_interrupted_does_not_wait_for_what_it_cuts() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", CUTS_WITHOUT_END], capture_output=True, text=True, check=False, timeout=120
    )
    assert (ended.stdout, ended.returncode) == ("interrupted\n", 0), ended.stderr
