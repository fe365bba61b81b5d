/** Along the surface, by the haversine formula on a sphere of 6,371 km: good to half a percent. */
export type Point = readonly [latitude: number, longitude: number];

export function distanceKm([latitude1, longitude1]: Point, [latitude2, longitude2]: Point): number {
  const [phi1, phi2] = [toRadians(latitude1), toRadians(latitude2)];
  const haversine =
    Math.sin((phi2 - phi1) / 2) ** 2 +
    Math.cos(phi1) * Math.cos(phi2) * Math.sin(toRadians(longitude2 - longitude1) / 2) ** 2;
  return 2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(haversine)));
}

const earthRadiusKm = 6_371;
const toRadians = (degrees: number): number => (degrees * Math.PI) / 180;
