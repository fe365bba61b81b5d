/** Which places an earthquake shook, strongest first. */
import { distanceKm } from "../distanceKm.ts";
import { estimateIntensity } from "./estimateIntensity.ts";

export type ShakenPlace = { readonly id: string; readonly latitude: number; readonly longitude: number };

export type Earthquake = ShakenPlace & { readonly magnitude: number; readonly depthKm: number };

export type Exposure<Place, Event> = {
  readonly place: Place;
  readonly earthquake: Event;
  readonly km: number;
  /** Modified Mercalli. */
  readonly intensity: number;
};

/** Every pair at or above `intensityMin`; of equals the nearer first. */
export function findExposures<Place extends ShakenPlace, Event extends Earthquake>(
  places: readonly Place[],
  earthquakes: readonly Event[],
  intensityMin: number,
): readonly Exposure<Place, Event>[] {
  const exposures = earthquakes
    // Nowhere is it stronger than at the epicentre.
    .filter((earthquake) => estimateIntensity(earthquake, 0) >= intensityMin)
    .flatMap((earthquake) =>
      places.map((place) => {
        const km = distanceKm([earthquake.latitude, earthquake.longitude], [place.latitude, place.longitude]);
        return { place, earthquake, km, intensity: estimateIntensity(earthquake, km) };
      }),
    )
    .filter(({ intensity }) => intensity >= intensityMin);
  return exposures.sort((one, other) => other.intensity - one.intensity || one.km - other.km);
}
