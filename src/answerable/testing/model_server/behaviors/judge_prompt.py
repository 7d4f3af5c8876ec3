"""A judge's prompt as a model reads it: what is ours, what is data, and what only looks like ours."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from answerable.testing.model_server.prompt import Prompt
from answerable.text.stems import stems

_TOKEN = re.compile(r"^The token of this request is (\S+)$", re.M)
_END = re.compile(r"^This is the end of the material\.", re.M)
_HEADING = re.compile(
    r"^(?:THE QUESTION|PASSAGE \d+, (?:TITLE|TEXT)|THE ANSWER TO JUDGE|EARLIER, THE|A RIGHT ANSWER)", re.M
)
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgePrompt:
    """`marked`: its data carries the token. Without, a heading in the data is a heading."""

    token: str
    material: str

    @classmethod
    def read(cls, prompt: Prompt) -> JudgePrompt:
        """Of a rendered prompt; the last end of the material is the one that counts."""
        match = _TOKEN.search(prompt.user)
        start = match.end() if match else 0
        ends = [one.start() for one in _END.finditer(prompt.user)]
        return cls(token=match[1] if match else "", material=prompt.user[start : ends[-1] if ends else None])

    @property
    def mark(self) -> str:
        """What a line of data begins with."""
        return f"{self.token}|"

    @property
    def marked(self) -> bool:
        """Whether data is marked at all."""
        return any(line.startswith(self.mark) for line in self.material.splitlines())

    def section(self, heading: str) -> str:
        """The data under the headings that begin so, without its marks."""
        found = [text for name, text in self._sections() if name.startswith(heading)]
        return "\n".join(found)

    def unmarked(self) -> str:
        """The lines that are not data and no heading of ours: nothing, when the marks hold."""
        lines = [line for line in self.material.splitlines() if not line.startswith(self.mark)]
        return "\n".join(line for line in lines if not _HEADING.match(line)).strip()

    def data(self) -> str:
        """All data, without its marks."""
        lines = (line for line in self.material.splitlines() if line.startswith(self.mark))
        return "\n".join(line.removeprefix(self.mark).strip() for line in lines)

    def honest(self) -> str:
        """The verdict on the answer, by a rule that other words in it do not change.

        YES when a number of the passages is in the answer; without numbers, or passages, when it shares a word
        with what there is. No judge of language: a stand-in whose verdicts are known beforehand.
        """
        answer = self.section("THE ANSWER TO JUDGE")
        source = self.section("PASSAGE") or self.section("THE QUESTION")
        if not answer.strip() or not source.strip():
            return "UNSURE"
        numbers = set(_NUMBER.findall(source))
        shared = numbers & set(_NUMBER.findall(answer)) if numbers else set(stems(source)) & set(stems(answer))
        return "YES" if shared else "NO"

    def reply(self, verdict: str, why: str) -> str:
        """The reply that the prompt asks for."""
        return json.dumps(
            {"token": self.token, "why": why, "evidence": [], "verdict": verdict}, ensure_ascii=False
        )

    def _sections(self) -> Iterator[tuple[str, str]]:
        name, lines = "", list[str]()
        for line in self.material.splitlines():
            if _HEADING.match(line):
                yield name, "\n".join(lines)
                name, lines = line, []
            else:
                lines.append(line.removeprefix(self.mark).strip())
        yield name, "\n".join(lines)
