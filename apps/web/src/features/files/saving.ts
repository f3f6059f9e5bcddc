import { save } from '../run/log/download.ts';

/** Takes the content of a file, piece by piece. */
export interface Sink {
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** All has come: only now there is a file. */
  close(): Promise<void>;
  /** Nothing of it stays. */
  abort(): Promise<void>;
}

/** Where files go: opened one after another, when it is their turn. */
export interface Target {
  /** Bytes; null: as much as the disk has. */
  readonly limit: number | null;
  open(name: string): Promise<Sink>;
}

declare global {
  /** Not every browser has them, and TypeScript knows them nowhere. */
  interface Window {
    showSaveFilePicker?(options: { suggestedName: string }): Promise<FileSystemFileHandle>;
    showDirectoryPicker?(options: { mode: 'readwrite' }): Promise<FileSystemDirectoryHandle>;
  }
}

/** What a browser without a way to the disk is trusted to hold until it is whole. */
const blobLimit = 512 * 1024 * 1024;
/** Handed to the browser as blobs of this size: it may keep those outside the page's memory. */
const blobBytes = 4 * 1024 * 1024;

/** Asks the person where to: must begin in a click. Null: they would rather not. */
export async function chooseTarget(names: readonly string[]): Promise<Target | null> {
  try {
    const [first = ''] = names;
    if (names.length > 1 && window.showDirectoryPicker)
      return inFolder(await window.showDirectoryPicker({ mode: 'readwrite' }));
    if (names.length === 1 && window.showSaveFilePicker) {
      const file = await window.showSaveFilePicker({ suggestedName: localName(first) });
      return { limit: null, open: async () => sinkOf(await file.createWritable()) };
    }
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    // The window may not pick files: it downloads.
  }
  return asDownloads;
}

/** As the browser downloads: collected, and given to it whole. */
export const asDownloads: Target = {
  limit: blobLimit,
  async open(name) {
    let blobs: Blob[] = [];
    let waiting: Uint8Array<ArrayBuffer>[] = [];
    let bytes = 0;
    return {
      async write(piece) {
        waiting.push(piece);
        bytes += piece.length;
        if (bytes < blobBytes) return;
        blobs.push(new Blob(waiting));
        [waiting, bytes] = [[], 0];
      },
      async close() {
        save(new Blob([...blobs, ...waiting]), localName(name));
      },
      async abort() {
        [blobs, waiting] = [[], []];
      },
    };
  },
};

const inFolder = (folder: FileSystemDirectoryHandle): Target => ({
  limit: null,
  async open(name) {
    const file = await folder.getFileHandle(await freeName(folder, localName(name)), { create: true });
    const sink = sinkOf(await file.createWritable());
    return { ...sink, abort: () => sink.abort().then(() => folder.removeEntry(file.name)) };
  },
});

const sinkOf = (writable: FileSystemWritableFileStream): Sink => ({
  write: (bytes) => writable.write(bytes),
  close: () => writable.close(),
  abort: () => writable.abort(),
});

/** A name that nothing in the folder has: nobody was asked whether something may be replaced. */
async function freeName(folder: FileSystemDirectoryHandle, name: string): Promise<string> {
  const dot = name.lastIndexOf('.');
  const [base, end] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let n = 0; ; n++) {
    const candidate = n === 0 ? name : `${base} (${n})${end}`;
    if (!(await isTaken(folder, candidate))) return candidate;
  }
}

const isTaken = (folder: FileSystemDirectoryHandle, name: string): Promise<boolean> =>
  folder.getFileHandle(name).then(
    () => true,
    // A folder of that name is there as well.
    (error: unknown) => !(error instanceof DOMException && error.name === 'NotFoundError'),
  );

/** What every system takes as a name of a file. */
const localName = (name: string): string =>
  name
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no system wants them
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff<>:"/\\|?*]/g, '_')
    .replace(/[. ]+$/, '_') || '_';
