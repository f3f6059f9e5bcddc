import { finalHostStates, type HostState, hostStates } from '@omanager/contract';
import { mayMove } from '../../apps/server/src/features/runs/decide/states.ts';

/** Why a host run makes a move; the moves themselves are those of the code. */
const reasons: Partial<Record<`${HostState} ${HostState}`, string>> = {
  'pending connecting': 'claimed, by a lease',
  'pending not_started': 'the run was stopped or aborted',
  'connecting pending': 'the lease ended, or a pause came',
  'connecting running': 'committed, then the script is sent',
  'connecting not_started': 'the run was stopped or aborted',
  'connecting unreachable': 'no connection',
  'connecting failed': 'cannot be begun',
  'running lost': 'the worker or the connection died',
  'lost ok': 'a probe: it had ended with 0',
  'lost failed': 'a probe: it had ended with another code',
};

/** The state machine of a host run as a mermaid diagram. The way back from an end, a retry, is a note instead of eight arrows. */
export function hostStateDiagram(): string {
  const ends = hostStates.filter((state) => finalHostStates.has(state));
  const stuck = ends.filter((state) => !mayMove(state, 'pending'));
  if (stuck.length > 0) throw new Error(`the note is wrong about ${stuck.join(', ')}: it cannot be retried`);
  const retried = (from: HostState, to: HostState) => finalHostStates.has(from) && to === 'pending';
  const moves = hostStates.flatMap((from) =>
    hostStates.filter((to) => mayMove(from, to) && !retried(from, to)).map((to) => edge(from, to)),
  );
  return [
    '```mermaid',
    'stateDiagram-v2',
    '  [*] --> pending',
    ...moves,
    ...ends.map((state) => `  ${state} --> [*]`),
    '  note right of pending',
    '    runs.retry brings any end back here, as a new attempt',
    '  end note',
    '```',
  ].join('\n');
}

function edge(from: HostState, to: HostState): string {
  const reason = reasons[`${from} ${to}`];
  return `  ${from} --> ${to}${reason ? ` : ${reason}` : ''}`;
}
