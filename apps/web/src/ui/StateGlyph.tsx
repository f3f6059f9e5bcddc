import type { HostState, RunState } from '@omanager/contract';

const check = <path d="M2 6.5 4.7 9.2 10 3.2" />;
const ring = <circle cx="6" cy="6" r="4.2" />;
const dashed = <circle cx="6" cy="6" r="4.2" strokeDasharray="2 1.7" />;
const half = (
  <>
    {ring}
    <path d="M6 1.8a4.2 4.2 0 0 1 0 8.4z" fill="currentColor" />
  </>
);
const bars = <path d="M4.2 2.5v7M7.8 2.5v7" />;
const question = <path d="M4 4.3A2 2 0 1 1 6.6 6.2c-.4.2-.6.5-.6 1V7.6M6 10v.1" />;

const glyphs: Readonly<Record<HostState | RunState, React.ReactNode>> = {
  ok: check,
  succeeded: check,
  failed: <path d="M2.8 2.8l6.4 6.4M9.2 2.8 2.8 9.2" />,
  partly_succeeded: (
    <>
      <path d="M6 1.6 11 10.4H1z" />
      <path d="M6 5v2.2M6 8.9v.1" />
    </>
  ),
  unreachable: <path d="M7 .8 2.5 7H6L5 11.2 9.5 5H6z" fill="currentColor" stroke="none" />,
  timed_out: (
    <>
      <circle cx="6" cy="6.8" r="3.9" />
      <path d="M6 4.8v2l1.2.9M4.8 1.2h2.4" />
    </>
  ),
  connecting: dashed,
  running: half,
  aborted: (
    <>
      {ring}
      <path d="M3.1 8.9 8.9 3.1" />
    </>
  ),
  lost: question,
  not_started: <path d="M2.5 6h7" />,
  skipped: <path d="M2.5 3 5.5 6l-3 3M6.5 3l3 3-3 3" />,
  pending: dashed,
  queued: dashed,
  pausing: bars,
  paused: bars,
  stopping: <rect x="2.8" y="2.8" width="6.4" height="6.4" rx="1" />,
};

/** The mark of a state, 12 px; the word stands beside it or is its title. */
export function StateGlyph({ state, size = 12 }: { state: HostState | RunState; size?: number }) {
  return (
    <svg
      {...{ width: size, height: size, viewBox: '0 0 12 12', fill: 'none', stroke: 'currentColor' }}
      {...{ strokeWidth: 1.6, strokeLinecap: 'round', strokeLinejoin: 'round' }}
      aria-hidden="true"
    >
      {glyphs[state]}
    </svg>
  );
}
