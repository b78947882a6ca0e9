// Whether a place lies in a district.

/**
 * @param {{type: string, coordinates: any}} geometry GeoJSON: a Polygon or a MultiPolygon
 * @param {number} longitude
 * @param {number} latitude
 */
export function isWithin({ type, coordinates }, longitude, latitude) {
  const polygons = type === "Polygon" ? [coordinates] : coordinates;
  return polygons.some((/** @type {[number, number][][]} */ rings) => rings.reduce((inside, ring) => inside !== isIn(ring, longitude, latitude), false));
}

/**
 * Whether an odd number of edges lies west of a place. A hole is a ring within a ring.
 * @param {[number, number][]} ring
 * @param {number} longitude
 * @param {number} latitude
 */
function isIn(ring, longitude, latitude) {
  return ring.reduce((inside, [x, y], index) => {
    const [nextX, nextY] = ring[(index + 1) % ring.length];
    const crosses = y > latitude !== nextY > latitude && longitude > x + ((latitude - y) / (nextY - y)) * (nextX - x);
    return inside !== crosses;
  }, false);
}
