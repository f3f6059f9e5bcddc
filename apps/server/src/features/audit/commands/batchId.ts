import { randomBytes } from 'node:crypto';

/** A batch's events have its id but for the last six digits, which are their place from 0 on: 2^24 of them at most. */
const placeDigits = 6;
const lastPlace = 'f'.repeat(placeDigits);

/** A UUIDv7 whose last digits are zeros. */
export function makeBatchId(ms: number): string {
  const time = Math.max(0, ms).toString(16).padStart(12, '0');
  const random = randomBytes(7).toString('hex');
  const variant = ((Number.parseInt(random.slice(3, 4), 16) & 3) | 8).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(7, 13)}000000`;
}

export function eventId(batch: string, place: number): string {
  return batch.slice(0, -placeDigits) + place.toString(16).padStart(placeDigits, '0');
}

export function batchOf(event: string): string {
  return eventId(event, 0);
}

export function placeOf(event: string): number {
  return Number.parseInt(event.slice(-placeDigits), 16);
}

/** The greatest id that an event of this batch can have. */
export function lastIdOf(batch: string): string {
  return batch.slice(0, -placeDigits) + lastPlace;
}
