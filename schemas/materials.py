"""What is printed for a campaign, and in which runs."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from schemas.common import Channel, Code, Copies, MaterialKind, Name


class NewMaterial(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A material of the campaign. Its code is its identity: the same code with the same content changes nothing."""

    code: Code
    name: Name
    kind: MaterialKind
    channels: Annotated[list[Channel], Meta(min_length=1, max_length=5)]
    """Ways it may be handed out; nothing else is taken from a phone."""
    bundle_copies: Annotated[int, Meta(ge=1, le=100_000, description="Copies in the sealed pack with its own code")]
    carton_copies: Annotated[int, Meta(ge=1, le=1_000_000, description="Copies in a carton: whole bundles")]
    counts_for_reach: bool = True
    """Whether a copy informs a household; a poster at a counter does not count towards reach."""


class Material(Struct, frozen=True, kw_only=True):
    """A material of the campaign."""

    material_id: UUID
    code: str
    name: str
    kind: MaterialKind
    channels: list[Channel]
    bundle_copies: int
    carton_copies: int
    counts_for_reach: bool
    created_at: datetime


class NewPrintRun(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order at the printer's, to be delivered to one depot."""

    print_run_id: UUID
    code: Code
    material_code: Code
    copies: Copies
    depot_code: Code
    due_on: date


class PrintRun(Struct, frozen=True, kw_only=True):
    """A print run and what of it has come in."""

    print_run_id: UUID
    code: str
    material_code: str
    material_name: str
    copies: int
    depot_code: str
    depot_name: str
    due_on: date
    received_copies: int
    """From the receipts in the ledger, less those reversed."""
    created_at: datetime
