"""The public ways into the fictional city, one for each face of it."""

from dispatch.demo.firms import COURIER_FIRMS
from dispatch.demo.stage import AUDITOR, CITY_CODE, MANAGER, PASSWORD, PLANNER, pin_of
from schemas.start import DemonstrationSignIn


def demonstration_sign_ins() -> list[DemonstrationSignIn]:
    """One of each face of the fictional city: the planner, the managers of its first firm and that firm's first outlet,
    the outlet's first rider, and the auditor."""
    firm = next(iter(COURIER_FIRMS))
    return [
        DemonstrationSignIn(role="planner", login=PLANNER, password=PASSWORD, city_code=CITY_CODE),
        DemonstrationSignIn(
            role="firm_manager", login=f"{firm.lower()}-{MANAGER}", password=PASSWORD, city_code=CITY_CODE
        ),
        DemonstrationSignIn(
            role="outlet_manager", login=f"{firm.lower()}-0001", password=PASSWORD, city_code=CITY_CODE
        ),
        DemonstrationSignIn(role="rider", outlet_code=f"{firm}-0001", pin=pin_of(0), city_code=CITY_CODE),
        DemonstrationSignIn(role="auditor", login=AUDITOR, password=PASSWORD, city_code=CITY_CODE),
    ]
