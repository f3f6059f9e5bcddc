import { clockOf } from '../../../ui/Time.tsx';

/** A duration in seconds with a tenth, or as a clock above a minute. */
export const duration = (ms: number): string => (ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : clockOf(ms));
