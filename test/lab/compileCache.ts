import { fileURLToPath } from 'node:url';

/** Node keeps compiled sources here: the hundreds of servers and clients that tests start need half a second less each. */
export const compileCache = fileURLToPath(new URL('../../node_modules/.cache/omanager-tests', import.meta.url));
