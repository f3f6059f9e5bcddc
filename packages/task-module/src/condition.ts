/** For which values of other params a param is asked for; of several params all must hold. */
export type Condition = Readonly<Record<string, { readonly const: Plain } | { readonly enum: readonly Plain[] }>>;
type Plain = string | number | boolean;

interface Conditional {
  readonly default?: unknown;
  readonly 'x-when'?: Condition | undefined;
}

/** Whether a param is asked for, given the values of those that are asked for before it. */
export function isAsked({ 'x-when': when }: Conditional, values: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(when ?? {}).every(([name, wanted]) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return 'const' in wanted ? value === wanted.const : wanted.enum.some((one) => one === value);
  });
}

/** The names of the params that are asked for, with these values and the defaults, in their order. */
export function askedParams(
  properties: Readonly<Record<string, Conditional>>,
  given: Readonly<Record<string, unknown>>,
): string[] {
  const values: Record<string, unknown> = {};
  for (const [name, param] of Object.entries(properties)) {
    if (!isAsked(param, values)) continue;
    values[name] = Object.hasOwn(given, name) && given[name] !== undefined ? given[name] : param.default;
  }
  return Object.keys(values);
}
