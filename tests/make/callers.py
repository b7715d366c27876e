"""Makers of those who call: accounts, sessions, keys."""

from datetime import timedelta
from typing import Any, get_args
from uuid import UUID

from dispatch.identity.secrets import hash_password, hash_token, new_token
from schemas.identity import KeyScopeName
from tests.log_watch import tell
from tests.make.rows import Rows


class CallerMakers(Rows):
    """Headers of somebody signed in, by role."""

    async def session(
        self, city_id: int, *, account_id: UUID | None = None, rider_id: UUID | None = None, **more: Any
    ) -> dict[str, str]:
        """Headers of somebody signed in, for as long as a test may take: `idle_seconds=0` is no idle time."""
        token = new_token(city_id)
        values = {
            "method": "pin" if rider_id else "password",
            "created_at": self.now,
            "expires_at": self.now + timedelta(days=365),
            "last_used_at": self.now,
            "idle_seconds": 0,
            **more,
        }
        await self.insert(
            "session", city_id=city_id, token_hash=hash_token(token), session_id=self.id(), account_id=account_id,
            rider_id=rider_id, device="测试", address="127.0.0.1", **values,
        )  # fmt: skip
        return {"authorization": f"Bearer {token}"}

    async def account(self, city_id: int, role: str, *, password: str | None = None, **more: Any) -> UUID:
        account_id = self.id()
        values = {
            "login": f"user{self.next()}",
            "display_name": "某某",
            "password_hash": hash_password(password) if password else "-",
            **more,
        }
        tell("an account's login", values["login"])
        tell("an account's name", values["display_name"])
        await self.insert("account", city_id=city_id, account_id=account_id, role=role, created_at=self.now, **values)
        return account_id

    async def planner(self, city_id: int, **more: Any) -> dict[str, str]:
        """Headers of a planner (a district's with division_code=…)."""
        return await self.session(city_id, account_id=await self.account(city_id, "planner", **more))

    async def firm_manager(self, city_id: int, partner_id: UUID) -> dict[str, str]:
        return await self.session(
            city_id, account_id=await self.account(city_id, "firm_manager", partner_id=partner_id)
        )

    async def outlet_manager(self, city_id: int, partner_id: UUID, outlet_id: UUID) -> dict[str, str]:
        account = await self.account(city_id, "outlet_manager", partner_id=partner_id, outlet_id=outlet_id)
        return await self.session(city_id, account_id=account)

    async def rider_session(self, city_id: int, rider_id: UUID) -> dict[str, str]:
        return await self.session(city_id, rider_id=rider_id)

    async def partner_system(self, city_id: int, partner_id: UUID, **more: Any) -> dict[str, str]:
        """Headers of a key of a partner, for everything a key may be for; of an outlet's with outlet_id=…."""
        key = new_token(city_id)
        values = {"scopes": list(get_args(KeyScopeName)), **more}
        await self.insert(
            "api_key", city_id=city_id, key_hash=hash_token(key), api_key_id=self.id(), partner_id=partner_id, name="接口",
            created_at=self.now, expires_at=self.now + timedelta(days=365), last_used_at=self.now, **values,
        )  # fmt: skip
        return {"authorization": f"Bearer {key}"}
