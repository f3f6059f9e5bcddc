import { runOmserver } from './program.ts';
import { hideSecrets } from './secretWords.ts';

const stop = new AbortController();

/** The first time: stop in order. The second time: at once. */
function onSignal(signal: NodeJS.Signals): void {
  if (stop.signal.aborted) process.exit(signal === 'SIGINT' ? 130 : 143);
  stop.abort();
}
process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);

// `omserver openrpc | head`: the reader has enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(1);
  throw error;
});

// The database holds the truth, so a process in an unknown state ends and is started again.
process.on('uncaughtException', (error) => {
  const details = { level: 'fatal', time: new Date().toISOString(), err: hideSecrets('err', error), msg: 'crashed' };
  process.stderr.write(`${JSON.stringify(details)}\n`);
  process.exit(1);
});

// Whatever a command writes is for its owner alone.
process.umask(0o077);

process.exitCode = await runOmserver(process.argv.slice(2), {
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: stop.signal,
});
// Something forgotten must not keep a finished command from ending.
setTimeout(() => process.exit(), 1000).unref();
