"""What the labels of a print run and the sheet of a waybill show."""

from collections.abc import Sequence
from itertools import groupby

from dispatch.qr import symbol_of
from schemas.bundles import Label, WaybillBundle


def labels_of(bundles: Sequence[WaybillBundle]) -> list[Label]:
    """A label forevery carton, followed by those of its bundles. `bundles` in the order of their numbers."""
    labels: list[Label] = []
    for carton_code, inside in groupby(bundles, key=lambda bundle: bundle.carton_code):
        packed = list(inside)
        labels.append(
            Label(
                kind="carton",
                code=carton_code,
                copies=sum(bundle.copies for bundle in packed),
                bundles=len(packed),
                symbol=symbol_of(carton_code),
            )
        )
        labels += [
            Label(kind="bundle", code=bundle.code, copies=bundle.copies, bundles=1, symbol=symbol_of(bundle.code))
            for bundle in packed
        ]
    return labels
