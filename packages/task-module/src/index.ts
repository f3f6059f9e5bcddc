export * from './conversation.ts';
export * from './hostQueries.ts';
export { type Body, families, type Manifest, type Risk, risks } from './manifest.ts';
export { createMarks, type Marks } from './marks.ts';
export { createMasker, type Masker } from './mask.ts';
export type { Param, Params } from './paramSchema.ts';
export { digestOf, type ManifestProblem, type ParsedManifest, parseManifest, validateModules } from './parse.ts';
export { quoteForLoginShell, shellQuote } from './quote.ts';
export { type RenderedScript, type RenderInput, renderShell, type ShellValue } from './render.ts';
export { renderScript, type ScriptInput } from './renderScript.ts';
export { checkParamName, reservedNames } from './reserved.ts';
export { createStatusScanner, type WrapperEvent } from './statusLines.ts';
export {
  type FileValue,
  fileParamsOf,
  type ParamProblem,
  secretParamsOf,
  type Validated,
  validateParams,
} from './validate.ts';
export * from './wrap.ts';
