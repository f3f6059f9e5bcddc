/** Below, at or above zero, as numbers between dots: 1.10 is above 1.9, and 2 is 2.0.0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)];
  return [0, 1, 2].map((i) => (left[i] ?? 0) - (right[i] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

/** The version that usually follows: the last of its numbers is one more. */
export function versionAfter(version: string): string {
  const numbers = parts(version);
  return [...numbers.slice(0, -1), (numbers.at(-1) ?? 0) + 1].join('.');
}

function parts(version: string): number[] {
  return version.split('.').map(Number);
}
