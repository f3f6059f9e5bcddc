import { exitCodes, Interrupted } from './errors.ts';
import { runOm } from './program.ts';

const controller = new AbortController();

/** The first time: let go of what is waited for and say how to come back. The second time: end at once. */
function interrupt(): void {
  if (controller.signal.aborted) process.exit(exitCodes.other);
  controller.abort(new Interrupted());
}
process.on('SIGINT', interrupt);
process.on('SIGTERM', interrupt);

// `om … | head`: the reader has enough. Nothing is left to say; what runs on the server goes on.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.other);
  throw error;
});

process.exitCode = await runOm(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: controller.signal,
  onInterrupt: interrupt,
});
