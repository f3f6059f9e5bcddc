import * as electron from 'electron';
import { startDesktop } from './desktop.ts';

startDesktop(electron, {
  built: import.meta.dirname,
  argv: process.argv,
  platform: process.platform,
  arch: process.arch,
}).catch((error: unknown) => {
  console.error(error);
  electron.app.exit(1);
});
