#!/usr/bin/env node
// Verifies a file that was exported from the audit, without the server:
//   node verify-export.mjs commands.jsonl commands.jsonl.sig PUBLIC_KEY
// Exit code 0: signed and whole; 2: signed, but the export was cut; 1: not signed.
// The public key is the one you wrote down (`omserver audit key`), not the one in the file. Needs nothing but Node.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';

const [file, signatureFile, trusted] = process.argv.slice(2);
if (!file || !signatureFile || !trusted) fail('usage: node verify-export.mjs FILE FILE.sig PUBLIC_KEY');
for (const needed of [file, signatureFile]) if (!existsSync(needed)) fail(`there is no ${needed}`);
const { manifest, signature } = parsed(readFileSync(signatureFile, 'utf8'));
if (typeof manifest !== 'string' || typeof signature !== 'string') fail('this is no signature of an export');

// 1. What is said of the file was signed by the key that you trust.
const key = publicKey(trusted);
if (!verify(null, Buffer.from(manifest), key, Buffer.from(signature, 'base64'))) fail('it is not signed by this key');
const said = JSON.parse(manifest);
if (said.type !== 'om-export-1') fail('what is signed is no export of type om-export-1');

// 2. The file is the one that was signed, to the last byte.
const hash = createHash('sha256');
for await (const part of createReadStream(file)) hash.update(part);
if (hash.digest('hex') !== said.sha256) fail('the file is not the one that was signed');

const what = said.whole === false ? 'SIGNED, BUT CUT: there were more than these' : 'SIGNED:';
console.log(`${what} ${said.events} events (${said.kind}), exported by ${JSON.stringify(said.by)} at ${said.at}`);
console.log(`filter ${JSON.stringify(said.filter)}, first ${said.firstEvent}, last ${said.lastEvent}`);
if (said.ledger) console.log(`the ledger was then at block ${said.ledger.block}, hash ${said.ledger.hash}`);
// What is there is as it was exported, and is not all that was asked for.
if (said.whole === false) process.exitCode = 2;

function publicKey(text) {
  const x = Buffer.from(text, 'base64').toString('base64url');
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  } catch {
    return fail(`${text} is not a public key of 44 characters`);
  }
}

function parsed(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

function fail(message) {
  console.error(`NOT SIGNED: ${message}`);
  process.exit(1);
}
