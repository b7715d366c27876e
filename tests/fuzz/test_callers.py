"""Everybody at once: random callers over accounts, claims, stock, handouts and consent. After each step nobody sees what
is not theirs, every printed copy is somewhere, and the audit trail is whole and tells of every change."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from dispatch.audit.seals import seal
from dispatch.audit.verification import verify
from dispatch.database import connect, new_id
from tests.conftest import NOW, Clock, PinnedDatabase, execute, serving, with_database
from tests.make import SECRET, Make, World

CALLERS = ("planner", "district", "firm", "other_firm", "outlet", "rider", "colleague", "other_rider", "auditor")
pick = st.integers(0, 10**6)


class City(RuleBasedStateMachine):
    """One loop and one connection for all examples; each example is a transaction that is rolled back."""

    url: str
    loop: asyncio.AbstractEventLoop
    connection: Any
    steps: dict[str, int]

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    @initialize()
    def begin(self) -> None:
        self.run(self._begin())

    async def _begin(self) -> None:
        self.transaction = self.connection.transaction()
        await self.transaction.start()
        self.clock = Clock(NOW)
        self.database = PinnedDatabase(self.connection, self.url)
        self.make = Make(self.database, NOW)
        self.serving = serving(self.database, self.clock)
        self.api, _ = await self.serving.__aenter__()
        make, world = self.make, await self.make.world()
        self.world: World = world
        for partner in world.partners:
            await make.invitation(99, world.campaign, partner)
        await make.serves(world)
        await make.stock(99, world.campaign, world.material, "depot", world.depot, 5000)
        for outlet in (0, 1, 2):
            await make.stock(99, world.campaign, world.material, "outlet", world.outlets[outlet], 300)
        self.batches = [await make.batch(world, copies=200, zone=zone) for zone in range(4)]
        for number in (0, 1):
            await make.claim(world, self.batches[number], world.partners[number], copies=200)
        codes = await make.fetch("select outlet_id as id, code from outlet union all select rider_id, code from rider")
        self.code: dict[UUID, str] = {row["id"]: row["code"] for row in codes}
        self.material = await make.value("select code from material")
        riders = world.riders
        self.who = {
            "planner": await make.planner(99), "district": await make.planner(99, division_code="990102"),
            "firm": await make.firm_manager(99, world.partners[0]), "other_firm": await make.firm_manager(99, world.partners[1]),
            "outlet": await make.outlet_manager(99, world.partners[0], world.outlets[0]),
            "rider": await make.rider_session(99, riders[0]), "colleague": await make.rider_session(99, riders[1]),
            "other_rider": await make.rider_session(99, riders[4]),
            "auditor": await make.session(99, account_id=await make.account(99, "auditor")),
        }  # fmt: skip
        self.rider_of = {"rider": riders[0], "colleague": riders[1], "other_rider": riders[4]}
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.law = await self._whereabouts()

    def ask(self, caller: str, method: str, path: str, body: Any = None) -> httpx.Response:
        self.clock.now += timedelta(seconds=7)
        answer: httpx.Response = self.run(
            self.api.request(method, path, headers=self.who[caller], **({} if body is None else {"json": body}))
        )
        self.api.cookies.clear()
        assert answer.status_code < 500, f"{caller} {method} {path}: {answer.text}"
        key = f"{method} {path.split('/')[2]} {answer.status_code}"
        self.steps[key] = self.steps.get(key, 0) + 1
        return answer

    # ---- what people do

    @rule(caller=st.sampled_from(CALLERS), choice=pick)
    def claim(self, caller: str, choice: int) -> None:
        batch = self.batches[choice % len(self.batches)]
        body: dict[str, Any] = {"claim_id": str(new_id(self.clock.now))}
        if caller in {"planner", "district"}:
            body["partner_code"] = "P1"
        self.ask(caller, "POST", f"/api/batches/{batch}/claim", body)

    @rule(caller=st.sampled_from(CALLERS), choice=pick)
    def release(self, caller: str, choice: int) -> None:
        claims = self.run(self.make.fetch("select claim_id from claim order by claim_id"))
        if claims:
            claim = claims[choice % len(claims)]["claim_id"]
            self.ask(caller, "POST", f"/api/claims/{claim}/release", {"reason": "不需要了"})

    @rule(caller=st.sampled_from(CALLERS), choice=pick, copies=st.integers(1, 400), outlet=st.integers(0, 3))
    def issue(self, caller: str, choice: int, copies: int, outlet: int) -> None:
        claims = self.run(self.make.fetch("select claim_id from claim order by claim_id"))
        if claims:
            claim = claims[choice % len(claims)]["claim_id"]
            code = self.code[self.world.outlets[outlet]]
            body = {"waybill_id": str(new_id(self.clock.now)), "outlet_code": code, "copies": copies}
            self.ask(caller, "POST", f"/api/claims/{claim}/issue", body)

    @rule(caller=st.sampled_from(CALLERS), choice=pick, lost=st.integers(0, 3))
    def receive(self, caller: str, choice: int, lost: int) -> None:
        waybills = self.run(self.make.fetch("select waybill_id, copies from waybill order by waybill_id"))
        if waybills:
            found = waybills[choice % len(waybills)]
            body: dict[str, Any] = {
                "move_id": str(new_id(self.clock.now)),
                "received_copies": max(0, found["copies"] - lost),
            }
            if lost:
                body["variance_reason"] = "少了几份"
            self.ask(caller, "POST", f"/api/waybills/{found['waybill_id']}/receive", body)

    @rule(
        caller=st.sampled_from(CALLERS), copies=st.integers(1, 150), outlet=st.integers(0, 3), rider=st.integers(0, 7),
        kind=st.sampled_from(["transfer", "return", "write_off"]),
    )  # fmt: skip
    def move(self, caller: str, copies: int, outlet: int, rider: int, kind: str) -> None:
        at_outlet = {"kind": "outlet", "code": self.code[self.world.outlets[outlet]]}
        at_rider = {"kind": "rider", "code": self.code[self.world.riders[rider]]}
        ends: dict[str, Any] = {
            "transfer": {"from": at_outlet, "to": at_rider}, "return": {"from": at_rider, "to": at_outlet},
            "write_off": {"from": at_outlet, "reason": "雨淋受潮"},
        }[kind]  # fmt: skip
        move = {"move_id": str(new_id(self.clock.now)), "kind": kind, "campaign_id": str(self.world.campaign),
                "material_code": self.material, "copies": copies, **ends}  # fmt: skip
        self.ask(caller, "POST", "/api/stock/moves", {"moves": [move]})

    @rule(
        caller=st.sampled_from(["rider", "colleague", "other_rider"]), copies=st.integers(1, 40), zone=st.integers(0, 3),
        again=st.booleans(), choice=pick,
    )  # fmt: skip
    def hand_out(self, caller: str, copies: int, zone: int, again: bool, choice: int) -> None:
        record: dict[str, Any] = {
            "kind": "handout", "id": str(new_id(self.clock.now)), "campaign_id": str(self.world.campaign),
            "material_id": str(self.world.material), "channel": "with_parcel", "copies": copies,
            "handed_out_at": self.clock.now.isoformat(), "cell": f"{self.world.cells[zone][choice % 20]:x}",
        }  # fmt: skip
        records = [record, record] if again else [record]
        if again and self.sent:
            # Somebody else's record under one's own name, or an own one once more.
            records.append(self.sent[choice % len(self.sent)][1])
        self.sent.append((caller, record))
        self.ask(caller, "POST", "/api/handouts/sync", {"records": records})

    @rule(caller=st.sampled_from(["rider", "colleague", "other_rider"]), choice=pick)
    def undo(self, caller: str, choice: int) -> None:
        if self.sent:
            wrong = self.sent[choice % len(self.sent)][1]
            record = {"kind": "correction", "id": str(new_id(self.clock.now)), "corrects_id": wrong["id"], "reason": "按错了",
                      "corrected_at": self.clock.now.isoformat()}  # fmt: skip
            self.ask(caller, "POST", "/api/handouts/sync", {"records": [record]})

    @rule(caller=st.sampled_from(CALLERS), choice=pick)
    def correct(self, caller: str, choice: int) -> None:
        if self.sent:
            wrong = self.sent[choice % len(self.sent)][1]
            body = {"id": str(new_id(self.clock.now)), "reason": "登记有误"}
            self.ask(caller, "POST", f"/api/handouts/{wrong['id']}/correct", body)

    @rule(caller=st.sampled_from(CALLERS), outlet=st.integers(0, 3), copies=st.integers(1, 60))
    def report(self, caller: str, outlet: int, copies: int) -> None:
        record = {"id": str(new_id(self.clock.now)), "material_code": self.material, "channel": "with_parcel", "copies": copies,
                  "outlet_code": self.code[self.world.outlets[outlet]], "zone_code": "990101000", "day": "2027-04-19"}  # fmt: skip
        self.ask(caller, "POST", "/api/handouts/report", {"campaign_id": str(self.world.campaign), "records": [record]})

    @rule(
        caller=st.sampled_from(CALLERS),
        role=st.sampled_from(["planner", "auditor", "firm_manager", "outlet_manager"]),
        choice=pick,
    )
    def make_account(self, caller: str, role: str, choice: int) -> None:
        body: dict[str, Any] = {
            "role": role,
            "login": f"new{choice}",
            "password": "Long enough 1!",
            "display_name": "某某",
        }
        if role == "firm_manager":
            body["partner_code"] = "P2"
        if role == "outlet_manager":
            body["outlet_code"] = self.code[self.world.outlets[choice % 4]]
        self.ask(caller, "POST", "/api/accounts", body)

    @rule(
        caller=st.sampled_from(["rider", "colleague"]),
        given_=st.booleans(),
        purpose=st.sampled_from(["taking_part", "location"]),
    )
    def consent(self, caller: str, given_: bool, purpose: str) -> None:
        body = {"consent_id": str(new_id(self.clock.now)), "purpose": purpose, "given": given_, "version": 1}
        self.ask(caller, "POST", "/api/privacy/consent", body)

    @rule(caller=st.sampled_from(CALLERS), rider=st.integers(0, 7), word=st.sampled_from(["deactivate", "activate"]))
    def switch_rider(self, caller: str, rider: int, word: str) -> None:
        self.ask(caller, "POST", f"/api/riders/{self.world.riders[rider]}/{word}")

    # ---- what always holds

    async def _whereabouts(self) -> int:
        """All copies that are anywhere: at holders, and handed out."""
        return await self.make.value(
            "select (select sum(quantity) from stock_balance where holder_kind not in ('printer', 'variance'))"
            " - coalesce((select sum(-quantity) from stock_balance where holder_kind = 'variance'), 0)"
            " + coalesce((select sum(copies) from zone_tally), 0)"
        )

    @invariant()
    def every_copy_is_somewhere(self) -> None:
        if not hasattr(self, "law"):
            return
        assert self.run(self._whereabouts()) == self.law
        law = self.ask("planner", "GET", f"/api/campaigns/{self.world.campaign}/stock/balance-law").json()
        assert law["total"]["balanced"]
        assert all(material["balanced"] for material in law["materials"])
        rows, tally = self.run(self._rows_and_tally())
        assert rows == tally, "the rows alone give the tallies"

    async def _rows_and_tally(self) -> tuple[int, int]:
        rows = await self.make.value("select coalesce(sum(copies), 0)::bigint from handout")
        return rows, await self.make.value("select coalesce(sum(copies), 0)::bigint from zone_tally")

    @invariant()
    def nobody_sees_what_is_not_theirs(self) -> None:
        if not hasattr(self, "law"):
            return
        world, campaign = self.world, self.world.campaign
        foreign = {
            "firm": [world.outlets[2], world.outlets[3], *world.riders[4:]],
            "other_firm": [world.outlets[0], world.outlets[1], *world.riders[:4]],
            "outlet": [world.outlets[1], world.outlets[2], *world.riders[2:]],
        }
        for caller, hidden in foreign.items():
            texts = [
                self.ask(caller, "GET", path).text
                for path in ("/api/outlets", "/api/riders", "/api/claims", "/api/waybills", "/api/handouts/refused",
                             f"/api/campaigns/{campaign}/handouts?limit=500", f"/api/campaigns/{campaign}/stock/moves")
            ]  # fmt: skip
            for thing in hidden:
                assert all(str(thing) not in text for text in texts), f"{caller} reads {thing}"
        own = {
            str(row["handout_id"]): str(row["holder_id"])
            for row in self.run(self.make.fetch("select handout_id, holder_id from handout"))
        }
        for caller, rider in self.rider_of.items():
            answer = self.ask(caller, "GET", f"/api/campaigns/{campaign}/handouts?limit=500")
            if answer.status_code == 200:
                assert {own[row["handout_id"]] for row in answer.json()} <= {str(rider)}

    @invariant()
    def the_trail_is_whole_and_tells_of_every_change(self) -> None:
        if not hasattr(self, "law"):
            return
        self.run(seal(self.database, 99, self.clock.now, SECRET))
        found = self.run(verify(self.database, 99, self.clock.now, SECRET))
        assert found.faults == []
        accounts = self.run(self.make.value("select count(*) from account where login like 'new%'"))
        told = self.run(
            self.make.value("select count(*) from audit_entry where operation = 'create_account' and kind = 'change'")
        )
        assert accounts == told

    def teardown(self) -> None:
        if hasattr(self, "serving"):
            self.run(self.serving.__aexit__(None, None, None))
        if hasattr(self, "transaction"):
            self.run(self.transaction.rollback())


def test_whatever_people_do_the_copies_the_scope_and_the_trail_hold(server_url: str, template: str) -> None:
    loop, name = asyncio.new_event_loop(), "callers_stateful"
    City.loop, City.url, City.steps = loop, with_database(server_url, name), {}
    loop.run_until_complete(execute(server_url, f'drop database if exists "{name}"'))
    loop.run_until_complete(execute(server_url, f'create database "{name}" template "{template}"'))
    City.connection = loop.run_until_complete(connect(City.url))
    try:
        run_state_machine_as_test(
            City,
            settings=settings(
                max_examples=15, stateful_step_count=25, deadline=None, database=None, print_blob=True,
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
            ),
        )  # fmt: skip
    finally:
        loop.run_until_complete(City.connection.close())
        loop.run_until_complete(execute(server_url, f'drop database "{name}" with (force)'))
        loop.close()
    print("\n".join(f"{count:6} {step}" for step, count in sorted(City.steps.items())))
