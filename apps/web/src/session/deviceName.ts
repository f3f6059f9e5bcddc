const browsers = ['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari'] as const;
const systems = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac', 'Linux'] as const;
const namesOf: Readonly<Record<string, string>> = { Edg: 'Edge', OPR: 'Opera', Mac: 'macOS' };

/** "Firefox, Linux": how a server's list of devices shows this one unless its person says otherwise. */
export function deviceNameOf(userAgent: string): string {
  const find = (names: readonly string[]): string[] => {
    const found = names.find((name) => userAgent.includes(name));
    return found === undefined ? [] : [namesOf[found] ?? found];
  };
  return [...find(browsers), ...find(systems)].join(', ') || 'Browser';
}
