import type { z } from 'zod';
import type { MethodDefinition } from './method.ts';
import { accessMethods } from './methods/access.ts';
import { agentMethods } from './methods/agents.ts';
import { alertMethods } from './methods/alerts.ts';
import { alertTargetMethods } from './methods/alertTargets.ts';
import { auditMethods } from './methods/audit.ts';
import { commandMethods } from './methods/commands.ts';
import { fileMethods } from './methods/files.ts';
import { followMethods } from './methods/follow.ts';
import { inventoryMethods } from './methods/inventory.ts';
import { ledgerMethods } from './methods/ledger.ts';
import { moduleMethods } from './methods/modules.ts';
import { outputMethods } from './methods/output.ts';
import { runMethods } from './methods/runs.ts';
import { settingsMethods } from './methods/settings.ts';
import { systemMethods } from './methods/system.ts';
import { terminalMethods } from './methods/terminals.ts';
import { timelineMethods } from './methods/timeline.ts';
import { vaultMethods } from './methods/vault.ts';
import { workerMethods } from './methods/workers.ts';

/** Every method that client and server know. */
export const contract = {
  ...systemMethods,
  ...accessMethods,
  ...settingsMethods,
  ...inventoryMethods,
  ...vaultMethods,
  ...moduleMethods,
  ...runMethods,
  ...outputMethods,
  ...followMethods,
  ...auditMethods,
  ...commandMethods,
  ...timelineMethods,
  ...agentMethods,
  ...alertMethods,
  ...alertTargetMethods,
  ...ledgerMethods,
  ...terminalMethods,
  ...fileMethods,
  ...workerMethods,
};

export type Contract = typeof contract;
export type MethodName = keyof Contract;

type OfKind<K extends MethodDefinition['kind']> = {
  [N in MethodName]: Contract[N]['kind'] extends K ? N : never;
}[MethodName];
export type QueryName = OfKind<'query'>;
export type ChangeName = OfKind<'change'>;
export type StreamName = OfKind<'stream'>;

/** What a caller passes (defaults may be left out), what a handler gets, and what comes back. */
export type ParamsIn<N extends MethodName> = z.input<Contract[N]['params']>;
export type ParamsOf<N extends MethodName> = z.output<Contract[N]['params']>;
export type ResultOf<N extends MethodName> = z.output<Contract[N]['result']>;

export function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(contract, name);
}
