/** `{name}` in a path of a copy or fetch body stands for the value of that text param. */
const placeholder = /\{([^{}]*)\}/g;

/** The params that a path names. */
export function paramsInPath(path: string): string[] {
  return [...path.matchAll(placeholder)].map(([, name = '']) => name);
}

/**
 * What is wrong with the value of a param in a path, if anything. A param that is the whole path may say any absolute path; one that is a part
 * of it stays within the folder that the module's author wrote.
 */
export function checkPathValue(
  path: string,
  name: string,
  value: unknown,
): 'not_absolute' | 'leaves_folder' | undefined {
  const text = typeof value === 'string' ? value : '';
  const whole = path === `{${name}}`;
  if (whole) return /^\/[^/]/.test(text) && !text.endsWith('/') && !climbs(text) ? undefined : 'not_absolute';
  return text === '' || text.includes('/') || text === '.' || climbs(text) ? 'leaves_folder' : undefined;
}

function climbs(path: string): boolean {
  return path.split('/').includes('..');
}
