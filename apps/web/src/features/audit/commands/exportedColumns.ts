/** The columns of a CSV file, in their order. */
export const exportedColumns = [
  ...(['id', 'at', 'receivedAt', 'hostId', 'hostName', 'kind', 'uid', 'user', 'loginUser', 'claimedUser'] as const),
  ...(['tty', 'session', 'number', 'source', 'directory', 'text', 'exit', 'via', 'runId', 'terminalId'] as const),
  ...(['outside', 'signed', 'marks', 'claimedAt', 'address'] as const),
];
