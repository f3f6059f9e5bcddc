/** Where the composer opens with these servers chosen. */
export const composeFor = (selector: string): string => `/run?targets=${encodeURIComponent(selector)}`;

export const hostAddress = (name: string): string => `/servers/host/${encodeURIComponent(name)}`;
