export { type Params, paramsSchema } from './paramSchema.ts';
export type { ParamProblem } from './paramValue.ts';
export { checkParams } from './validateParams.ts';
