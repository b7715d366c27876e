"""The whole fictional world in one struct, so that a loader or a test needs a single call."""

import msgspec

from dispatch.demo.campaign import Campaign, make_campaign
from dispatch.demo.capacity import Capacity, declare_capacity
from dispatch.demo.city import City, make_city
from dispatch.demo.field import Field, prepare_field
from dispatch.demo.mishaps import Mishaps, make_mishaps
from dispatch.demo.partners import Partners, make_partners
from dispatch.demo.sites import Sites, make_sites
from dispatch.demo.variants import VariantName


class World(msgspec.Struct, frozen=True, eq=False):
    """Everything there is in 云川市; see the struct of each part."""

    city: City
    partners: Partners
    sites: Sites
    campaign: Campaign
    mishaps: Mishaps
    capacity: Capacity
    field: Field


def make_world(variant_name: VariantName, seed: int = 2027) -> World:
    """Draw the whole world; raises KeyError for an unknown variant. The same seed gives the same world."""
    city = make_city(variant_name, seed)
    partners = make_partners(city)
    mishaps = make_mishaps(city)
    campaign = make_campaign(city.variant, mishaps.pilot_zones, "PRINT", partners.depots[0].code)
    return World(
        city=city,
        partners=partners,
        sites=make_sites(city, campaign),
        campaign=campaign,
        mishaps=mishaps,
        capacity=declare_capacity(city, partners, mishaps),
        field=prepare_field(city, partners, campaign, mishaps),
    )
