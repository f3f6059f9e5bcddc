import type { OmError } from '@omanager/contract';

export type FailureKind =
  | 'unreachable'
  | 'wrong_key'
  | 'crowded'
  | 'credentials'
  | 'throttled'
  | 'device'
  | 'invite'
  | 'unknown';

/** What a person can do about it is another thing for each. */
export function failureOf({ code, details }: OmError): FailureKind {
  switch (code) {
    case 'DISCONNECTED':
      return details?.cause === 'wrong_key' || details?.cause === 'crowded' ? details.cause : 'unreachable';
    case 'BAD_CREDENTIALS':
      return 'credentials';
    case 'THROTTLED':
      return 'throttled';
    case 'NOT_ENROLLED':
      return 'device';
    case 'UNAUTHENTICATED':
      return details?.cause === 'revoked' ? 'device' : 'unknown';
    case 'INVITE_INVALID':
      return 'invite';
    default:
      return 'unknown';
  }
}
