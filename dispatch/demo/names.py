"""Fictional names: drawn from syllables so that nothing on the map is a real subdistrict, school or bank."""

import numpy as np

from dispatch.demo.variants import ZoneKind

URBAN_DISTRICTS = (("990102", "云华区"), ("990103", "沐河区"), ("990104", "泽北区"))
COUNTIES = (
    ("990121", "青屏县"),
    ("990122", "临澜县"),
    ("990123", "安漠县"),
    ("990124", "石渡县"),
    ("990125", "望川县"),
)

_FIRST = "青云沐锦澜翠芦松枫梧棠荷槐柏杏桐桂霁望临安永和瑞嘉景泰宁长清"
_SECOND = "梧溪屏岭泉湾塘桥渡陂坪沟洼滩堡垣墟埠坞浦墩垛港洲汀岗"
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"

BANKS = (
    "云川银行",
    "云川农商银行",
    "漠北银行",
    "沐河银行",
    "青屏村镇银行",
    "临澜村镇银行",
    "安漠村镇银行",
    "石渡村镇银行",
    "望川村镇银行",
    "泽北银行",
    "锦澜银行",
    "长汀岭银行",
    "瑞泽银行",
    "和泰川银行",
    "屏山信用社",
    "云华信用社",
    "川原银行",
    "嘉沐银行",
    "棠溪银行",
    "北垣银行",
)

_ENDINGS: dict[ZoneKind, tuple[str, ...]] = {
    "old_core": ("街道",),
    "high_rise": ("新城街道", "街道"),
    "campus_industrial": ("大学城街道", "园区街道"),
    "urban_fringe": ("街道", "镇"),
    "county_town": ("社区片区", "镇"),
    "township": ("镇", "乡"),
}


def place_stems(rng: np.random.Generator, count: int) -> list[str]:
    """`count` different two-character place names, in random order; at most 780 exist."""
    every = [first + second for first in _FIRST for second in _SECOND if first != second]
    return [every[index] for index in rng.permutation(len(every))[:count]]


def zone_name(stem: str, kind: ZoneKind, turn: int) -> str:
    """The name of a zone: its stem and an ending that suits its kind; `turn` alternates between the endings."""
    endings = _ENDINGS[kind]
    return stem + endings[turn % len(endings)]


def rider_names(rng: np.random.Generator, count: int) -> tuple[str, ...]:
    """How riders are addressed in the examples (surname and 师傅); names repeat, codes do not."""
    return tuple(f"{_SURNAMES[index]}师傅" for index in rng.integers(0, len(_SURNAMES), count))
