/**
 * The error catalogue: every way a call can be refused, as data. `rpc` is the JSON-RPC number, `http` the status of
 * `POST /rpc` for a single call, `message` the default text, which tells the operator what to do.
 * docs/protocol.md lists exactly this table (a test compares them).
 */
export const errorCatalogue = {
  PARSE_ERROR: { rpc: -32700, http: 400, message: 'The message is not JSON.' },
  INVALID_REQUEST: { rpc: -32600, http: 400, message: 'The message is not a JSON-RPC 2.0 request.' },
  METHOD_NOT_FOUND: {
    rpc: -32601,
    http: 404,
    message: 'There is no such method; client and server may differ in version.',
  },
  INVALID_PARAMS: { rpc: -32602, http: 400, message: 'A parameter is missing or wrong.' },
  INTERNAL: { rpc: -32603, http: 500, message: 'The server failed; its log has the cause under this error id.' },
  TOO_LARGE: { rpc: -32001, http: 413, message: 'The message is larger or deeper than the server accepts.' },
  UNAUTHENTICATED: { rpc: -32002, http: 401, message: 'Sign in first (om login).' },
  FORBIDDEN: { rpc: -32003, http: 403, message: 'Your role does not allow this; ask an admin.' },
  NOT_FOUND: { rpc: -32004, http: 404, message: 'There is no such object, or it was removed.' },
  CONFLICT: { rpc: -32005, http: 409, message: 'It clashes with what is already there.' },
  THROTTLED: { rpc: -32006, http: 429, message: 'Too many attempts; wait and try again.' },
  NOT_ENROLLED: { rpc: -32007, http: 401, message: 'This device is not enrolled; ask an admin for an invite link.' },
  TOTP_REQUIRED: { rpc: -32008, http: 401, message: 'Enter the code of your authenticator app to finish signing in.' },
  BAD_CREDENTIALS: { rpc: -32009, http: 401, message: 'Name, password or code is wrong.' },
  INVITE_INVALID: { rpc: -32010, http: 400, message: 'The invite is unknown, used or expired; ask for a new one.' },
  SELECTOR_INVALID: { rpc: -32011, http: 400, message: 'The selector cannot be read.' },
  NO_HOSTS: { rpc: -32012, http: 400, message: 'The selector matches no server; nothing would run.' },
  PLAN_EXPIRED: { rpc: -32013, http: 409, message: 'The plan has expired; make a new one.' },
  PLAN_CHANGED: {
    rpc: -32014,
    http: 409,
    message: 'What the plan rests on has changed; make a new plan and look again.',
  },
  CONFIRM_REQUIRED: {
    rpc: -32015,
    http: 400,
    message: 'This run must be confirmed by typing the phrase that its plan names.',
  },
  REASON_REQUIRED: {
    rpc: -32024,
    http: 400,
    message: 'This run must come with a reason of at least 10 characters.',
  },
  RUN_STATE: { rpc: -32016, http: 409, message: 'The run is not in a state that allows this.' },
  CALL_ID_REQUIRED: { rpc: -32017, http: 400, message: 'A changing call needs a UUID as its id, made by the client.' },
  CALL_ID_REUSED: { rpc: -32018, http: 409, message: 'This call id was already used for a different call.' },
  STREAM_ONLY: { rpc: -32019, http: 400, message: 'This method streams; call it over the sealed channel.' },
  BUSY: { rpc: -32020, http: 503, message: 'The server has too much to do or is stopping; try again shortly.' },
  MODULE_INVALID: { rpc: -32021, http: 400, message: 'The module manifest has mistakes.' },
  DISCONNECTED: {
    rpc: -32023,
    http: 503,
    message: 'There is no connection to the server (said by the client; the server never answers this).',
  },
  OUTPUT_REMOVED: {
    rpc: -32026,
    http: 410,
    message: 'The output was removed by retention; states and results are kept.',
  },
  UNREACHABLE: { rpc: -32027, http: 502, message: 'The server cannot be reached.' },
  HOST_REFUSED: { rpc: -32028, http: 422, message: 'The server refused to do it.' },
  LIMIT: { rpc: -32022, http: 400, message: 'It is beyond a limit of the module or the server.' },
} as const;

export type ErrorCode = keyof typeof errorCatalogue;

const codes: ReadonlySet<string> = new Set(Object.keys(errorCatalogue));

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && codes.has(value);
}

/** An error of the contract. `details` is plain data for programs (for example the field, or the selector position). */
export class OmError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: ErrorCode, message?: string, details?: Record<string, unknown>) {
    super(message ?? errorCatalogue[code].message);
    this.name = 'OmError';
    this.code = code;
    this.details = details;
  }
}
