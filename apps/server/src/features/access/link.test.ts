import { expect, it } from 'vitest';
import { inviteLink } from './link.ts';

it.each([
  [{ host: 'ops.example.com', port: 7443, tls: true }, 'omanager://ops.example.com:7443/?tls=1#KEY.CODE'],
  [{ host: '127.0.0.1', port: 8000, tls: false }, 'omanager://127.0.0.1:8000/#KEY.CODE'],
  [{ host: 'fd00::1', port: 7443, tls: true }, 'omanager://[fd00::1]:7443/?tls=1#KEY.CODE'],
  [{ host: '[::1]', port: 7443, tls: false }, 'omanager://[::1]:7443/#KEY.CODE'],
])('an invite link for %o', (origin, link) => {
  expect(inviteLink(origin, 'KEY', 'CODE')).toBe(link);
});
