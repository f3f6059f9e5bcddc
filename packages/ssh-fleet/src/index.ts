export { SshError, type SshErrorReason } from './errors.ts';
export { createFleet, type Fleet, type FleetOptions, type FleetStats } from './fleet.ts';
export { fingerprint } from './hostKeys.ts';
export type { Lease } from './lease.ts';
export { type PrivateKeyProblem, type ReadPrivateKey, readPrivateKey } from './privateKey.ts';
export type { ExecOptions, Exit, OutputStream, RemoteProcess, SignalName } from './process.ts';
export { type FileStat, type Sftp, SftpError, type SftpFile } from './sftp.ts';
export type { HostKey, HostTrust, OfferedHostKey, SshAuth, SshCredential, SshHop, SshTarget } from './types.ts';
