/** Environments whose name begins with "prod" are production: gates, waves and what the client draws in red go by this alone. */
export const isProduction = (environment: string): boolean => /^prod/i.test(environment);
