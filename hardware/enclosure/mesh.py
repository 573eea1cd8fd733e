"""Triangle meshes: reading and writing STL, and what can be asked of them. Needs numpy only."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

Triangles = npt.NDArray[np.float64]  # n x 3 corners x 3 coordinates, millimetres
Points = npt.NDArray[np.float64]  # n x 3

HEADER_BYTES = 80
RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
PARALLEL = 1e-12  # a ray and a triangle that never meet, but for rounding
SAME_POINT_MM = 1e-4  # corners nearer than this are one
AT_ONCE = 400  # rays at a time: 400 rays x 5,000 triangles x 3 numbers are 48 MB


def read(path: Path) -> Triangles:
    """The triangles of a binary STL file."""
    data = path.read_bytes()
    count = int.from_bytes(data[HEADER_BYTES : HEADER_BYTES + 4], "little")
    if len(data) != HEADER_BYTES + 4 + count * RECORD.itemsize:
        raise ValueError(f"{path} is no binary STL of {count} triangles: {len(data)} bytes")
    records = np.frombuffer(data, RECORD, offset=HEADER_BYTES + 4)
    return np.asarray(records["corners"], np.float64)


def write(path: Path, triangles: Triangles) -> None:
    """A binary STL whose bytes say nothing but the shape."""
    records = np.zeros(len(triangles), RECORD)
    records["corners"] = triangles
    records["normal"] = normals(triangles)
    path.write_bytes(bytes(HEADER_BYTES) + len(triangles).to_bytes(4, "little") + records.tobytes())


def normals(triangles: Triangles) -> Points:
    """Of length one, outwards; zero where a triangle has no area."""
    a, b, c = triangles.transpose(1, 0, 2)
    across = np.cross(b - a, c - a)
    length = np.linalg.norm(across, axis=1, keepdims=True)
    return np.asarray(across / np.where(length > 0, length, 1))


def volume(triangles: Triangles) -> float:
    """Enclosed by a closed mesh, in cubic millimetres; negative if it is inside out."""
    a, b, c = triangles.transpose(1, 0, 2)
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)


def open_edges(triangles: Triangles) -> int:
    """Edges without exactly one twin that runs the other way: none if the mesh is watertight."""
    _, corner = np.unique(
        np.round(triangles.reshape(-1, 3) / SAME_POINT_MM).astype(np.int64),
        axis=0,
        return_inverse=True,
    )
    of = corner.reshape(-1, 3).astype(np.int64)
    many = of.max() + 1
    ends = np.concatenate([of[:, [0, 1]], of[:, [1, 2]], of[:, [2, 0]]])
    there = ends[:, 0] * many + ends[:, 1]
    back = ends[:, 1] * many + ends[:, 0]
    edges, counts = np.unique(there, return_counts=True)
    return int((counts != 1).sum() + (~np.isin(edges, back)).sum())


def inside(triangles: Triangles, points: Points) -> npt.NDArray[np.bool_]:
    """Which points lie in the solid: those whose ray along z leaves it an odd number of times."""
    # Off the grid by a hair: a ray through a corner would be counted twice.
    points = points + np.array([1.7e-4, 2.3e-4, 0.0])
    crossings = np.zeros(len(points), np.int64)
    low, high = triangles.min(axis=1), triangles.max(axis=1)
    for at in range(0, len(points), AT_ONCE):
        some = points[at : at + AT_ONCE, None, :]
        near = (some[..., 2] <= high[:, 2]).copy()
        for axis in (0, 1):
            near &= (some[..., axis] >= low[:, axis]) & (some[..., axis] <= high[:, axis])
        rays, others = np.nonzero(near)
        rays += at
        np.add.at(crossings, rays, _is_above(triangles[others], points[rays]))
    return np.asarray(crossings % 2 == 1)


def thickness(triangles: Triangles, up_to: float) -> npt.NDArray[np.float64]:
    """From the middle of each triangle straight through the material to the other side.

    Infinite where that is farther than `up_to`.
    """
    middles, into = triangles.mean(axis=1), -normals(triangles)
    ends = middles + into * up_to
    low, high = np.minimum(middles, ends), np.maximum(middles, ends)
    lowest, highest = triangles.min(axis=1), triangles.max(axis=1)
    found = np.full(len(triangles), np.inf)
    for at in range(0, len(triangles), AT_ONCE):
        some = slice(at, at + AT_ONCE)
        # Most triangles are far from most rays: what is left is few enough for the exact question.
        near = np.ones((len(low[some]), len(triangles)), bool)
        for axis in range(3):
            near &= low[some, None, axis] <= highest[None, :, axis]
            near &= high[some, None, axis] >= lowest[None, :, axis]
        rays, others = np.nonzero(near)
        rays += at
        far = _hit(triangles[others], middles[rays], into[rays])
        np.minimum.at(found, rays, np.where(far <= up_to, far, np.inf))
    return found


def _is_above(triangles: Triangles, points: Points) -> npt.NDArray[np.bool_]:
    """Whether the ray from each point along z goes through its triangle."""
    a, b, c = triangles.transpose(1, 0, 2)

    def side(one: Points, two: Points) -> npt.NDArray[np.float64]:
        along, to = two - one, points - one
        return np.asarray(along[:, 0] * to[:, 1] - along[:, 1] * to[:, 0])

    u, v, w = side(b, c), side(c, a), side(a, b)
    through = ((u > 0) & (v > 0) & (w > 0)) | ((u < 0) & (v < 0) & (w < 0))
    whole = np.where(through, u + v + w, 1)
    z = (u * a[:, 2] + v * b[:, 2] + w * c[:, 2]) / whole
    return np.asarray(through & (z > points[:, 2]))


def _hit(triangles: Triangles, starts: Points, ways: Points) -> npt.NDArray[np.float64]:
    """How far along its ray each triangle is, by Moller and Trumbore; infinite if it is missed."""
    a, b, c = triangles.transpose(1, 0, 2)
    ab, ac, back = b - a, c - a, starts - a
    across, turned = np.cross(ways, ac), np.cross(back, ab)
    scale = (across * ab).sum(axis=1)
    flat = np.abs(scale) < PARALLEL
    scale = np.where(flat, 1, scale)
    u = (back * across).sum(axis=1) / scale
    v = (turned * ways).sum(axis=1) / scale
    far = (turned * ac).sum(axis=1) / scale
    hit = ~flat & (u >= 0) & (v >= 0) & (u + v <= 1) & (far > SAME_POINT_MM)
    return np.asarray(np.where(hit, far, np.inf))
