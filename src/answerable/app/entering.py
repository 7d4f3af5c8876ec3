"""Where people sign in elsewhere: the OpenID provider of the configuration, opened and closed."""

from __future__ import annotations

from contextlib import AsyncExitStack

from answerable.app.project import Project
from answerable.config.values import resolve
from answerable.core.errors import ConfigError
from answerable.core.ports import IdentityProvider


async def open_identity(project: Project, stack: AsyncExitStack) -> IdentityProvider | None:
    """None unless [access] sso = "oidc". Raises ConfigError where the extra is not installed."""
    section = project.settings.access
    if section.sso != "oidc":
        return None
    try:
        from answerable.adapters.oidc import OidcProvider, Registration, open_client
    except ImportError as error:
        raise ConfigError("signing in with OpenID needs joserfc", hint="pip install answerable[oidc]") from error
    oidc = section.oidc
    registration = Registration(
        issuer=oidc.issuer,
        client_id=oidc.client_id,
        client_secret=resolve(oidc.client_secret, base=project.base) if oidc.client_secret else "",
        hosts=oidc.hosts,
        scopes=oidc.scopes,
        algorithms=oidc.algorithms,
        person=oidc.person,
        groups=oidc.groups,
    )
    client = await stack.enter_async_context(open_client())
    return OidcProvider(registration=registration, client=client)
