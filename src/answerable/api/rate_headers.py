"""How much is left, as the draft of the RateLimit header fields has it (draft-ietf-httpapi-ratelimit-headers)."""

from __future__ import annotations

from answerable.core.toll import Room


def rate_headers(room: Room) -> dict[str, str]:
    """The policy, and what remains of it until it is whole again, or until there is room."""
    rate, name = room.meter.rate, f"{room.meter.scope}-{room.meter.unit}"
    whole_s = room.wait_s or (1 - room.left / rate.most) * rate.period_s
    return {
        "RateLimit-Policy": f'"{name}";q={rate.most:.0f};w={rate.period_s}',
        "RateLimit": f'"{name}";r={int(room.left)};t={max(0, round(whole_s))}',
    }
