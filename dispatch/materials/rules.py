"""How a material is packed, and what a print run may be."""

from uuid import UUID

from dispatch.problems import Problem
from dispatch.server.client_ids import require_id, same_content
from schemas.materials import Material, NewMaterial, NewPrintRun, PrintRun


class Packing(Problem):
    """A carton holds whole bundles."""

    slug, title, status = "packing", "The carton does not hold whole bundles", 422


class ChannelTwice(Problem):
    """A channel is named twice."""

    slug, title, status = "channel-twice", "A channel is named twice", 422


class MaterialCodeTaken(Problem):
    """The campaign has another material with this code."""

    slug, title, status = "material-code-taken", "This material code is taken", 409


class MaterialUnknown(Problem):
    """The campaign has no material with this code."""

    slug, title, status = "material-unknown", "The campaign has no such material", 422


class DepotUnknown(Problem):
    """The city has no active depot with this code."""

    slug, title, status = "depot-unknown", "There is no such depot", 422


class PrintRunChanged(Problem):
    """The id is already that of a print run with other content."""

    slug, title, status = "print-run-changed", "This id is that of another print run", 409


class PrintRunCodeTaken(Problem):
    """The campaign has another print run with this code."""

    slug, title, status = "print-run-code-taken", "This print run code is taken", 409


def require_material(wanted: NewMaterial) -> None:
    """Refuse a material that cannot be packed or handed out as described."""
    if wanted.carton_copies % wanted.bundle_copies:
        raise Packing(
            f"A carton of {wanted.carton_copies} does not hold whole bundles of {wanted.bundle_copies}.",
            field="carton_copies",
        )
    if len(set(wanted.channels)) < len(wanted.channels):
        raise ChannelTwice("Name every channel once.", field="channels")


def judge_stored_material(wanted: NewMaterial, stored: Material) -> Material:
    """The material stored under the wanted code, once it is sure to be the wanted one."""
    if not same_content(wanted, stored):
        raise MaterialCodeTaken(
            f"{wanted.code} is {stored.name} with other content; choose another code.", field="code"
        )
    return stored


def judge_print_run(wanted: NewPrintRun, material_id: UUID | None, depot_id: UUID | None) -> tuple[UUID, UUID]:
    """Ids of the material and the depot, None where their codes are unknown, or refuse."""
    require_id(wanted.print_run_id, "print_run_id")
    if material_id is None:
        raise MaterialUnknown(
            f"The campaign has no material {wanted.material_code}; register it first.", field="material_code"
        )
    if depot_id is None:
        raise DepotUnknown(f"No active depot has the code {wanted.depot_code}.", field="depot_code")
    return material_id, depot_id


def judge_stored_print_run(wanted: NewPrintRun, stored: PrintRun | None) -> PrintRun:
    """The run stored under the wanted id, once it is sure to be the wanted one; None means that the code is taken."""
    if stored is None:
        raise PrintRunCodeTaken(f"Another print run has the code {wanted.code}; choose another.", field="code")
    if not same_content(wanted, stored):
        raise PrintRunChanged(
            f"print_run_id is that of run {stored.code} with other content; use a new id.", field="print_run_id"
        )
    return stored
