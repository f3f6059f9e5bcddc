import type { ResultOf } from '@omanager/contract';
import { type Cast, createCastWriter } from '../../audit/sessions/cast.ts';

/** More than this is not held by a page: the rest of such an output is not replayed. */
const most = { bytes: 64 * 1024 * 1024, events: 1_000_000 };
const rows = 30;
const cols = { least: 80, most: 160 };

type LinePage = Pick<ResultOf<'runs.lines'>, 'lines' | 'times'>;

/** Makes a recording of stored output: each line at the time at which it arrived, what went to stderr in red. */
export function createRunCast(startedAt: string | null) {
  const writer = createCastWriter(most);
  let begin = startedAt === null ? null : Date.parse(startedAt);
  let last = 0;
  let longest = 0;
  return {
    /** The next lines. False when it holds enough. */
    add({ lines, times }: LinePage): boolean {
      let place = 0;
      for (const { line, stream, text, end } of lines) {
        while ((times[place + 1]?.line ?? Number.POSITIVE_INFINITY) <= line) place++;
        const arrived = Date.parse(times[place]?.at ?? '');
        if (!Number.isNaN(arrived)) {
          begin = Math.min(begin ?? arrived, arrived);
          last = Math.max(last, (arrived - begin) / 1000);
        }
        const shown = stream === 'stderr' ? `\u001b[31m${text}\u001b[0m` : text;
        const data = shown + (end === 'newline' ? '\r\n' : end === 'cut' ? '…\r\n' : '');
        if (!writer.add(last, 'o', data)) return false;
        longest = Math.max(longest, text.length);
      }
      return true;
    },
    end(): Cast {
      writer.header({ cols: Math.min(cols.most, Math.max(cols.least, longest)), rows });
      return writer.cast;
    },
  };
}
