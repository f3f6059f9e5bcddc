export { fileText } from '@omanager/run-files';
export * from './bridge.ts';
export { fromBridged, toBridged } from './errors.ts';
export * from './models.ts';
export * from './requests.ts';
