/**
 * Runs in a page before its own scripts. Counts frames, notes when messages arrive and when cells are painted, and which
 * line of a log is on the screen. Text, since these programs know no DOM.
 */
export const probeScript = `(() => {
  if (window.omProbe) return;
  const probe = (window.omProbe = {});
  const afterFrame = (then) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => then(performance.now());
    channel.port2.postMessage(0);
  };
  const share = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;

  let lastMessage = 0;
  let arrived = [];
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', () => (lastMessage = performance.now()));
    }
  };
  // Messages are sealed: what one was shows when it is opened. Only servers of a run count.
  const parse = JSON.parse;
  JSON.parse = (text, ...more) => {
    if (text.length > 500 && text.includes('"method":"stream.event"') && text.includes('"ordinal":')) arrived.push(lastMessage);
    return parse(text, ...more);
  };

  let cells = 0;
  let delays = [];
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...box) {
    cells += 1;
    if (arrived.length > 0) {
      const shown = arrived;
      arrived = [];
      afterFrame((now) => delays.push(...shown.map((at) => now - at)));
    }
    return clear.apply(this, box);
  };

  let inputs = [];
  new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries())
      if (name === 'keydown' || name === 'pointerdown' || name === 'click') inputs.push(duration);
  }).observe({ type: 'event', durationThreshold: 16 });
  let largest = 0;
  new PerformanceObserver((list) => {
    largest = list.getEntries().at(-1)?.startTime ?? largest;
  }).observe({ type: 'largest-contentful-paint', buffered: true });

  let frames = [];
  let lags = [];
  let counting = false;
  const tick = (now) => {
    if (!counting) return;
    frames.push(now);
    const line = probe.lastLine();
    if (line) lags.push(Date.now() - line.at);
    requestAnimationFrame(tick);
  };
  /** The last line of the log that is on the screen, if it is one of the bench. */
  probe.lastLine = () => {
    const rows = document.querySelectorAll('[role=log] a');
    for (let i = rows.length - 1; i >= 0; i--) {
      const found = /line (\\d+) written (\\d+)/.exec(rows[i].parentElement.textContent);
      if (found) return { number: Number(found[1]), at: Number(found[2]), text: rows[i].parentElement.lastChild.textContent };
    }
    return null;
  };
  probe.begin = () => {
    [frames, lags, delays, inputs, arrived] = [[], [], [], [], []];
    cells = 0;
    counting = true;
    requestAnimationFrame(tick);
  };
  probe.end = () => {
    counting = false;
    const gaps = frames.slice(1).map((at, i) => at - frames[i]).sort((a, b) => a - b);
    const seconds = (frames.at(-1) - frames[0]) / 1000;
    for (const list of [lags, delays, inputs]) list.sort((a, b) => a - b);
    const of = (list) => ({ median: share(list, 0.5), p95: share(list, 0.95), max: list.at(-1) ?? 0 });
    return { seconds, fps: gaps.length / seconds, frame: of(gaps), over50: gaps.filter((gap) => gap > 50).length,
      cells, lag: of(lags), delay: of(delays), input: of(inputs), inputs: inputs.length };
  };
  /** Milliseconds from 'act' to the end of the first frame in which 'holds' does. */
  probe.until = (act, holds) => new Promise((resolve, reject) => {
    const began = performance.now();
    act();
    const look = () => {
      if (holds()) return afterFrame((now) => resolve(now - began));
      if (performance.now() - began > 20000) return reject(new Error('it never came: ' + holds));
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  probe.largest = () => largest;
  /** From the beginning of this page's load. */
  probe.ready = new Promise((resolve) => {
    const look = () => {
      const field = document.querySelector('main input:not([disabled]):not([type=checkbox])');
      if (field) return afterFrame(resolve);
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
})()`;

interface Spread {
  median: number;
  p95: number;
  max: number;
}

/** What \`omProbe.end()\` says; times in milliseconds. */
export interface Probed {
  seconds: number;
  fps: number;
  /** Between two frames. */
  frame: Spread;
  over50: number;
  /** Cells of the grid that were painted. */
  cells: number;
  /** Age of the newest line on the screen, at each frame. */
  lag: Spread;
  /** From the arrival of changed servers to the end of the frame that paints their cells. */
  delay: Spread;
  input: Spread;
  inputs: number;
}
