"""What is printed is closed, strong enough, fits what it holds, and was made from its source."""

import importlib
import json
from functools import cache

import numpy as np
import pytest

from hardware.enclosure import FOLDER, NAMES, fingerprint, mesh, parameters, words
from hardware.enclosure.components import Block
from hardware.enclosure.shell import FACE_MM

THINNEST_MM = 1.2  # three lines of a 0.4 nozzle
CLEARANCE_MM = 0.15  # on every side of what lies inside
GRID_MM = 0.6  # between points looked at: half of the thinnest wall
MADE = json.loads((FOLDER / "made.json").read_text(encoding="utf-8"))
FILES = sorted(path.name for path in FOLDER.glob("*.stl"))
SMALL_BYTES = 3_000_000  # all meshes and pictures: this is a repository of text


@cache
def triangles(name):
    return mesh.read(FOLDER / name)


def blocks():
    return [
        pytest.param(name, block, id=f"{name}-{block.name}")
        for name in NAMES
        for block in importlib.import_module(f"hardware.enclosure.{name}").BLOCKS
    ]


def shells(name):
    return [triangles(file) for file in FILES if file.startswith(f"{name}_")]


def surface(block, more=CLEARANCE_MM):
    """Points on a block's faces, grown by the clearance."""
    half = np.array(block.size_mm) / 2 + more
    steps = [np.linspace(-side, side, int(2 * side / GRID_MM) + 2) for side in half]
    points = np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1).reshape(-1, 3)
    if block.disc:
        radius = np.hypot(points[:, 0], points[:, 1])
        edge = (radius > half[0] - GRID_MM) & (radius <= half[0])
        points = points[edge | ((np.abs(points[:, 2]) == half[2]) & (radius <= half[0]))]
    else:
        points = points[(np.abs(points) == half).any(axis=1)]
    angle = np.radians(block.tilt_degrees)
    turn = [[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]]
    return points @ np.array(turn).T + np.array(block.at_mm)


def test_every_enclosure_has_meshes_and_a_picture():
    assert {file.split("_")[0] for file in FILES} == set(NAMES) == set(MADE)
    assert all((FOLDER / f"{name}.png").is_file() for name in NAMES)


@pytest.mark.parametrize("file", FILES)
def test_a_mesh_is_watertight_and_the_right_way_round(file):
    assert mesh.open_edges(triangles(file)) == 0
    assert mesh.volume(triangles(file)) > 0


@pytest.mark.parametrize("file", FILES)
def test_no_wall_is_thinner_than_three_lines_of_a_nozzle(file):
    thin = mesh.thickness(triangles(file), THINNEST_MM - 0.01) < THINNEST_MM
    at = triangles(file).mean(axis=1)[thin].round(1)

    assert at.tolist() == []


@pytest.mark.parametrize(("name", "block"), blocks())
def test_a_part_fits_where_it_lies(name, block):
    points = surface(block)
    in_plastic = [points[mesh.inside(shell, points)] for shell in shells(name)]

    assert [found.round(1).tolist()[:3] for found in in_plastic] == [[] for _ in in_plastic]


@pytest.mark.parametrize("name", ["ring", "bracelet", "pendant"])
def test_every_part_lies_in_the_cavity(name):
    module = importlib.import_module(f"hardware.enclosure.{name}")
    x, y, _ = module.POD.cavity_mm
    low, high = [-x / 2, -y / 2, FACE_MM], [x / 2, y / 2, module.POD.front_mm]

    outside = [
        block.name
        for block in module.BLOCKS
        if (surface(block).min(axis=0) < low).any() or (surface(block).max(axis=0) > high).any()
    ]
    assert outside == []


@pytest.mark.parametrize("name", NAMES)
def test_no_part_lies_in_another(name):
    module = importlib.import_module(f"hardware.enclosure.{name}")

    clashes = [
        (one.name, two.name)
        for at, one in enumerate(module.BLOCKS)
        for two in module.BLOCKS[at + 1 :]
        if overlap(one, two)
    ]
    assert clashes == []


def overlap(one, two):
    """Whether the boxes around two parts cut into each other; discs by their true distance."""
    apart = np.abs(np.array(one.at_mm) - np.array(two.at_mm))
    room = (np.array(one.size_mm) + np.array(two.size_mm)) / 2
    if one.disc and two.disc:
        return apart[2] < room[2] and np.hypot(apart[0], apart[1]) < room[0]
    return bool((apart < room).all())


@pytest.mark.parametrize("name", NAMES)
def test_meshes_were_made_from_the_numbers_that_the_source_has_now(name):
    assert MADE[name]["parameters"] == parameters(name), "make hardware makes them again"


@pytest.mark.parametrize("name", NAMES)
def test_meshes_were_made_by_the_code_that_the_source_has_now(name):
    assert MADE[name]["source"] == fingerprint(name), "make hardware makes them again"


def test_comments_and_layout_do_not_change_a_fingerprint():
    code = '"""A box."""\nSIDE_MM = 3  # wide\n\n\ndef box():\n    return SIDE_MM\n'
    bare = "SIDE_MM = 3\ndef box(): return SIDE_MM\n"

    assert words(code) == words(bare)
    assert words(code) != words(bare.replace("3", "4"))


@pytest.mark.parametrize("name", NAMES)
def test_meshes_have_the_volumes_that_were_written_down(name):
    measured = {
        file.removesuffix(".stl").split("_")[1]: round(mesh.volume(triangles(file)), 1)
        for file in FILES
        if file.startswith(f"{name}_")
    }

    assert measured == MADE[name]["volume_mm3"]


def test_meshes_and_pictures_are_small():
    files = [path for path in FOLDER.parent.rglob("*") if path.suffix in (".stl", ".png", ".svg")]

    assert sum(path.stat().st_size for path in files) < SMALL_BYTES


CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], float)
BOX = CORNERS[[[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]]]  # a corner of a cube


def test_a_hole_in_a_mesh_is_found():
    assert mesh.open_edges(BOX) == 0
    assert mesh.open_edges(BOX[:3]) > 0


def test_a_mesh_turned_inside_out_has_a_negative_volume():
    assert mesh.volume(BOX) == pytest.approx(1 / 6)
    assert mesh.volume(BOX[:, ::-1]) == pytest.approx(-1 / 6)


def test_a_thin_wall_is_found():
    assert mesh.thickness(BOX * [1, 1, 0.1], up_to=1.0).min() < 0.1


def test_a_point_in_the_solid_is_told_from_one_beside_it():
    points = np.array([[0.1, 0.1, 0.1], [0.9, 0.9, 0.9], [0.1, 0.1, -0.1]])

    assert mesh.inside(BOX, points).tolist() == [True, False, False]


def test_a_part_that_is_too_large_is_found():
    board = importlib.import_module("hardware.enclosure.ring").BOARD
    larger = Block("too long", (17.8, 30.0, 4.5), board.at_mm)

    assert any(mesh.inside(shell, surface(larger)).any() for shell in shells("ring"))
