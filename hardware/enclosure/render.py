"""Pictures of meshes by a small software renderer: no window, no graphics card, numpy only."""

from dataclasses import dataclass, field
from itertools import pairwise
from math import cos, radians, sin

import numpy as np
import numpy.typing as npt

from hardware.enclosure.mesh import Points, Triangles, normals

Colour = tuple[int, int, int]
Picture = npt.NDArray[np.uint8]  # height x width x 3

SMOOTHER = 3  # each pixel is the mean of so many squared: edges without steps
PAPER: Colour = (255, 255, 255)
INK = 0.25  # what is left of the light on a line
AMBIENT = 0.55  # light from everywhere; the rest comes from over the left shoulder
LIGHT_FROM = np.array([-0.35, 0.55, 0.75])
CREASE = 0.80  # cosine of the angle between faces from which on a line is drawn
HAIR = 1e-6  # of a pixel or of a side: what rounding makes of nothing
STEP_MM = 0.4  # and of the step in depth


@dataclass(slots=True)
class Camera:
    """Looks at the origin from afar, without perspective, as drawings do."""

    turn_degrees: float
    tilt_degrees: float
    pixels_per_mm: float
    middle: tuple[float, float]  # where the origin is in the picture, pixels
    axes: Points = field(init=False)  # right, up, towards the eye

    def __post_init__(self) -> None:
        turn, tilt = radians(self.turn_degrees), radians(self.tilt_degrees)
        right = [cos(turn), sin(turn), 0.0]
        toward = [sin(turn) * cos(tilt), -cos(turn) * cos(tilt), sin(tilt)]
        self.axes = np.array([right, np.cross(toward, right), toward])

    def see(self, points: Points) -> Points:
        """Columns and rows in pixels, and the nearness in millimetres."""
        seen = points @ self.axes.T
        x = self.middle[0] + seen[..., 0] * self.pixels_per_mm
        y = self.middle[1] - seen[..., 1] * self.pixels_per_mm
        return np.stack([x, y, seen[..., 2]], axis=-1)


@dataclass(slots=True)
class Canvas:
    """What has been drawn: for each pixel its colour, how near, which way it faces, and whose."""

    width: int
    height: int
    colour: npt.NDArray[np.float64] = field(init=False)
    near: npt.NDArray[np.float64] = field(init=False)
    facing: Points = field(init=False)
    owner: npt.NDArray[np.int16] = field(init=False)
    solids: int = 0

    def __post_init__(self) -> None:
        size = (self.height * SMOOTHER, self.width * SMOOTHER)
        self.colour = np.ones((*size, 3)) * PAPER
        self.near = np.full(size, -np.inf)
        self.facing = np.zeros((*size, 3))
        self.owner = np.zeros(size, np.int16)

    def draw(self, triangles: Triangles, colour: Colour, camera: Camera) -> int:
        """A solid, and its number; what is nearer hides what is farther, in whatever order."""
        self.solids += 1
        corners = camera.see(triangles) * [SMOOTHER, SMOOTHER, 1]
        ways = normals(triangles) @ camera.axes.T
        light = LIGHT_FROM / np.linalg.norm(LIGHT_FROM)
        shades = AMBIENT + (1 - AMBIENT) * np.clip(ways @ light, 0, 1)
        for corner, way, shade in zip(corners, ways, shades, strict=True):
            if way[2] > 0:
                self._fill(corner, np.array(colour) * shade, way)
        return self.solids

    def visible(self, solid: int) -> tuple[float, float]:
        """A pixel well inside what is seen of a solid, towards its right; (column, row)."""
        rows, columns = np.nonzero(self.owner == solid)
        if rows.size == 0:
            raise ValueError(f"solid {solid} is hidden in the picture: lift it out of the others")
        column = np.quantile(columns, 0.8)
        row = np.median(rows[np.abs(columns - column) < SMOOTHER])
        return float(column) / SMOOTHER, float(row) / SMOOTHER

    def _fill(self, corner: Points, colour: Points, way: Points) -> None:
        left, top = np.maximum(np.floor(corner[:, :2].min(axis=0)), 0).astype(int)
        right, bottom = np.ceil(corner[:, :2].max(axis=0)).astype(int) + 1
        y, x = np.mgrid[top : min(bottom, len(self.near)), left : min(right, self.near.shape[1])]
        (x0, y0, z0), (x1, y1, z1), (x2, y2, z2) = corner
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if abs(area) < HAIR or x.size == 0:
            return
        u = ((x1 - x) * (y2 - y) - (x2 - x) * (y1 - y)) / area
        v = ((x2 - x) * (y0 - y) - (x0 - x) * (y2 - y)) / area
        depth = u * z0 + v * z1 + (1 - u - v) * z2
        part = self.near[y, x]
        over = (u >= -HAIR) & (v >= -HAIR) & (u + v <= 1 + HAIR) & (depth > part)
        rows, columns = y[over], x[over]
        self.near[rows, columns] = depth[over]
        self.colour[rows, columns] = colour
        self.facing[rows, columns] = way
        self.owner[rows, columns] = self.solids

    def finish(self) -> Picture:
        """With its outlines and creases drawn, as a picture."""
        line = np.zeros(self.near.shape, bool)
        for axis in (0, 1):
            ahead = np.roll(self.near, -1, axis)
            with np.errstate(invalid="ignore"):
                step = np.abs(self.near - ahead) > STEP_MM
            bend = (self.facing * np.roll(self.facing, -1, axis)).sum(axis=-1) < CREASE
            both = np.isfinite(self.near) & np.isfinite(ahead)
            line |= step | (bend & both)
        line |= np.roll(line, 1, 0) | np.roll(line, 1, 1)  # two fine pixels wide
        inked = np.where(line[..., None], self.colour * INK, self.colour)
        size = (self.height, SMOOTHER, self.width, SMOOTHER, 3)
        return np.asarray(inked.reshape(size).mean(axis=(1, 3)).round(), np.uint8)


def box(size: Points, at: Points) -> Triangles:
    """A block's mesh."""
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    halves = [(a, b, c) for a, b, c, _ in faces] + [(a, c, d) for a, _, c, d in faces]
    return np.asarray(corners[np.array(halves)] * np.asarray(size) / 2 + at)


def disc(size: Points, at: Points, sides: int = 48) -> Triangles:
    """A round block's mesh; its axis is z."""
    angles = np.linspace(0, 2 * np.pi, sides + 1)
    rim = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    found = []
    for (x0, y0), (x1, y1) in pairwise(rim):
        found += [
            [(0, 0, 1), (x0, y0, 1), (x1, y1, 1)],
            [(0, 0, -1), (x1, y1, -1), (x0, y0, -1)],
            [(x0, y0, -1), (x1, y1, -1), (x1, y1, 1)],
            [(x0, y0, -1), (x1, y1, 1), (x0, y0, 1)],
        ]
    return np.asarray(np.array(found, float) * np.asarray(size) / 2 + at)
