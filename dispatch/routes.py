"""Every route of every slice, in the order of the work: callers, ground, campaign, copies, figures.

A slice's handlers share a router that carries the slice's tag. It has no path of its own: the full address is written
at the handler, so that one search for it finds the route, its tests and its callers. Guards stay at the handlers too,
because roles differ within every slice.
"""

from typing import Any, NamedTuple

from litestar import Router
from litestar.openapi.spec import Tag

from dispatch.allocation.routes import ROUTES as ALLOCATION
from dispatch.audit.routes import ROUTES as AUDIT
from dispatch.base_map.routes import ROUTES as BASE_MAP
from dispatch.batches.routes import ROUTES as BATCHES
from dispatch.bundles.routes import ROUTES as BUNDLES
from dispatch.campaigns.routes import ROUTES as CAMPAIGNS
from dispatch.checklist.routes import ROUTES as CHECKLIST
from dispatch.checks.routes import ROUTES as CHECKS
from dispatch.coverage.routes import ROUTES as COVERAGE
from dispatch.flags.routes import ROUTES as FLAGS
from dispatch.handouts.routes import ROUTES as HANDOUTS
from dispatch.identity.routes import ROUTES as IDENTITY
from dispatch.materials.routes import ROUTES as MATERIALS
from dispatch.partners.routes import ROUTES as PARTNERS
from dispatch.privacy.routes import ROUTES as PRIVACY
from dispatch.server.problem_pages import ROUTES as CATALOGUE
from dispatch.stock.routes import ROUTES as STOCK
from dispatch.templates.routes import ROUTES as TEMPLATES
from dispatch.web.docs.routes import DOCS
from dispatch.web.routes import PAGES as BUILT
from dispatch.web.start import ROUTES as START
from dispatch.zones.routes import ROUTES as ZONES


class Section(NamedTuple):
    """A slice in the contract: its tag, what it is about, its handlers."""

    tag: str
    about: str
    handlers: list[Any]


SECTIONS = [
    Section("identity", "Signing in, accounts, second factors, and keys for partners' systems.", IDENTITY),
    Section("zones", "The city's delivery zones with their households and incident counts.", ZONES),
    Section("partners", "Firms, their outlets and riders, and the depots they collect from.", PARTNERS),
    Section("campaigns", "Campaigns, who is invited to them, and the capacity outlets declare.", CAMPAIGNS),
    Section("materials", "What is printed for a campaign, and in which runs.", MATERIALS),
    Section("allocation", "Plans: copies per zone, with the proof that no other plan reaches more.", ALLOCATION),
    Section("batches", "Batches on offer and the claims on them.", BATCHES),
    Section("stock", "The ledger of copies: deliveries, waybills, moves, counts, balances.", STOCK),
    Section("bundles", "Sealed bundles: where they are, their way, their labels.", BUNDLES),
    Section("handouts", "Confirming, reporting and correcting handouts; what was refused and why.", HANDOUTS),
    Section("flags", "Questions about a rider's week, and what became of them.", FLAGS),
    Section("checks", "Spot checks: samples of households, and the share they measure.", CHECKS),
    Section("coverage", "Figures of a campaign: per zone, day, material, channel, wave and firm.", COVERAGE),
    Section("audit", "The audit trail and the proof that nobody rewrote it.", AUDIT),
    Section("privacy", "The riders' notice, what they agreed to, and everything that is kept on one of them.", PRIVACY),
    Section("problems", "Every kind of refusal, by the address its answers carry as `type`.", CATALOGUE),
    Section("templates", "Workbooks to fill in for every table that is imported.", TEMPLATES),
    Section("base_map", "The operator's own base map, in parts.", BASE_MAP),
    Section("checklist", "What a new city still needs before its campaign can run.", CHECKLIST),
    Section("start", "What a page asks before anybody has signed in.", START),
]  # fmt: skip

PAGES: list[Any] = [*DOCS, *BUILT]
"""What people read: no part of the contract."""
ROUTES: list[Any] = [*(handler for section in SECTIONS for handler in section.handlers), *PAGES]
ROUTERS: list[Any] = [
    *(Router(path="/", route_handlers=section.handlers, tags=[section.tag]) for section in SECTIONS),
    *PAGES,
]
TAGS = [Tag(name=section.tag, description=section.about) for section in SECTIONS]
