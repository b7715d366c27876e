"""Every route of every slice, in the order of the work: callers, ground, campaign, copies, figures."""

from typing import Any

from dispatch.allocation.routes import ROUTES as ALLOCATION
from dispatch.audit.routes import ROUTES as AUDIT
from dispatch.base_map.routes import ROUTES as BASE_MAP
from dispatch.batches.routes import ROUTES as BATCHES
from dispatch.bundles.routes import ROUTES as BUNDLES
from dispatch.campaigns.routes import ROUTES as CAMPAIGNS
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
from dispatch.web.routes import PAGES
from dispatch.web.start import ROUTES as START
from dispatch.zones.routes import ROUTES as ZONES

ROUTES: list[Any] = [
    *IDENTITY, *ZONES, *PARTNERS, *CAMPAIGNS, *MATERIALS, *ALLOCATION, *BATCHES,
    *STOCK, *BUNDLES, *HANDOUTS, *FLAGS, *CHECKS, *COVERAGE, *AUDIT, *PRIVACY, *CATALOGUE, *TEMPLATES,
    *BASE_MAP, *START, *PAGES,
]  # fmt: skip
