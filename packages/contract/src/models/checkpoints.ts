import { z } from 'zod';
import { timeSchema } from './common.ts';

export const checkpointTargetKinds = ['file', 'syslog', 'webhook'] as const;

/** Why a checkpoint did not leave. */
export const checkpointFailures = [
  'name_unknown',
  'unreachable',
  'timeout',
  'tls',
  'closed',
  'answer',
  'not_writable',
  'no_space',
  'unknown',
] as const;
export type CheckpointFailure = (typeof checkpointFailures)[number];

/** A place outside the database that checkpoints of the ledger are brought to. */
export const checkpointTargetSchema = z.object({
  kind: z.enum(checkpointTargetKinds),
  place: z.string().describe('of a file its path, else the beginning of the address: the rest may be a secret'),
  receipt: z.boolean().describe('false: by UDP, where nobody says whether it arrived'),
  sent: z.object({ block: z.int(), at: timeSchema }).nullable().describe('the newest checkpoint that it took'),
  behind: z.int().describe('checkpoints that were made since then; only the newest of them is sent'),
  failure: z
    .object({
      what: z.enum(checkpointFailures),
      detail: z.string().describe('a code of the system, or the status of the answer'),
      since: timeSchema,
      at: timeSchema,
    })
    .nullable()
    .describe('of the last attempt'),
});
export type CheckpointTarget = z.infer<typeof checkpointTargetSchema>;

const failureTexts: Readonly<Record<CheckpointFailure, readonly [what: string, mend: string]>> = {
  name_unknown: ['the name has no address', 'correct the name, or the DNS of this machine'],
  unreachable: ['it cannot be reached', 'see that it runs, and that firewalls let this machine through'],
  timeout: ['it did not take the checkpoint in time', 'see that it runs, and that firewalls let this machine through'],
  tls: [
    'its certificate is not trusted, or it does not speak TLS',
    'the certificate must be valid, for this very name, and of a CA that this machine trusts (NODE_EXTRA_CA_CERTS)',
  ],
  closed: ['it closed the connection', 'see its log: it may not take messages of this machine'],
  answer: ['it refused the checkpoint', 'see its log, and whether the address and its token are still right'],
  not_writable: ['the file cannot be written', 'see that its folder exists and the server’s user may write there'],
  no_space: ['its disk is full', 'make room there'],
  unknown: ['it failed', 'see the log of the server'],
};

/** What is wrong with a target and what to do, in English; null when it has the newest checkpoint or soon will. */
export function checkpointProblem({ failure }: Pick<CheckpointTarget, 'failure'>): {
  message: string;
  mend: string;
} | null {
  if (!failure) return null;
  const [what, mend] = failureTexts[failure.what];
  return { message: `${what} (${failure.detail})`, mend };
}
