import type { CDPSession, Page } from 'playwright-core';
import { z } from 'zod';

const eventSchema = z.object({
  name: z.string(),
  ph: z.string(),
  ts: z.number(),
  dur: z.number().default(0),
  /** Time of the processor, where it is known: what else the machine did meanwhile is not in it. */
  tdur: z.number().optional(),
  pid: z.number(),
  tid: z.number(),
  args: z.looseObject({ name: z.string().optional() }).default({}),
});
type TraceEvent = z.infer<typeof eventSchema>;

/** What the browser did, by thread, in milliseconds of each frame: what is ours, and what is the drawing machine's. */
export interface FrameCosts {
  frames: number;
  costs: { thread: string; work: string; msPerFrame: number }[];
}

const categories = [
  'toplevel',
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'cc',
  'viz',
  'blink',
  'v8',
];
const kinds: readonly [RegExp, string][] = [
  [
    /^(FunctionCall|EvaluateScript|FireAnimationFrame|TimerFire|EventDispatch|RunMicrotasks|v8\.|V8\.|WebSocketReceive|HandlePostMessage|MajorGC|MinorGC)/i,
    'script',
  ],
  [/^(UpdateLayoutTree|Document::updateStyle|RecalculateStyles)/, 'style'],
  [/^(Layout|LocalFrameView::performLayout|HitTest)$/, 'layout'],
  [
    /^(PrePaint|Paint|PaintArtifactCompositor|Layerize|UpdateLayer|Commit|ProxyMain::BeginMainFrame::commit)/i,
    'paint and commit',
  ],
  [/^(RasterTask|RasterizerTask|RasterBufferProvider|BitmapRasterBufferProvider|ImageDecodeTask)/, 'raster'],
  [/(SoftwareRenderer|SkiaRenderer|SoftwareOutputDevice|DirectRenderer|Display::Draw|DrawAndSwap)/, 'draw the frame'],
];
const threads: Readonly<Record<string, string>> = {
  CrRendererMain: 'page',
  Compositor: 'compositor',
  VizCompositorThread: 'display',
  CrGpuMain: 'display',
};

/** Records a trace while `work` goes on, and sums up what each thread did itself. */
export async function traced(page: Page, work: () => Promise<number>): Promise<FrameCosts> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => {
    for (const one of value) {
      const { data } = eventSchema.safeParse(one);
      if (data && (data.ph === 'X' || data.ph === 'M')) events.push(data);
    }
  });
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: categories, recordMode: 'recordContinuously' },
  });
  const frames = await work();
  await ended(session);
  await session.detach();
  return { frames, costs: costsOf(events, frames) };
}

async function ended(session: CDPSession): Promise<void> {
  const complete = new Promise<void>((resolve) => session.once('Tracing.tracingComplete', () => resolve()));
  await session.send('Tracing.end');
  await complete;
}

function costsOf(events: readonly TraceEvent[], frames: number): FrameCosts['costs'] {
  const names = new Map<string, string>();
  for (const { name, ph, pid, tid, args } of events)
    if (ph === 'M' && name === 'thread_name') names.set(`${pid} ${tid}`, args.name ?? '');
  const byThread = Map.groupBy(
    events.filter(({ ph }) => ph === 'X'),
    ({ pid, tid }) => `${pid} ${tid}`,
  );
  const sums = new Map<string, number>();
  for (const [id, own] of byThread) {
    const name = names.get(id) ?? '';
    const thread = threads[name] ?? (/ThreadPool|Raster/.test(name) ? 'raster workers' : 'other threads');
    for (const [work, ms] of selfTimes(own)) sums.set(`${thread}|${work}`, (sums.get(`${thread}|${work}`) ?? 0) + ms);
  }
  return [...sums]
    .map(([key, ms]) => {
      const [thread = '', work = ''] = key.split('|');
      return { thread, work, msPerFrame: ms / Math.max(1, frames) };
    })
    .filter(({ msPerFrame }) => msPerFrame >= 0.05)
    .sort((a, b) => b.msPerFrame - a.msPerFrame);
}

/** By kind of work, without what is nested in it; what has no kind of its own counts for what it is part of. */
function selfTimes(events: TraceEvent[]): Map<string, number> {
  const sums = new Map<string, number>();
  const open: { end: number; work: string; self: number }[] = [];
  const close = (until: number) => {
    for (let top = open.at(-1); top && top.end <= until; top = open.at(-1)) {
      sums.set(top.work, (sums.get(top.work) ?? 0) + top.self / 1000);
      open.pop();
    }
  };
  for (const { name, ts, dur, tdur = dur } of events.sort((a, b) => a.ts - b.ts || b.dur - a.dur)) {
    close(ts);
    const parent = open.at(-1);
    if (parent) parent.self -= tdur;
    const work = kinds.find(([pattern]) => pattern.test(name))?.[1] ?? parent?.work ?? 'other';
    open.push({ end: ts + dur, work, self: tdur });
  }
  close(Number.POSITIVE_INFINITY);
  return sums;
}

export function printFrameCosts(title: string, { frames, costs }: FrameCosts): void {
  console.log(`\n${title}: milliseconds of each frame, over ${frames} frames`);
  for (const { thread, work, msPerFrame } of costs)
    console.log(`${msPerFrame.toFixed(2).padStart(8)}  ${thread}: ${work}`);
}
