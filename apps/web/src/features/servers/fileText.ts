/** The text of a file: UTF-8, or what spreadsheets in China write when it is not. */
export function textOfFile(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
}

/** As the server counts it. */
export const byteLength = (text: string): number => new TextEncoder().encode(text).length;
