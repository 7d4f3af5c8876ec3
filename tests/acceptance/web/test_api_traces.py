"""Traces for engineers, and a failing case for those who review; another tenant's trace is not there."""

from __future__ import annotations

import httpx2
import pytest
from scenes import OTHER_TENANT, TENANT, Scene

from answerable.api.access import Policy
from answerable.app import freezing
from answerable.app.freezing import Frozen
from answerable.core.errors import ConfigError
from answerable.core.evaluation import EvalCase
from answerable.core.query import Principal
from conftest import bearer

WISH = {"must": ["30 days"], "why": "It said 60."}


async def secret(scene: Scene, role: str, tenant: str = TENANT) -> str:
    _, value = await scene.tokens.create(
        tenant=tenant, principal=Principal(id=f"{role}@{tenant}", roles=(role,)), label=role
    )
    return value


@pytest.fixture
async def trace(ann: httpx2.AsyncClient, scene: Scene) -> str:
    answer = (await ann.post("/v1/answers", json={"question": "Can I return headphones?"})).json()
    await scene.journal.flush()
    return answer["trace"]


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, tuple[str, ...], str]]:
    """What was asked to be frozen; the writing itself is tested on a real project."""
    asked = []

    async def freeze(system, reference, *, wanted, tenant, run):
        await system.journal.trace(tenant=tenant, reference=reference)
        if wanted.id == "taken":
            raise ConfigError("the branch case/taken is checked out; nothing was written")
        asked.append((reference, tenant, wanted.must, wanted.reviewer))
        case = EvalCase(id="regression-x", question="x")
        return Frozen(case=case, text="id: x\n", path="p", branch="case/x", commit="c", changed=True, fails="must")

    monkeypatch.setattr(freezing, "freeze_trace", freeze)
    return asked


@pytest.mark.parametrize(
    ("role", "read", "made"),
    [("user", 403, 403), ("reviewer", 403, 201), ("engineer", 200, 201), ("admin", 200, 201)],
)
async def test_each_role_may_do_what_its_work_needs(anybody, scene, trace, frozen, role, read, made) -> None:
    headers = bearer(await secret(scene, role))
    assert (await anybody.get("/v1/traces", headers=headers)).status_code == read
    one = await anybody.get(f"/v1/traces/{trace}", headers=headers)
    assert one.status_code == read
    if read == 200:
        assert one.json()["prompt_text"] == f"/v1/prompt-texts/{'ab' * 32}"
    reply = await anybody.post(f"/v1/traces/{trace}/case", json=WISH, headers=headers)
    assert reply.status_code == made
    assert frozen == ([(trace, TENANT, ("30 days",), f"{role}@{TENANT}")] if made == 201 else [])


async def test_nobody_gets_in_without_a_credential_and_the_unknown_is_not_there(
    anybody, scene, trace, frozen
) -> None:
    assert (await anybody.post(f"/v1/traces/{trace}/case", json=WISH)).status_code == 401
    stranger = bearer(await secret(scene, "engineer", OTHER_TENANT))
    for path in (f"/v1/traces/{trace}", "/v1/traces/tr_NOTHING"):
        assert (await anybody.get(path, headers=stranger)).status_code == 404
        assert (await anybody.post(f"{path}/case", json=WISH, headers=stranger)).status_code == 404
    assert (await anybody.get("/v1/traces", headers=stranger)).json() == {"traces": []}


async def test_a_case_that_cannot_be_written_says_why(anybody, scene, trace, frozen) -> None:
    headers = bearer(await secret(scene, "reviewer"))
    reply = await anybody.post(f"/v1/traces/{trace}/case", json={**WISH, "id": "taken"}, headers=headers)
    assert (reply.status_code, "is checked out" in reply.json()["detail"]) == (422, True)
    for body in ({"id": "../../etc"}, {"must": [""]}, {"shall": ["x"]}):
        assert (await anybody.post(f"/v1/traces/{trace}/case", json=body, headers=headers)).status_code == 422


def test_a_policy_names_the_roles_that_are_enough() -> None:
    assert Policy.REVIEWER.admits(["reviewer"])
    assert Policy.REVIEWER.admits(["engineer"])
    assert not Policy.ENGINEER.admits(["reviewer", "user"])
    assert not Policy.USER.admits(["engineer"])
