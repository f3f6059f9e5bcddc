import type { HostRun } from '@omanager/contract';
import { formatTime } from '../io/format.ts';
import { dim, type Text, yellow } from '../io/text.ts';

const shown = 30;
type Told = Pick<HostRun, 'name' | 'survivors' | 'probeAt' | 'state'>;

/** What still runs on servers and how to end it, and when lost ones are asked again. */
export function leftoverLines(runId: string, hosts: readonly Told[]): Text[] {
  const alive = hosts.filter(({ survivors }) => survivors.length > 0);
  const asked = hosts.filter(({ survivors, probeAt }) => survivors.length === 0 && probeAt !== null);
  return [
    ...alive.slice(0, shown).map((host) => survivorLine(runId, host)),
    ...more(alive.length, `om runs hosts ${runId} --not-ok`),
    ...asked
      .slice(0, shown)
      .map(({ name, probeAt }): Text => [`${name} will be asked what became of it at ${formatTime(probeAt)}`]),
    ...more(asked.length, `om runs hosts ${runId} --state lost`),
    ...(asked.length > 0 ? [dim(`ask now: om runs probe ${runId}`)] : []),
  ];
}

/** `Still running there: web-07 (pid 4711); end it with: om runs kill RUN web-07` */
function survivorLine(runId: string, { name, survivors }: Told): Text {
  return [
    yellow('Still running there: '),
    `${name} (pid ${survivors.join(', ')})`,
    dim(`; end it with: om runs kill ${runId} ${name}`),
  ];
}

const more = (count: number, look: string): Text[] => (count > shown ? [dim(`… ${count - shown} more: ${look}`)] : []);
