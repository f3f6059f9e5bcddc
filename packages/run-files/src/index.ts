export { escapeSequence, withoutAnsi } from './escapes.ts';
export { type FileContent, fileText } from './fileText.ts';
export { bytesOf, type Gathered, gather, mostBytes, type Places, placesOf } from './gather.ts';
export { type SampleLine, sampleLines } from './lines.ts';
export { fileParts, type RunFile } from './parts.ts';
export type { FileWords } from './words.ts';
export { block, columns, factsOf, headOf, logName, record, tableRow } from './writers.ts';
