import type { HostState } from '@omanager/contract';
import { stateAt, unknownState } from '../../../live/runStore.ts';
import { type Tone, toneOf } from '../../../ui/stateTones.ts';
import type { CellLayout } from './cellLayout.ts';

/** The colours of now, read from the tokens once for each theme. */
export interface Palette {
  readonly tones: Readonly<Record<Tone, string>>;
  readonly onSolid: string;
  readonly line: string;
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    tones: {
      ...{ ok: token('ok'), failed: token('failed'), unreach: token('unreach'), warn: token('warn') },
      ...{ accent: token('accent'), aborted: token('aborted'), pending: token('pending') },
    },
    onSolid: token('on-solid'),
    line: token('line'),
  };
}

const ring = 'M10.2 6a4.2 4.2 0 1 1-8.4 0a4.2 4.2 0 1 1 8.4 0';
/** The glyphs of StateGlyph, as paths in a square of 12. */
const glyphs: Readonly<Record<HostState, { line?: string; fill?: string }>> = {
  ok: { line: 'M2 6.5 4.7 9.2 10 3.2' },
  failed: { line: 'M2.8 2.8l6.4 6.4M9.2 2.8 2.8 9.2' },
  unreachable: { fill: 'M7 .8 2.5 7H6L5 11.2 9.5 5H6z' },
  timed_out: { line: 'M9.9 6.8a3.9 3.9 0 1 1-7.8 0a3.9 3.9 0 1 1 7.8 0M6 4.8v2l1.2.9M4.8 1.2h2.4' },
  running: { line: ring, fill: 'M6 1.8a4.2 4.2 0 0 1 0 8.4z' },
  connecting: { line: ring },
  pending: { line: ring },
  aborted: { line: `${ring}M3.1 8.9 8.9 3.1` },
  lost: { line: 'M4 4.3A2 2 0 1 1 6.6 6.2c-.4.2-.6.5-.6 1V7.6M6 10v.1' },
  not_started: { line: 'M2.5 6h7' },
  skipped: { line: 'M2.5 3 5.5 6l-3 3M6.5 3l3 3-3 3' },
};
const paths = new Map<HostState, { line: Path2D | null; fill: Path2D | null }>();
function pathsOf(state: HostState): { line: Path2D | null; fill: Path2D | null } {
  const known = paths.get(state);
  if (known) return known;
  const { line, fill } = glyphs[state];
  const made = { line: line ? new Path2D(line) : null, fill: fill ? new Path2D(fill) : null };
  paths.set(state, made);
  return made;
}

const outlined: ReadonlySet<HostState> = new Set(['running', 'connecting', 'pending', 'not_started', 'skipped']);

/** Paints the cells whose state is not the one in `painted`, and notes it there. `faded`: those a filter leaves out. */
export function paintCells(
  context: CanvasRenderingContext2D,
  layout: CellLayout,
  states: Uint8Array,
  painted: Uint8Array,
  palette: Palette,
  only: HostState | null,
): void {
  for (let place = 0; place < layout.order.length; place++) {
    const index = states[layout.order[place] ?? 0] ?? unknownState;
    if (painted[place] === index) continue;
    painted[place] = index;
    const [x = 0, y = 0] = [layout.x[place], layout.y[place]];
    context.clearRect(x - 1, y - 1, layout.size + 2, layout.size + 2);
    if (index === unknownState) continue;
    const state = stateAt(index);
    const dim = only !== null && only !== state ? 0.2 : 1;
    paintCell(context, { x, y, size: layout.size, state, dim }, palette);
  }
}

function paintCell(
  context: CanvasRenderingContext2D,
  { x, y, size, state, dim }: { x: number; y: number; size: number; state: HostState; dim: number },
  palette: Palette,
): void {
  const tone = palette.tones[toneOf(state)];
  const outline = outlined.has(state);
  const small = size <= 10;
  context.globalAlpha = (state === 'ok' ? (small ? 0.45 : 0.13) : 1) * dim;
  context.fillStyle = tone;
  context.strokeStyle = toneOf(state) === 'accent' ? tone : palette.line;
  context.lineWidth = 1;
  if (small) {
    // No round corners: a path costs many times as much as a rectangle, and there are thousands.
    if (outline) context.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
    else context.fillRect(x, y, size, size);
    context.globalAlpha = 1;
    return;
  }
  context.beginPath();
  if (outline) {
    context.roundRect(x + 0.5, y + 0.5, size - 1, size - 1, 3);
    context.stroke();
  } else {
    context.roundRect(x, y, size, size, 3);
    context.fill();
  }
  const { line, fill } = pathsOf(state);
  const ink = outline || state === 'ok' ? tone : palette.onSolid;
  context.globalAlpha = dim;
  context.save();
  context.translate(x + 4, y + 4);
  context.scale((size - 8) / 12, (size - 8) / 12);
  context.strokeStyle = ink;
  context.fillStyle = ink;
  context.lineWidth = 1.8;
  context.lineCap = state === 'pending' || state === 'connecting' ? 'butt' : 'round';
  context.lineJoin = 'round';
  if (state === 'pending' || state === 'connecting') context.setLineDash([2, 1.7]);
  if (line) context.stroke(line);
  if (fill) context.fill(fill);
  context.restore();
  context.globalAlpha = 1;
}
