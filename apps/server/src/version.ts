import { readFileSync } from 'node:fs';

const { version: read } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** The version of OMServer, from its package.json. */
export const version: string = read;
