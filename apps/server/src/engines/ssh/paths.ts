import { OmError } from '@omanager/contract';
import type { RunInput } from '../../features/runs/ports.ts';

/** Puts the values of text params into a path. The result is a path for the host's file system, never shell. Throws OmError for one that cannot be. */
export function fillPath(path: string, params: RunInput['params']): string {
  const filled = path.replaceAll(/\{([a-z][a-z0-9_]*)\}/g, (_whole, name) => String(params[name] ?? ''));
  if (!filled.startsWith('/') || /\p{Cc}/u.test(filled) || filled.split('/').includes('..'))
    throw new OmError(
      'INVALID_PARAMS',
      `${path} must become an absolute path without .. and control characters; check its params.`,
    );
  return filled;
}
