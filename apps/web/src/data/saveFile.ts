import { type FileContent, fileText } from '@omanager/desktop-bridge/page';
import { useDesktop } from '../app/DesktopContext.ts';

const types = { txt: 'text/plain', html: 'text/html', csv: 'text/csv', jsonl: 'application/jsonl' } as const;

/** Gives a file to the person: the desktop asks where, a browser downloads it. The name has no extension. */
export function useSaveFile(): (name: string, content: FileContent) => Promise<void> {
  const desktop = useDesktop();
  return async (name, content) => {
    if (desktop) {
      await desktop.ask('file.save', { suggestedName: name, content });
      return;
    }
    const url = URL.createObjectURL(new Blob([fileText(content)], { type: `${types[content.kind]};charset=utf-8` }));
    const anchor = document.createElement('a');
    anchor.href = url;
    anchor.download = `${name}.${content.kind}`;
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  };
}
