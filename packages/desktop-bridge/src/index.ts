export * from './bridge.ts';
export { fromBridged, toBridged } from './errors.ts';
export { fileText } from './fileText.ts';
export * from './models.ts';
export * from './requests.ts';
