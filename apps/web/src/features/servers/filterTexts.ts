import type { HostFilter } from '@omanager/contract';

/** The text of each filter that no selector can say. */
export const onlyText = {
  unreachable: 'unreachable',
  not_ok: 'not_ok',
  never_ran: 'never_ran',
  ungrouped: 'inNoCategory',
} as const satisfies Record<HostFilter, string>;
