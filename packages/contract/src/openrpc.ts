import { z } from 'zod';
import { contract } from './contract.ts';
import { errorCatalogue } from './errors.ts';

/** The OpenRPC 1.3 document (https://spec.open-rpc.org) of the whole contract. */
export function openRpcDocument(version: string): Record<string, unknown> {
  const methods = Object.entries(contract).map(([name, method]) => ({
    name,
    summary: method.summary,
    paramStructure: 'by-name',
    params: paramsOf(method.params),
    result: {
      name: method.kind === 'stream' ? 'event' : 'result',
      schema: z.toJSONSchema(method.result, { io: 'output', unrepresentable: 'any' }),
    },
    errors: Object.entries(errorCatalogue).map(([code, { rpc, message }]) => ({ code: rpc, message, data: { code } })),
    'x-kind': method.kind,
    'x-permission': method.permission,
    'x-secret-params': method.secretParams ?? [],
    'x-secret-result': method.secretResult ?? false,
  }));
  return { openrpc: '1.3.2', info: { title: 'OManager', version, license: { name: 'Apache-2.0' } }, methods };
}

function paramsOf(schema: z.ZodType): { name: string; required: boolean; schema: unknown }[] {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const required = new Set(json.required ?? []);
  return Object.entries(json.properties ?? {}).map(([name, property]) => ({
    name,
    required: required.has(name),
    schema: property,
  }));
}
