"""Recorded deliveries through the real server: what comes out agrees with an independent count of what went in."""

import json
import lzma
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import shapely
from shapely.geometry import shape

from tests.conftest import execute, with_database
from tests.jilin import JILIN, made_subdistricts, needs_jilin
from tests.make import ORIGIN, SECRET, SIDE, square

ROOT = Path(__file__).parents[2]
MAPPING = "time=delivery_time,courier=courier_id,lng=lng,lat=lat"


@pytest.fixture
async def environment(server_url: str) -> dict[str, str]:
    """A database of its own for the command."""
    name = f"replay_{uuid4().hex[:8]}"
    await execute(server_url, f'create database "{name}"')
    return {**os.environ, "DISPATCH_DATABASE_URL": with_database(server_url, name), "DISPATCH_SECRET": SECRET}


def replay(
    environment: dict[str, str], deliveries: Path, zones: Path, *more: str
) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "dispatch", "replay", str(deliveries), "--zones", str(zones), "--json", *more]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)


def zones_file(folder: Path) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"code": f"Z{column}", "name": f"片区{column}", "registered": 1000 * column},
            "geometry": shapely.geometry.mapping(square(column)),
        }
        for column in range(3)
    ]
    path = folder / "zones.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def deliveries_file(folder: Path) -> Path:
    """30 deliveries in zones 0 and 1, two outside, four dirty."""
    middle = ORIGIN[1] + SIDE / 2
    rows = [
        f"{i},07-{1 + i % 9:02d} 1{i % 9}:20:00,{'甲' if i % 2 else 'B'},{ORIGIN[0] + SIDE * (i % 2 + 0.5)},{middle}"
        for i in range(30)
    ]
    rows += [f"40,07-05 10:00:00,B,{ORIGIN[0] + 9 * SIDE},{middle}", f"41,07-05 10:00:00,B,{ORIGIN[0] - SIDE},{middle}"]
    rows += [
        "50,never,B,104.21,36.91",
        "51,07-05 10:00:00,,104.21,36.91",
        "52,07-05 10:00:00,B,0,0",
        "53,07-05 10:00:00,B,36.91,104.21",
    ]
    path = folder / "deliveries.csv"
    path.write_text("\n".join(["order_id,delivery_time,courier_id,lng,lat", *rows]), encoding="utf-8")
    return path


async def test_a_second_run_adds_nothing_and_nothing_is_dropped_in_silence(
    environment: dict[str, str], tmp_path: Path
) -> None:
    arguments = (environment, deliveries_file(tmp_path), zones_file(tmp_path), "--datum", "gcj02", "--map", MAPPING)
    done = replay(*arguments, "--handout-share", "1", "--households", "registered")
    assert done.returncode == 0, done.stderr
    first: dict[str, Any] = json.loads(done.stdout)
    counts = {name: first[name] for name in ("deliveries", "eligible", "recorded", "refused", "outside_zones", "dirty")}
    assert counts == {"deliveries": 36, "eligible": 30, "recorded": 30, "refused": {}, "outside_zones": 2, "dirty": 4}
    assert [(zone["code"], zone["households"], zone["handed_out"]) for zone in first["zones"]] == [
        ("Z0", 0, 15),
        ("Z1", 1000, 15),
        ("Z2", 2000, 0),
    ]
    assert first["zones"][0]["reported"] is None
    assert first["zones"][1]["reported"] == pytest.approx(0.015)
    assert first["zones"][1]["reach"]["low"] <= first["zones"][1]["reach"]["median"] <= 0.015
    assert first["balance"]["balanced"]
    assert first["balance"]["handed_out"] == 30
    again: dict[str, Any] = json.loads(replay(*arguments, "--handout-share", "1", "--households", "registered").stdout)
    assert (again["recorded"], again["duplicates"]) == (0, 30 + first["duplicates"])
    assert (again["zones"], again["balance"]) == (first["zones"], first["balance"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--datum", "gcj02", "--map", "time=delivery_time"], "--map must name"),
        (["--datum", "gcj02", "--map", MAPPING.replace("lng=lng", "lng=longitude")], "no column longitude"),
        (["--datum", "gcj02", "--map", MAPPING, "--households", "none"], "no property none"),
        (["--datum", "mars", "--map", MAPPING], "invalid choice: 'mars'"),
        (["--datum", "gcj02", "--map", MAPPING, "--handout-share", "2"], "between 0 and 1"),
    ],
)
async def test_what_cannot_be_used_is_said_and_nothing_begins(
    environment: dict[str, str], tmp_path: Path, arguments: list[str], words: str
) -> None:
    done = replay(environment, deliveries_file(tmp_path), zones_file(tmp_path), *arguments)
    assert done.returncode != 0
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def counted_again(deliveries: str, zones_path: Path) -> tuple[int, Counter[str]]:
    """How many points there are, and how many in each zone, counted with shapely over the raw file."""
    lines = [line.split(",") for line in deliveries.splitlines()]
    longitude, latitude = lines[0].index("lng"), lines[0].index("lat")
    points = shapely.points([[float(line[longitude]), float(line[latitude])] for line in lines[1:]])
    features: list[Any] = json.loads(zones_path.read_text())["features"]
    tree = shapely.STRtree([shape(feature["geometry"]) for feature in features])
    found: dict[int, str] = {}
    for point, zone in zip(*tree.query(points, predicate="intersects").tolist(), strict=True):
        code = str(features[zone]["properties"]["code"])
        found[point] = min(code, found.get(point, code))  # on a border: the lowest code
    return len(points), Counter(found.values())


def agrees(figures: dict[str, Any], counted: tuple[int, Counter[str]]) -> None:
    """Every delivery in a zone became a handout there, and the ledger has them all."""
    points, by_zone = counted
    assert figures["deliveries"] == points
    assert figures["outside_zones"] == points - by_zone.total()
    assert figures["eligible"] == figures["recorded"] == by_zone.total()
    assert {zone["code"]: zone["handed_out"] for zone in figures["zones"] if zone["handed_out"]} == dict(by_zone)
    assert figures["duplicates"] > 0
    assert figures["balance"]["balanced"]
    assert figures["balance"]["handed_out"] == by_zone.total()


async def test_a_made_city_agrees_with_an_independent_count(environment: dict[str, str], tmp_path: Path) -> None:
    """Every delivery gets a leaflet: in uneven zones, on their borders, outside; each courier's in any order."""
    zones = made_subdistricts()
    zones_path = tmp_path / "zones.geojson"
    features = [
        {
            "type": "Feature",
            "properties": {"code": f"J{n:02d}", "name": f"片区{n}"},
            "geometry": shapely.geometry.mapping(zone),
        }
        for n, zone in enumerate(zones)
    ]
    zones_path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    chance = random.Random(45)
    west, south, east, north = shapely.MultiPolygon(zones).bounds
    points = [(chance.uniform(west, east), chance.uniform(south, north)) for _ in range(400)]
    points += [(zone.centroid.x, zone.centroid.y) for zone in zones]
    points += [zone.exterior.coords[0] for zone in zones]
    rows = [
        f"{n},07-{chance.randint(1, 9):02d} {chance.randint(8, 20):02d}:{chance.randint(0, 59):02d}:00,C{chance.randint(1, 6)},{x!r},{y!r}"
        for n, (x, y) in enumerate(points)
    ]
    deliveries = tmp_path / "deliveries.csv"
    deliveries.write_text("\n".join(["order_id,delivery_time,courier_id,lng,lat", *rows]))
    done = replay(environment, deliveries, zones_path, "--datum", "gcj02", "--map", MAPPING, "--handout-share", "1")
    assert done.returncode == 0, done.stderr
    counted = counted_again(deliveries.read_text(), zones_path)
    assert len(counted[1]) == len(zones)
    agrees(json.loads(done.stdout), counted)


@needs_jilin
async def test_jilin_agrees_with_an_independent_count(environment: dict[str, str], tmp_path: Path) -> None:
    """Every recorded delivery of Jilin gets a leaflet."""
    raw = lzma.decompress((JILIN / "delivery_jl.csv.xz").read_bytes()).decode()
    deliveries = tmp_path / "delivery_jl.csv"
    deliveries.write_text(raw)
    zones_path = JILIN / "jilin_subdistrict_voronoi_gcj02.geojson"
    done = replay(environment, deliveries, zones_path, "--datum", "gcj02", "--map", MAPPING, "--handout-share", "1")
    assert done.returncode == 0, done.stderr
    figures: dict[str, Any] = json.loads(done.stdout)
    agrees(figures, counted_again(raw, zones_path))
    assert figures["deliveries"] == 31_415
    assert len(figures["zones"]) == 45
